import { readFile } from "node:fs/promises";
import { fromRoot } from "#runtime/root.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { Flow } from "#schemas/flow.ts";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster.ts";
import { deploy } from "./deploy.ts";
import { makeUnpaced } from "./impatientVersion.ts";
import { query } from "./query.ts";
import { startRedis } from "./redis.ts";
import { type WatchedTarget, watch } from "./watchedTarget.ts";

/** The flow of the first shop, and of the second. */
export const BUSY = "shopify-order-to-cash";
export const OTHER = "second-shop";

export interface TwoShops {
  cluster: Cluster;
  /** The ERP of the first shop, and the other one. */
  erp: WatchedTarget;
  second: WatchedTarget;
  /** How a connection stands in `dev`. */
  health(name?: string): Promise<Record<string, unknown>>;
  /** One statement, past the product. */
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** The sandbox's company with an ERP that is watched, and a second shop with an ERP of its own or the same. */
export async function startTwoShops(options: ClusterOptions & { onRedis?: boolean; sameErp?: boolean } = {}): Promise<TwoShops> {
  const { onRedis = false, sameErp = true, ...more } = options;
  const redis = onRedis ? await startRedis() : null;
  const cluster = await startCluster({ redisUrl: redis?.url, ...more });
  const [erp, second] = await Promise.all([watch(cluster.sandboxUrl), watch(cluster.sandboxUrl)]);
  const own = northwind("").find(({ connector }) => connector === "netsuite");
  if (!own) throw new Error("The sandbox has no ERP.");
  const at = (name: string, url: string) =>
    cluster.connect({ ...own, name, config: { ...own.config, baseUrl: `${url}/northwind-erp` } });
  await at("northwind-erp", erp.url);
  await at("second-erp", second.url);
  const flow = JSON.parse(await readFile(fromRoot("flows", `${BUSY}.flow.json`), "utf8")) as Flow;
  const { revision: _revision, ...drawn } = flow as Flow & { revision?: number };
  await deploy(
    cluster,
    { ...drawn, id: OTHER, name: "Second shop" },
    {
      slots: { shop: "northwind-shop", erp: sameErp ? "northwind-erp" : "second-erp", wms: "northwind-wms" },
    },
  );
  await makeUnpaced(cluster.databaseUrl);
  return {
    cluster,
    erp,
    second,
    async health(name = "northwind-erp") {
      const { items } = (await cluster.call("GET", "/api/v1/environments/dev/connections")).body;
      return items.find((each: { name: string }) => each.name === name)?.health;
    },
    query: (text, values) => query(cluster.databaseUrl, text, values),
    async stop() {
      await cluster.killAll();
      await cluster.stop();
      await Promise.all([erp.close(), second.close()]);
      await redis?.stop();
    },
  };
}

let made = 0;
export const orders = (count: number) =>
  Array.from({ length: count }, () => {
    const order = makeShopifyOrder("fairness", ++made);
    return { key: `${order.id}`, body: order.body };
  });

/** Many orders from one: only the id differs, which is what the targets know them by. */
export function manyOrders(count: number) {
  const [model] = orders(1);
  return Array.from({ length: count }, (_, index) => {
    const key = `77${String(index).padStart(11, "0")}`;
    return { key, body: (model?.body ?? "").replaceAll(model?.key ?? "", key) };
  });
}
