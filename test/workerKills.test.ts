import { afterEach, describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { add, compare } from "#schemas/decimal.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { hasRedis, startRedis, type TestRedis } from "./support/redis.ts";
import { until } from "./support/until.ts";

const ORDERS = 500;
const KILLS = 10;
const SENDERS = 8;

let cluster: Cluster | undefined;
let redis: TestRedis | null = null;
afterEach(async () => {
  await cluster?.stop();
  await redis?.stop();
  cluster = undefined;
  redis = null;
});

describe.each([
  ["the PostgreSQL backend", false],
  ["Redis", true],
] as const)("workers killed (kill -9) while %s carries the hints", (_name, onRedis) => {
  it.skipIf(onRedis && !hasRedis)(
    `${KILLS} kills during ${ORDERS} orders: every order is in the ERP and in the WMS exactly once`,
    { timeout: 300_000 },
    async () => {
      redis = onRedis ? await startRedis() : null;
      const running = await startCluster({ redisUrl: redis?.url, workers: 2 });
      cluster = running;
      const orders = Array.from({ length: ORDERS }, (_, index) => makeShopifyOrder(`kills ${onRedis}`, index + 1));
      // Slow answers, so that kills hit requests under way.
      await running.fault({ connection: "northwind-erp", kind: "delay", times: ORDERS, delayMs: 30 });

      let next = 0;
      const sender = async () => {
        for (let order = orders[next++]; order; order = orders[next++]) {
          const answer = await running.deliverSurely(order.body, { "x-shopify-event-id": order.eventId });
          expect(answer.status).toBe(202);
        }
      };
      const killer = async () => {
        for (let kill = 1; kill <= KILLS; kill++) {
          const at = Math.floor((kill - Math.random()) * (ORDERS / KILLS));
          await until(async () => next >= ORDERS || (await posted(running)) >= at, { timeoutMs: 120_000, what: `order ${at}` });
          await running.killWorker(kill % 2);
        }
      };
      await Promise.all([killer(), ...Array.from({ length: SENDERS }, sender)]);
      await running.settled(180_000);

      const { rows: inErp, total } = await running.ledger("northwind-erp", "salesOrders");
      expect(inErp).toHaveLength(ORDERS);
      expect(inErp.filter((row) => row.creates !== 1)).toEqual([]);
      expect(new Set(inErp.map((row) => row.key))).toEqual(new Set(orders.map((order) => `SHOPIFY_${order.id}`)));
      const sent = orders.reduce((sum, order) => add(sum, order.grand), "0");
      expect(compare(total, sent)).toBe(0);
      const { rows: inWms } = await running.ledger("northwind-wms", "orders");
      expect(inWms.filter((row) => row.creates !== 1)).toEqual([]);
      expect(inWms).toHaveLength(orders.filter((order) => order.ships).length);
      expect((await running.call("GET", "/api/v1/dead-letters?limit=1")).body.items).toEqual([]);
    },
  );
});

const posted = async (cluster: Cluster): Promise<number> => (await cluster.ledger("northwind-erp", "salesOrders")).rows.length;
