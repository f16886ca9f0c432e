import { readFile } from "node:fs/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Lock } from "#nodes/plan.ts";
import { fromRoot } from "#runtime/root.ts";
import { type MadeOrder, makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { RequestOperation } from "#schemas/connector.ts";
import { addAll, compare } from "#schemas/decimal.ts";
import type { Flow } from "#schemas/flow.ts";
import { parseJson } from "#schemas/json.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { runMapping } from "../connectors/mapping.fixture.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { type CuttableProxy, cuttableProxy } from "../support/cuttableProxy.ts";
import { chain, deploy } from "../support/deploy.ts";
import { type Breaking, breaking } from "./breaking.ts";
import { charges, makeCompany, type Sale, salesOf } from "./company.ts";
import { startTryton, type Tryton, trytonMissing } from "./server.ts";

/** A real ERP that knows nothing of us judges: what it holds at the end is all that counts. */

const missing = trytonMissing();
if (missing !== undefined) console.log(`Skipped: sales in a real Tryton, because ${missing}.`);

const ORDERS = 60;
const WORKERS = 2;
/** A worker ends each time that so many more sales are in Tryton. */
const SALES_PER_KILL = 5;
/** Orders that are posted without care, and must come out wrong. */
const CARELESS = 20;
const flowId = "orders-to-tryton";
const carelessId = "orders-to-tryton-without-care";
/** Tryton's database takes most of it. */
const START_MS = 300_000;

const made = Array.from({ length: 1_000 }, (_, index) => makeShopifyOrder("tryton", index + 1)).filter(
  // A cancelled order is not sold.
  ({ currency, valid, body }) => currency === "USD" && valid && body.includes('"cancelled_at":null'),
);
const orders = made.slice(0, ORDERS);
const careless = made.slice(ORDERS, ORDERS + CARELESS);

let tryton: Tryton;
let cluster: Cluster;
let proxy: CuttableProxy;
let chaos: Breaking;
let companyId = 0;

async function flowToTryton(id: string): Promise<Flow> {
  const shipped = JSON.parse(await readFile(fromRoot("flows", "shopify-order-to-cash.flow.json"), "utf8")) as Flow;
  const [source, canonical] = ["orders", "canonical"].map((name) => shipped.nodes.find((node) => node.id === name));
  if (!source || !canonical) throw new Error("The flow that ships has no orders or no canonical order.");
  const products = { id: "products", type: "tryton.findProducts", slot: "erp", config: { attach: "products" } };
  const sale = { id: "sale", type: "tryton.createSale", slot: "erp", config: {} };
  return chain(
    id,
    [source, canonical, products, sale],
    [
      { name: "shop", connector: "shopify", title: "Store" },
      { name: "erp", connector: "tryton", title: "ERP" },
    ],
  );
}

beforeAll(async () => {
  if (missing !== undefined) return;
  [tryton, cluster] = await Promise.all([startTryton(), startCluster({ workers: WORKERS })]);
  proxy = await cuttableProxy({ host: "127.0.0.1", port: tryton.port });
  const canonical = (await Promise.all(
    [...orders, ...careless].map(({ body }) => runMapping("shopify.order.jsonata", parseJson(body))),
  )) as {
    lines: { sku: string | null }[];
  }[];
  const skus = canonical.flatMap(({ lines }) => lines.flatMap(({ sku }) => sku ?? []));
  const ids = await makeCompany(tryton, skus);
  companyId = ids.companyId ?? 0;
  chaos = breaking({ tryton, companyId, proxy, cluster, workers: WORKERS });
  const { database, user, password } = tryton;
  const address = { accountName: "real-tryton", baseUrl: `http://127.0.0.1:${proxy.port}`, database, user, currency: "USD" };
  const config = { ...address, ...ids, ...charges };
  await cluster.connect({ name: "tryton", connector: "tryton", config, secrets: { password } });
  await deploy(cluster, await flowToTryton(flowId), { slots: { shop: "northwind-shop", erp: "tryton" } });
}, START_MS);
afterAll(async () => {
  await cluster?.stop();
  await proxy?.close();
  await tryton?.stop();
});

const deliver = (order: MadeOrder, event: string, flow = flowId) =>
  cluster.deliverSurely(order.body, { "x-shopify-event-id": event }, `/hooks/dev/${flow}/orders`);

/** One statement, past the product. */
async function ask<Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/** How many effects were tried more than once. */
const triedAgain = async (): Promise<number> =>
  (await ask("select task_id from attempt group by task_id having count(*) > 1")).length;

/** The same flow, in which Tryton is taken for a system that writes the same sale over itself. */
async function deployCareless(): Promise<void> {
  await deploy(cluster, await flowToTryton(carelessId), { slots: { shop: "northwind-shop", erp: "tryton" } });
  const [version] = await ask<{ id: string; lock: string }>("select id, lock from version where flow_id = $1", [carelessId]);
  if (!version) throw new Error("The careless flow has no version.");
  const lock = JSON.parse(version.lock) as Lock;
  const operation = lock.connectors.tryton?.operations.createSale as RequestOperation;
  const manifest = lock.manifests["tryton.createSale"] as NodeManifest;
  operation.idempotency = { mode: "natural" };
  manifest.effect = { idempotency: "natural", read: false };
  await ask("update version set lock = $2 where id = $1", [version.id, JSON.stringify(lock)]);
}

describe.skipIf(missing !== undefined)("orders posted to a real Tryton", () => {
  let sales: Sale[];

  it("are all there when workers were killed, answers lost and webhooks delivered three times", async () => {
    const delivered = (async () => {
      // The same event twice, then another event of the same order.
      for (const event of ["first", "first", "second"]) {
        for (const order of orders) await deliver(order, `${event}-${order.eventId}`);
      }
    })();
    const [kills] = await Promise.all([chaos.killWhileSelling(ORDERS, SALES_PER_KILL), delivered]);
    await cluster.settled(300_000);
    sales = await salesOf(tryton, companyId);
    const again = await triedAgain();
    console.log(`Tryton: ${orders.length} orders, ${kills} workers killed, ${again} effects tried again, ${sales.length} sales.`);
    expect(sales.map(({ reference }) => reference)).toEqual(expect.arrayContaining(orders.map(({ id }) => `SHOPIFY_${id}`)));
    expect((await cluster.call("GET", "/api/v1/dead-letters?limit=1")).body.items).toEqual([]);
    // Were nothing in doubt, this would prove nothing.
    expect(again).toBeGreaterThan(0);
  }, 600_000);

  it("are one sale each", () => {
    const references = sales.map(({ reference }) => reference);
    expect(references.filter((reference, index) => references.indexOf(reference) !== index)).toEqual([]);
    expect(sales).toHaveLength(orders.length);
  });

  it("cost there what they cost in the shop, to the cent", () => {
    for (const order of orders) {
      const sale = sales.find(({ reference }) => reference === `SHOPIFY_${order.id}`);
      expect([order.id, compare(sale?.untaxed_amount.decimal ?? "0", order.grand)]).toEqual([order.id, 0]);
    }
    expect(
      compare(addAll(sales.map(({ untaxed_amount }) => untaxed_amount.decimal)), addAll(orders.map(({ grand }) => grand))),
    ).toBe(0);
  });

  it("would be more than one sale each without the question asked before a repetition", async () => {
    await deployCareless();
    const before = await chaos.sold();
    await Promise.all(careless.map((order) => deliver(order, order.eventId, carelessId)));
    await chaos.moreThan(before);
    await chaos.loseAnswers();
    await cluster.settled(120_000);
    expect(await chaos.sold()).toBeGreaterThan(before + CARELESS);
  }, 300_000);
});
