import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { chain, deploy } from "./support/deploy.ts";
import { until } from "./support/until.ts";

const TASKS = 6;
/** So long that nothing in this test comes from a lease that ran out. */
const LEASE_MS = 120_000;

let cluster: Cluster;
let database: pg.Pool;
let system: Server;
/** Requests that nobody has answered yet. */
const open: ServerResponse[] = [];

beforeAll(async () => {
  system = createServer((_request, response) => open.push(response));
  await new Promise<void>((resolve) => system.listen(0, "127.0.0.1", resolve));
  cluster = await startCluster({ env: { ORDERLOOM_LEASE_MS: String(LEASE_MS) } });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
  await cluster.connect({
    name: "parcels",
    connector: "shipstation",
    config: { accountName: "parcels", baseUrl: `http://127.0.0.1:${(system.address() as AddressInfo).port}` },
    secrets: { apiKey: "k", apiSecret: "s" },
  });
  const slots = [{ name: "parcels", connector: "shipstation" }];
  const keep = { id: "keep", type: "map", config: { expression: "shipments" } };
  await deploy(cluster, chain("fetched", [{ id: "notified", type: "shipstation.shipped", slot: "parcels" }, keep], slots));
});
afterAll(async () => {
  await database.end();
  await cluster.stop();
  system.closeAllConnections();
  system.close();
});

const states = async (): Promise<Record<string, number>> => {
  const { rows } = await database.query("select state, count(*)::int as count from task where kind = 'effect' group by 1");
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};

it("a worker that is asked to stop ends what ends soon, hands the rest back at once, and nothing is done twice", async () => {
  const orders = Array.from({ length: TASKS }, (_each, index) => makeShopifyOrder("stop", index + 1));
  for (let index = 0; index < TASKS; index++) {
    await cluster.call("POST", "/hooks/dev/fetched/notified", { resource_url: `https://x/shipments?batchId=${index}` });
  }
  // The connection takes two requests at a time.
  await until(() => open.length === 2, { what: "the requests" });
  await cluster.fault({ connection: "northwind-erp", kind: "delay", delayMs: 1_500, times: TASKS });
  for (const order of orders) await cluster.deliverSurely(order.body, { "x-shopify-event-id": order.eventId });
  await cluster.stopWorker(0);
  const from = performance.now();
  const held = await states();
  expect(held.CLAIMED ?? 0).toBe(0);
  expect(held.READY).toBeGreaterThanOrEqual(2);
  await cluster.startWorker(0);
  await until(() => open.length === 4, { timeoutMs: 30_000, what: "another worker to ask" });
  expect(performance.now() - from).toBeLessThan(LEASE_MS / 4);
  const answered = setInterval(() => {
    for (const response of open.splice(0)) {
      if (!response.destroyed) response.writeHead(200, { "content-type": "application/json" }).end('{"shipments":[1],"pages":1}');
    }
  }, 20);
  await cluster.settled();
  clearInterval(answered);
  expect(await states()).toEqual({ DONE: expect.any(Number) });
  for (const [connection, ledger] of [
    ["northwind-erp", "salesOrders"],
    ["northwind-wms", "orders"],
  ] as const) {
    const { rows } = await cluster.ledger(connection, ledger);
    expect(rows.filter((row) => row.creates !== 1 || row.writes !== 1)).toEqual([]);
  }
  expect((await cluster.ledger("northwind-erp", "salesOrders")).rows).toHaveLength(TASKS);
});
