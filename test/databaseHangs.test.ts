import { afterEach, describe, expect, it } from "vitest";
import { type MadeOrder, makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { type CuttableProxy, cuttableProxy } from "./support/cuttableProxy.ts";
import { makeImpatient } from "./support/impatientVersion.ts";
import { query } from "./support/query.ts";
import { hasRedis, startRedis, type TestRedis } from "./support/redis.ts";
import { until } from "./support/until.ts";

const ORDERS = 40;

/** How long the processes under test wait for an answer of the database. */
const WITHIN_MS = 1_500;

let cluster: Cluster | undefined;
let redis: TestRedis | null = null;
let proxy: CuttableProxy | undefined;
afterEach(async () => {
  proxy?.thaw();
  await cluster?.stop();
  await redis?.stop();
  await proxy?.close();
  cluster = undefined;
  redis = null;
  proxy = undefined;
});

const ask = <Row extends object>(running: Cluster, statement: string): Promise<Row[]> => query(running.databaseUrl, statement);

describe.each([
  ["the PostgreSQL backend", false],
  ["Redis", true],
] as const)("a PostgreSQL that hangs, with hints on %s", (name, onRedis) => {
  it.skipIf(onRedis && !hasRedis)(
    "refuses senders in bounded time, and once it answers again every order has gone through once",
    async () => {
      redis = onRedis ? await startRedis() : null;
      const running = await startCluster({
        redisUrl: redis?.url,
        env: { ORDERLOOM_DATABASE_TIMEOUT_MS: `${WITHIN_MS}`, ORDERLOOM_LEASE_MS: "4000" },
        databaseVia: async (url) => {
          const direct = new URL(url);
          proxy = await cuttableProxy({ host: direct.hostname, port: Number(direct.port) });
          direct.hostname = "127.0.0.1";
          direct.port = `${proxy.port}`;
          return direct.href;
        },
      });
      cluster = running;
      await makeImpatient(running.databaseUrl);
      const orders: MadeOrder[] = Array.from({ length: ORDERS }, (_, index) => makeShopifyOrder(`hang ${name}`, index + 1));
      await running.fault({ connection: "northwind-erp", kind: "delay", times: ORDERS, delayMs: 50 });
      const sent = Promise.all(orders.map((order) => running.deliverSurely(order.body, { "x-shopify-event-id": order.eventId })));
      const posted = async () => (await running.ledger("northwind-erp", "salesOrders")).rows.length;
      for (const [share, what] of [
        [3, "both"],
        [12, "answers"],
        [24, "both"],
      ] as const) {
        await until(async () => (await posted()) >= share, { timeoutMs: 60_000, what: `${share} orders` });
        proxy?.freeze(what);
        const begun = performance.now();
        const refused = await running.deliver(makeShopifyOrder(`refused ${name}`, share).body);
        expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([503, "notCommitted", "5"]);
        expect(performance.now() - begun).toBeLessThan(WITHIN_MS * 5);
        proxy?.thaw();
      }
      await sent;
      await running.settled(90_000);
      const erp = (await running.ledger("northwind-erp", "salesOrders")).rows;
      expect(orders.filter((order) => !erp.some((row) => row.key === `SHOPIFY_${order.id}`))).toEqual([]);
      const wms = (await running.ledger("northwind-wms", "orders")).rows;
      expect([...erp, ...wms].filter((row) => row.creates !== 1)).toEqual([]);
      expect(await ask(running, "select class, reason from dead_letter")).toEqual([]);
      expect(await ask(running, "select id from run where open_tasks <> 0 or state <> 'SUCCEEDED'")).toEqual([]);
      expect(await ask(running, "select outcome from attempt where outcome = 'bug'")).toEqual([]);
    },
  );
});
