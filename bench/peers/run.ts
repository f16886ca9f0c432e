import { type OrdersResult, runOrders, startSender } from "../measure/run.ts";
import { startStubs } from "../measure/stubProcess.ts";
import { redisProgram } from "../product/redis.ts";
import { startProduct } from "../product/start.ts";
import { type Peer, peersFolder, startN8n, startNodeRed } from "./start.ts";

export interface PeersOptions {
  /** Where `installPeers` put them. */
  folder: string;
  repeats: number;
  connections: number;
  /** Orders of one repeat; n8n gets a third, since it takes ten times as long. */
  orders: number;
}

export interface PeersReport {
  results: OrdersResult[];
  /** Orders a second of one system over another's in the same round. */
  ratios: { of: string; over: string; perRound: number[]; median: number; min: number; max: number }[];
  notes: string[];
}

/** Said beside the figures, always. */
const notes = [
  "n8n and Node-RED acknowledge before anything is stored; Orderloom acknowledges after the commit (fsync on, synchronous_commit on).",
  "n8n and Node-RED check no signature here; Orderloom verifies the HMAC of every order.",
  "n8n 2.8.4 and Node-RED 4.1.8 are not their newest versions: those need a newer Node.",
  "Node-RED keeps everything in memory and loses it with the process.",
];

/** The addresses that are written down in the peers' flows. */
const stubPorts = { erpPort: 17_401, wmsPort: 17_411 };

/** All systems started once; then round by round one after the other, so that what changes on the machine meets all. */
export async function benchPeers({ folder, repeats, connections, orders }: PeersOptions): Promise<PeersReport | string> {
  const files = peersFolder();
  if (!files) return "the peers' files (../shared/peers) are not on this machine";
  const stops: (() => Promise<void>)[] = [];
  try {
    const stubs = await startStubs(stubPorts);
    stops.push(() => stubs.stop());
    const sender = startSender();
    stops.push(async () => sender.stop());
    const systems: (Peer & { orders: number })[] = [];
    const add = (peer: Peer, count: number): void => {
      stops.push(() => peer.stop());
      systems.push({ ...peer, orders: count });
    };
    for (const shape of redisProgram() ? (["redis", "embedded"] as const) : (["embedded"] as const)) {
      const product = await startProduct(shape, stubs);
      add({ system: `orderloom ${shape}`, url: product.hookUrl, tops: product.tops, stop: () => product.stop() }, orders);
      await product.assertDurable();
    }
    add(await startNodeRed(files, folder), orders);
    add(await startN8n(files, folder), Math.ceil(orders / 3));
    const run = ({ system, url, tops }: Peer, count: number) =>
      runOrders({ system, url, tops, stubs, sender, orders: count, connections });
    for (const each of systems) await run(each, Math.ceil(each.orders / 2));
    const rounds: OrdersResult[][] = [];
    for (let round = 0; round < repeats; round++) {
      const results: OrdersResult[] = [];
      for (const each of systems) results.push(await run(each, each.orders));
      rounds.push(results);
    }
    return { results: rounds.flat(), ratios: ratiosOf(rounds), notes };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

function ratiosOf(rounds: OrdersResult[][]): PeersReport["ratios"] {
  const rate = (results: OrdersResult[], system: string) =>
    results.find((each) => each.system === system)?.ordersPerSecond ?? Number.NaN;
  const systems = (rounds[0] ?? []).map(({ system }) => system);
  const ours = systems.filter((system) => system.startsWith("orderloom"));
  const others = systems.filter((system) => !system.startsWith("orderloom"));
  return ours.flatMap((of) =>
    others.map((over) => {
      const perRound = rounds.map((results) => Number((rate(results, of) / rate(results, over)).toFixed(2)));
      const sorted = [...perRound].sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
      return { of, over, perRound, median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
    }),
  );
}
