import { setTimeout as sleep } from "node:timers/promises";
import { idempotencyModes } from "#schemas/manifest.ts";
import { until } from "../support/until.ts";
import { breaker, type Fault, type Kill } from "./faults.ts";
import { type Installation, startInstallation } from "./installation.ts";
import { type Expected, type Letter, oracle, type Verdict } from "./oracle.ts";
import { chaosFlows, sender, type Traffic, trafficOf } from "./orders.ts";
import { seededRandom } from "./random.ts";

export interface ChaosOptions {
  backend: "redis" | "postgres";
  kills: number;
  orders: number;
  /** Nothing more is sent or broken after this; undefined for no bound. */
  seconds?: number | undefined;
  seed: number;
  workers?: number;
  /** A pause between two faults, about. */
  faultEveryMs?: number;
  /** Asked to stop: what was sent so far goes to its end, and is judged. */
  signal?: AbortSignal;
  /** Another entry than the product's own. */
  entry?: string;
  progress?: (line: string) => void;
}

export interface ChaosReport {
  seed: number;
  backend: "redis" | "postgres";
  orders: number;
  deliveries: number;
  kills: Partial<Record<Kill, number>>;
  faults: Partial<Record<Fault, number>>;
  durationS: number;
  /** From the last kill until nothing was under way any more. */
  settledInS: number;
  verdict: Verdict;
}

const LEASE_MS = 1_500;
/** Targets apply this late at most; the quiet period leaves room for the time-out and the age of an intent beside it. */
const LATE_MS = 1_200;
const QUIET_PERIOD_MS = 5_000;

/** Deliveries under way at once. */
const SENDERS = 24;
/** More than this many runs open, and the senders wait: the harness is to meet work under way, not to fill a disk. */
const MOST_OPEN = 2_000;
const FAULT_EVERY_MS = 250;
/** Processes that start at the same time; more would only wait for a core. */
const KILLERS = 2;
const SETTLE_WITHIN_MS = 600_000;

/** Sends orders while everything breaks, lets what is left end, and asks the oracle. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const installation = await startInstallation({
    backend: options.backend,
    workers: options.workers ?? 3,
    flows: chaosFlows,
    leaseMs: LEASE_MS,
    quietPeriodMs: QUIET_PERIOD_MS,
    ...(options.entry === undefined ? {} : { entry: options.entry }),
  });
  try {
    return await breakIt(installation, options);
  } finally {
    await installation.stop();
  }
}

/** How the run stands, seen by senders, killers and faults at once. */
interface Standing {
  sent: number;
  accepted: number;
  deliveries: number;
  kills: number;
  open: number;
  over: boolean;
}

async function breakIt(installation: Installation, options: ChaosOptions): Promise<ChaosReport> {
  const random = seededRandom(options.seed);
  const startedAt = performance.now();
  const breaks = breaker(installation, random, { leaseMs: LEASE_MS, lateMs: LATE_MS });
  const standing: Standing = { sent: 0, accepted: 0, deliveries: 0, kills: 0, open: 0, over: false };
  const report = { kills: {} as ChaosReport["kills"], faults: {} as ChaosReport["faults"] };
  const traffic = Array.from({ length: options.orders }, (_, index) => trafficOf(index + 1, random));
  const outOfTime = () =>
    options.signal?.aborted || (options.seconds !== undefined && performance.now() - startedAt > options.seconds * 1000);
  const killing = () => standing.kills < options.kills && !outOfTime();

  const killer = async () => {
    while (killing()) {
      // In step with the orders, so that the last kill still meets some.
      if (standing.kills * options.orders > standing.accepted * options.kills) {
        await sleep(20);
        continue;
      }
      standing.kills += 1;
      const kind = await breaks.kill();
      report.kills[kind] = (report.kills[kind] ?? 0) + 1;
    }
  };
  const faults = async () => {
    while (!standing.over) {
      const kind = await breaks.fault();
      if (kind) report.faults[kind] = (report.faults[kind] ?? 0) + 1;
      await sleep((options.faultEveryMs ?? FAULT_EVERY_MS) * (0.5 + random.next()));
    }
  };
  const watch = async () => {
    while (!standing.over) {
      standing.open = await openRuns(installation).catch(() => standing.open);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      options.progress?.(
        `${seconds} s: ${standing.accepted} of ${options.orders} orders accepted, ${standing.open} runs open, ${standing.kills} of ${options.kills} kills`,
      );
      await sleep(500);
    }
  };
  const sending = sendAll(installation, traffic, standing, options, { killing, outOfTime });
  const breaking = Promise.all(Array.from({ length: KILLERS }, killer));
  const others = Promise.all([faults(), watch()]);
  await Promise.all([sending, breaking]);
  standing.over = true;
  await others;
  await breaks.mend();
  const lastAt = performance.now();
  options.progress?.("Everything was mended; what is left goes to its end.");
  await until(async () => (await openRuns(installation)) === 0, {
    timeoutMs: SETTLE_WITHIN_MS,
    everyMs: 250,
    what: "all runs to end",
  });
  const sent = traffic.slice(0, standing.sent).map((each) => each.expected);
  return {
    seed: options.seed,
    backend: options.backend,
    orders: sent.length,
    deliveries: standing.deliveries,
    ...report,
    durationS: Math.round((performance.now() - startedAt) / 1000),
    settledInS: Math.round((performance.now() - lastAt) / 1000),
    verdict: await verdictOf(installation, sent),
  };
}

async function sendAll(
  installation: Installation,
  traffic: Traffic[],
  standing: Standing,
  options: ChaosOptions,
  { killing, outOfTime }: { killing: () => boolean; outOfTime: () => boolean | undefined },
): Promise<void> {
  const { send, close } = sender(installation.url);
  /** Orders wait for the kills, so that these are spread over all of them. */
  const allowed = () => (standing.kills + KILLERS + 1) * Math.ceil(options.orders / Math.max(1, options.kills));
  const one = async () => {
    for (;;) {
      const next = traffic[standing.sent];
      if (!next) return;
      if (outOfTime()) return;
      if (killing() && standing.sent >= allowed()) {
        await sleep(20);
        continue;
      }
      if (standing.open > MOST_OPEN) {
        await sleep(50);
        continue;
      }
      standing.sent += 1;
      // The messages of one document are sent at the same time: they overtake each other.
      standing.deliveries += next.deliveries.length;
      await Promise.all(next.deliveries.map(send));
      standing.accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, one));
  await close();
}

async function openRuns({ database }: Installation): Promise<number> {
  const { rows } = await database.query<{ open: number }>("select count(*)::int as open from run where state = 'RUNNING'");
  return rows[0]?.open ?? 0;
}

async function verdictOf({ targets, database }: Installation, sent: Expected[]): Promise<Verdict> {
  const applied = (await Promise.all(idempotencyModes.map((mode) => targets.applied(mode)))).flat();
  const { rows } = await database.query<Letter & { node: string }>(
    "select document_key as document, node_id as node, class, reason from dead_letter",
  );
  const effects = new Set<string>(idempotencyModes);
  const letters = rows.map(({ node, ...letter }) => ({ ...letter, system: effects.has(node) ? node : null }));
  return oracle(sent, applied, letters);
}
