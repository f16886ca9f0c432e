import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MadeOrder, makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Promotion, PromotionReview } from "#schemas/promotion.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { until } from "./support/until.ts";

/** Versions come and go while orders come in: each order is booked once, by one of them, and the money agrees. */

const flowId = "shopify-order-to-cash";
/** Messages that a version has to have taken before the next step. */
const ENOUGH = 15;

/** All that came in. */
const orders: MadeOrder[] = [];

let cluster: Cluster;
let database: Client;
beforeAll(async () => {
  cluster = await startCluster({ apis: 2, workers: 2 });
  database = new Client({ connectionString: cluster.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await cluster?.stop();
});

async function must<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await cluster.call(method, `/api/v1${path}`, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Body;
}

async function publish(note: string, change: (flow: Flow) => Flow): Promise<number> {
  const { flow, revision } = await must<{ flow: Flow; revision: number }>("GET", `/flows/${flowId}`);
  const saved = await must<{ revision: number }>("PUT", `/flows/${flowId}/draft`, { revision, flow: change(flow) });
  return (await must<{ number: number }>("POST", `/flows/${flowId}/versions`, { revision: saved.revision, note })).number;
}

async function promote(version: number, more: object = {}): Promise<Promotion> {
  const wish = { version, messages: 0 };
  const { hash } = await must<PromotionReview>("POST", `/environments/dev/flows/${flowId}/promotion-review`, wish);
  return must<Promotion>("POST", `/environments/dev/flows/${flowId}/promotions`, { ...wish, hash, ...more });
}

const step = (promotion: Promotion, verb: string): Promise<Promotion> =>
  must("POST", `/environments/dev/promotions/${promotion.id}/${verb}`, {});

/** Orders that come in until somebody says stop, each by the API whose turn it is, every fifth of them twice. */
function incoming(seed: string): { sent: MadeOrder[]; stop: () => Promise<void> } {
  const sent: MadeOrder[] = [];
  let stopped = false;
  const lane = async () => {
    while (!stopped) {
      const number = sent.length + 1;
      const order = makeShopifyOrder(seed, number);
      sent.push(order);
      const deliver = () => cluster.deliverSurely(order.body, { "x-shopify-event-id": order.eventId });
      await Promise.all(number % 5 === 0 ? [deliver(), deliver()] : [deliver()]);
    }
  };
  const lanes = Promise.all([lane(), lane()]);
  return {
    sent,
    async stop() {
      stopped = true;
      await lanes;
    },
  };
}

/** How many messages a version has taken. */
async function taken(version: number): Promise<number> {
  const { rows } = await database.query("select count(*)::int as count from run where version_number = $1 and kind = 'live'", [
    version,
  ]);
  return rows[0].count;
}
const takes = async (version: number) => {
  const before = await taken(version);
  await until(async () => (await taken(version)) >= before + ENOUGH, {
    timeoutMs: 20_000,
    everyMs: 25,
    what: `version ${version} to take messages`,
  });
};

const status = (to: string) => (flow: Flow) => ({
  ...flow,
  nodes: flow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { ...node.config, newOrderStatus: to } } : node)),
});

/** Each order once in the ERP and, where it ships, once in the warehouse; the sums of money are those of the orders. */
async function expectEachOnce(): Promise<void> {
  const erp = await cluster.ledger("northwind-erp", "salesOrders");
  const wms = await cluster.ledger("northwind-wms", "orders");
  expect([...erp.rows, ...wms.rows].filter(({ creates }) => creates !== 1)).toEqual([]);
  expect(erp.rows.map(({ key }) => key).sort()).toEqual(orders.map(({ id }) => `SHOPIFY_${id}`).sort());
  expect(orders.filter(({ ships, id }) => ships && !wms.rows.some(({ key }) => key.includes(id)))).toEqual([]);
  const booked = new Map(erp.rows.map(({ key, amount }) => [key, Number(amount)]));
  expect(orders.filter(({ id, grand }) => booked.get(`SHOPIFY_${id}`) !== Number(grand))).toEqual([]);
}

it("what is under way keeps its version, whatever is deployed meanwhile", async () => {
  const connection = "/environments/dev/connections/northwind-erp";
  await must("POST", `${connection}/pause`, {});
  const early = Array.from({ length: 8 }, (_, index) => makeShopifyOrder("under way", index));
  const deliver = (order: MadeOrder) => cluster.deliverSurely(order.body, { "x-shopify-event-id": order.eventId });
  await Promise.all(early.map(deliver));
  await until(
    async () => {
      const { rows } = await database.query("select from task where node_id = 'erp' and state = 'READY'");
      return rows.length === early.length;
    },
    { timeoutMs: 20_000, what: "the orders to wait for the ERP" },
  );
  const next = await publish("Ships nothing", (flow) => ({
    ...flow,
    nodes: flow.nodes.map((node) =>
      node.id === "route" ? { ...node, config: { cases: [{ port: "ship", when: "false" }] } } : node,
    ),
  }));
  await must("PUT", `/environments/dev/deployments/${flowId}`, { version: next });
  const late: MadeOrder[] = [];
  await until(
    async () => {
      const order = makeShopifyOrder("later", late.length);
      late.push(order);
      await deliver(order);
      return (await taken(next)) > 0;
    },
    { everyMs: 100, what: "the new version to take messages" },
  );
  await must("POST", `${connection}/resume`, {});
  await cluster.settled(60_000);
  const byNew = await database.query("select document_key as id from run where version_number = $1", [next]);
  const notShipped = new Set(byNew.rows.map(({ id }) => id));
  const shipped = (await cluster.ledger("northwind-wms", "orders")).rows.map(({ key }) => key);
  const wanted = [...early, ...late].filter(({ ships, id }) => ships && !notShipped.has(id));
  expect(wanted.length).toBeGreaterThan(0);
  expect(shipped).toHaveLength(wanted.length);
  expect(wanted.filter(({ id }) => !shipped.some((key) => key.includes(id)))).toEqual([]);
  await must("PUT", `/environments/dev/deployments/${flowId}`, { version: 1 });
  const { revision } = await must<{ revision: number }>("GET", `/flows/${flowId}`);
  await must("POST", `/flows/${flowId}/versions/1/restore`, { revision });
  orders.push(...[...early, ...late].map((order) => ({ ...order, ships: order.ships && !notShipped.has(order.id) })));
}, 60_000);

it("rolled back under load, no order is lost and none is booked twice", async () => {
  const next = await publish("Pending first", status("A"));
  const { sent, stop } = incoming("rolled back");
  await takes(1);
  const promotion = await promote(next);
  await takes(next);
  expect(await step(promotion, "roll-back")).toMatchObject({ state: "rolledBack" });
  await takes(1);
  await stop();
  await cluster.settled(60_000);
  expect((await must<{ items: unknown[] }>("GET", "/dead-letters?environment=dev&limit=1")).items).toEqual([]);
  orders.push(...sent);
  await expectEachOnce();
}, 60_000);

it("a canary that fails is stopped by itself under load; its orders are dead letters, and replayed on the version that runs, booked once", async () => {
  // It knows the samples' orders alone.
  const broken = await publish("Broken for all but the samples", (flow) => ({
    ...flow,
    nodes: flow.nodes.map((node) =>
      node.id === "canonical"
        ? { ...node, config: { expression: `$contains(name, "#150") ? ${node.config?.expression} : $error("Broken.")` } }
        : node,
    ),
  }));
  const { sent, stop } = incoming("canary");
  await takes(1);
  const canary = { share: 30, minimumMessages: 20, tolerance: 10, windowMinutes: 10 };
  const promotion = await promote(broken, { canary });
  expect(promotion).toMatchObject({ state: "canary", base: 1 });
  const direct = await cluster.call("PUT", `/api/v1/environments/dev/deployments/${flowId}`, { version: broken });
  expect([direct.status, direct.body.code]).toEqual([409, "deploymentCanary"]);
  await until(
    async () => {
      const { items } = await must<{ items: Promotion[] }>("GET", `/environments/dev/flows/${flowId}/promotions`);
      const ended = items.find(({ id, state }) => id === promotion.id && state === "stopped");
      return ended?.reason?.startsWith("Stopped by itself: ") && ended.endedBy === "engine";
    },
    { timeoutMs: 20_000, what: "the canary to be stopped" },
  );
  await takes(1);
  await stop();
  await cluster.settled(60_000);
  const failed = await taken(broken);
  expect(failed).toBeGreaterThan(0);
  const filter = { environment: "dev", flow: flowId, state: "DEAD" };
  expect(await must("POST", "/replays", { filter, limit: 1_000, version: 1 })).toMatchObject({ done: failed, problems: [] });
  await cluster.settled(60_000);
  orders.push(...sent);
  await expectEachOnce();
}, 60_000);
