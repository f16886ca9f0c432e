import { readFile } from "node:fs/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { addAll, compare } from "#schemas/decimal.ts";
import type { Flow } from "#schemas/flow.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { type CuttableProxy, cuttableProxy } from "../support/cuttableProxy.ts";
import { chain, deploy, graph } from "../support/deploy.ts";
import { until } from "../support/until.ts";
import { type Breaking, breaking } from "../tryton/breaking.ts";
import { charges, makeCompany, salesOf } from "../tryton/company.ts";
import { startTryton, type Tryton, trytonMissing } from "../tryton/server.ts";
import { openShop, type Placed, placeOrder, products } from "./northwind.ts";
import { startVendure, type Vendure, vendureMissing } from "./vendure.ts";

/** A real shop and a real ERP, neither of which knows of us: what a buyer paid here is what is sold there. */

const missing = process.env.ORDERLOOM_TEST_OPT_IN === "on" ? (trytonMissing() ?? (await vendureMissing())) : "it is opt-in";
if (missing !== undefined) console.log(`Skipped: orders of a real Vendure in a real Tryton, because ${missing}.`);

const ORDERS = 30;
/** Buyers at the same time. */
const BUYERS = 3;
const WORKERS = 2;
const SALES_PER_KILL = 4;
/** How many orders are shipped. */
const SHIPPED = 8;
const flowId = "vendure-to-tryton";
const againId = "vendure-to-tryton-again";
const shipmentsId = "shipments-to-vendure";
/** Tryton's database takes most of it. */
const START_MS = 300_000;

let vendure: Vendure;
let variants: string[];
let tryton: Tryton;
let cluster: Cluster;
let proxy: CuttableProxy;
let chaos: Breaking;
let companyId = 0;
const placed: Placed[] = [];

const inTryton = ({ id }: Placed): string => `VENDURE--REAL--VENDURE_${id}`;
/** Vendure counts in hundredths. */
const paid = ({ totalWithTax }: Placed): string => (totalWithTax / 100).toFixed(2);

async function ordersFlow(id: string): Promise<Flow> {
  const mapping = await readFile(fromRoot("nodes", "connectors", "vendure.order.jsonata"), "utf8");
  return graph(
    id,
    [
      { id: "orders", type: "vendure.ordersPlaced", slot: "shop", config: { everySeconds: 1 } },
      { id: "canonical", type: "map", config: { expression: mapping } },
      { id: "invariants", type: "validate", config: { schema: "canonical/order/1" } },
      { id: "products", type: "tryton.findProducts", slot: "erp", config: { attach: "products" } },
      { id: "sale", type: "tryton.createSale", slot: "erp", config: {} },
    ],
    ["orders canonical", "canonical invariants", "invariants.valid products", "products sale"],
    [
      { name: "shop", connector: "vendure", title: "Shop" },
      { name: "erp", connector: "tryton", title: "ERP" },
    ],
  );
}

/** Shipments that a warehouse tells of, by the one signed webhook that every test has. */
const shipmentsFlow = (): Flow =>
  chain(
    shipmentsId,
    [
      { id: "orders", type: "shopify.orderCreated", slot: "warehouse", config: {} },
      { id: "shipment", type: "map", config: { expression: "shipment" } },
      { id: "confirm", type: "vendure.confirmShipment", slot: "shop", config: {} },
    ],
    [
      { name: "warehouse", connector: "shopify", title: "Warehouse" },
      { name: "shop", connector: "vendure", title: "Shop" },
    ],
  );

beforeAll(async () => {
  if (missing !== undefined) return;
  [vendure, tryton, cluster] = await Promise.all([startVendure(), startTryton(), startCluster({ workers: WORKERS })]);
  ({ variants } = await openShop(vendure));
  const ids = await makeCompany(
    tryton,
    products.map(({ sku }) => sku),
  );
  companyId = ids.companyId ?? 0;
  proxy = await cuttableProxy({ host: "127.0.0.1", port: tryton.port });
  chaos = breaking({ tryton, companyId, proxy, cluster, workers: WORKERS });
  await connectBoth(ids);
  await deploy(cluster, await ordersFlow(flowId), { slots: { shop: "vendure", erp: "tryton" } });
  await deploy(cluster, shipmentsFlow(), { slots: { shop: "vendure", warehouse: "northwind-shop" } });
}, START_MS);
afterAll(async () => {
  await cluster?.stop();
  await proxy?.close();
  await Promise.all([vendure?.stop(), tryton?.stop()]);
});

async function connectBoth(ids: Record<string, number>): Promise<void> {
  const { url, user, password } = vendure;
  const shop = { shop: "real-vendure", baseUrl: url, user };
  await cluster.connect({ name: "vendure", connector: "vendure", config: shop, secrets: { password } });
  const { database, user: login } = tryton;
  const erp = { accountName: "real-tryton", baseUrl: `http://127.0.0.1:${proxy.port}`, database, user: login, currency: "USD" };
  const config = { ...erp, ...ids, ...charges };
  await cluster.connect({ name: "tryton", connector: "tryton", config, secrets: { password: tryton.password } });
}

/** Buyers with baskets of every kind, each the same in each run: few and many pieces, one product and all, with and without the coupon. */
async function buy(first: number): Promise<void> {
  for (let number = first; number < ORDERS; number += BUYERS) {
    const lines = variants
      .map((variant, index) => ({ variant, quantity: (number * (index + 2)) % 11 }))
      .filter(({ quantity }) => quantity > 0);
    const bought = lines.length > 0 ? lines : [{ variant: variants[0] ?? "", quantity: 1 }];
    placed.push(await placeOrder(vendure.visitor(), { lines: bought, withCoupon: number % 3 === 0 }, number));
  }
}

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

const deadLetters = async (): Promise<unknown[]> =>
  (await cluster.call("GET", "/api/v1/dead-letters?limit=5")).body.items.map(({ reason }: { reason: unknown }) => reason);

/** One sale for each order, for what the buyer paid. */
async function expectOneSaleEach(): Promise<void> {
  const sales = await salesOf(tryton, companyId);
  const amounts = new Map(sales.map(({ reference, untaxed_amount }) => [reference, untaxed_amount.decimal]));
  expect(sales.map(({ reference }) => reference).sort()).toEqual(placed.map(inTryton).sort());
  for (const order of placed)
    expect([order.code, compare(amounts.get(inTryton(order)) ?? "0", paid(order))]).toEqual([order.code, 0]);
  expect(compare(addAll([...amounts.values()]), addAll(placed.map(paid)))).toBe(0);
}

interface ShopOrder {
  state: string;
  lines: { id: string; quantity: number }[];
  fulfillments: { state: string; trackingCode: string }[];
}

const shopOrder = async (id: string): Promise<ShopOrder> =>
  (
    await vendure.admin<{ order: ShopOrder }>(
      "query ($id: ID!) { order(id: $id) { state lines { id quantity } fulfillments { state trackingCode } } }",
      { id },
    )
  ).order;

const trackingOf = ({ code }: Placed): string => `1Z-${code}`;

/** Told twice, by two events. */
async function ship(order: Placed): Promise<void> {
  const { lines } = await shopOrder(order.id);
  const shipment = {
    schemaVersion: "1.0.0",
    shipmentId: `SHP-${order.code}`,
    orderRef: { system: "vendure", externalId: order.id },
    status: "shipped",
    shippedAt: new Date().toISOString(),
    carrier: { code: "UPS", name: "UPS" },
    trackingNumbers: [{ number: trackingOf(order) }],
    lines: lines.map(({ id, quantity }) => ({ lineId: id, quantity })),
  };
  const body = JSON.stringify({ id: order.id, updated_at: shipment.shippedAt, shipment });
  for (const event of ["first", "second"])
    await cluster.deliverSurely(body, { "x-shopify-event-id": `${event}-${order.id}` }, `/hooks/dev/${shipmentsId}/orders`);
}

describe.skipIf(missing !== undefined)("orders placed in a real Vendure", () => {
  it("are one sale each in a real Tryton, to the cent, though workers are killed and answers lost", async () => {
    const buying = Promise.all(Array.from({ length: BUYERS }, (_, index) => buy(index)));
    const [kills] = await Promise.all([chaos.killWhileSelling(ORDERS, SALES_PER_KILL), buying]);
    await until(async () => (await chaos.sold()) >= ORDERS, { timeoutMs: 180_000, what: "a sale for each order" });
    await cluster.settled(180_000);
    console.log(`Vendure to Tryton: ${placed.length} orders of ${addAll(placed.map(paid))} USD, ${kills} workers killed.`);
    expect(await deadLetters()).toEqual([]);
    expect(new Set(placed.map(({ state }) => state))).toEqual(new Set(["PaymentSettled"]));
    await expectOneSaleEach();
  }, 600_000);

  it("stay one sale each when they are shipped and read again, and the shop is told of each shipment once", async () => {
    const shipped = placed.slice(0, SHIPPED);
    for (const order of shipped) await ship(order);
    // Another flow reads every order anew: what an effect is does not hang on who sends it.
    await deploy(cluster, await ordersFlow(againId), { slots: { shop: "vendure", erp: "tryton" } });
    const read = async () => (await ask("select id from message where flow_id = $1", [againId])).length;
    await until(async () => (await read()) >= ORDERS, { timeoutMs: 60_000, what: "all orders to be read again" });
    await cluster.settled(120_000);
    expect(await deadLetters()).toEqual([]);
    for (const order of shipped)
      expect(await shopOrder(order.id)).toMatchObject({
        state: "Shipped",
        fulfillments: [{ state: "Shipped", trackingCode: trackingOf(order) }],
      });
    await expectOneSaleEach();
  }, 300_000);
});
