import { type OrdersResult, runOrders, startSender } from "./measure/run.ts";
import { startStubs } from "./measure/stubProcess.ts";
import { redisProgram } from "./product/redis.ts";
import { type Shape, startProduct } from "./product/start.ts";

export interface OrdersOptions {
  shapes: Shape[];
  orders: number;
  connections: number;
  repeats: number;
  rate?: number;
  warmUp: number;
  env?: Record<string, string>;
  profileTo?: string;
}

export interface OrdersReport {
  results: OrdersResult[];
  skipped: string[];
}

/** The product alone, in each shape: a warm-up, then repeats of the reference workload. */
export async function benchOrders(options: OrdersOptions): Promise<OrdersReport> {
  const { shapes, orders, connections, repeats, warmUp, rate } = options;
  const results: OrdersResult[] = [];
  const skipped: string[] = [];
  const stubs = await startStubs();
  const sender = startSender();
  try {
    for (const shape of shapes) {
      if (shape === "redis" && !redisProgram()) {
        skipped.push("redis: there is no redis-server or valkey-server on this machine");
        continue;
      }
      const product = await startProduct(shape, stubs, options);
      try {
        await product.assertDurable();
        const run = (count: number, paced?: number) =>
          runOrders({
            system: `orderloom ${shape}`,
            url: product.hookUrl,
            tops: product.tops,
            stubs,
            sender,
            orders: count,
            connections,
            ...(paced === undefined ? {} : { rate: paced }),
          });
        if (warmUp > 0) await run(warmUp);
        for (let n = 0; n < repeats; n++) results.push(await run(orders, rate));
      } finally {
        await product.stop();
      }
    }
  } finally {
    sender.stop();
    await stubs.stop();
  }
  return { results, skipped };
}
