import { setTimeout as sleep } from "node:timers/promises";
import { memoryOf } from "./measure/processes.ts";
import { firstIdNow, type OrdersResult, round, runOrders, startSender } from "./measure/run.ts";
import { startStubs } from "./measure/stubProcess.ts";
import { askRedis } from "./product/redis.ts";
import { type Product, query, startProduct } from "./product/start.ts";

/** Memory of one part over a long run, in megabytes. */
export interface PartMemory {
  part: string;
  /** Means of the first and of the last third of the samples. */
  firstThirdMb: number;
  lastThirdMb: number;
  peakMb: number;
  /** Growth of the means; flat is within 0.1. */
  growth: number;
}

export interface MemoryReport {
  run: OrdersResult;
  parts: PartMemory[];
  /** With the ERP's connection paused: orders accepted and waiting, and what Redis used for their hints. */
  backlog: { waiting: number; redisMb: number };
}

const SAMPLE_MS = 1_000;

/** Orders before the first sample: the machine code is made and pools are open by then. */
const WARM_UP = 2_000;

/**
 * Orders a second while memory is watched: less than the product does, so that every third of the run does the same work.
 * As fast as they can, a first third would be mostly accepts, with processes at rest that have their work later.
 */
export const MEMORY_RATE = 250;

/** The product on Redis over many orders at an even rate, then as many more that wait behind a paused connection. */
export async function benchMemory(orders: number, connections: number, rate: number): Promise<MemoryReport> {
  const stubs = await startStubs();
  const sender = startSender();
  try {
    const product = await startProduct("redis", stubs);
    try {
      const run = (count: number) =>
        runOrders({
          system: "orderloom redis",
          url: product.hookUrl,
          tops: product.tops,
          stubs,
          sender,
          orders: count,
          connections,
          rate,
        });
      await run(Math.min(WARM_UP, orders));
      const samples: Record<string, number>[] = [];
      const sampling = setInterval(() => samples.push(memoryOf(product.tops)), SAMPLE_MS);
      const done = await run(orders);
      clearInterval(sampling);
      return { run: done, parts: partsOf(samples), backlog: await backlogOf(product, () => sendOnly(orders)) };
    } finally {
      await product.stop();
    }

    async function sendOnly(count: number): Promise<void> {
      const url = product.hookUrl;
      await sender.send({ url, orders: count, connections, firstId: firstIdNow() });
    }
  } finally {
    sender.stop();
    await stubs.stop();
  }
}

const mean = (values: number[]): number => values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length);

function partsOf(samples: Record<string, number>[]): PartMemory[] {
  const third = Math.floor(samples.length / 3);
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  return names.map((part) => {
    const values = samples.map((sample) => sample[part] ?? 0);
    const [first, last] = [mean(values.slice(0, third)), mean(values.slice(-third))];
    return {
      part,
      firstThirdMb: round(first, 1),
      lastThirdMb: round(last, 1),
      peakMb: Math.max(...values),
      growth: round(last / first - 1, 3),
    };
  });
}

/** The ERP's connection is paused, orders keep coming: what waits costs Redis no more than a window of hints. */
async function backlogOf(product: Product, send: () => Promise<void>): Promise<MemoryReport["backlog"]> {
  await query(product.databaseUrl, "update connection set state = 'paused' where name = 'bench-erp'");
  // What processes know of connections is a second old at most.
  await sleep(2_000);
  await send();
  const used = /used_memory:(\d+)/.exec(await askRedis(product.redisPort ?? 0, "INFO memory"))?.[1];
  const [row] = await query<{ waiting: number }>(
    product.databaseUrl,
    "select count(*)::int as waiting from run where state = 'RUNNING'",
  );
  return { waiting: row?.waiting ?? 0, redisMb: round(Number(used) / 1_048_576, 1) };
}
