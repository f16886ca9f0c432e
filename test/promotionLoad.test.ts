import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { type MadeOrder, makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { FlowSummary } from "#schemas/api.ts";
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

const review = (version: number, more: object = {}): Promise<PromotionReview> =>
  must("POST", `/environments/dev/flows/${flowId}/promotion-review`, { version, messages: 0, ...more });

async function promote(version: number, more: object = {}): Promise<Promotion> {
  const { hash } = await review(version);
  return must<Promotion>("POST", `/environments/dev/flows/${flowId}/promotions`, { version, messages: 0, hash, ...more });
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

describe("a check that fails keeps a version back", () => {
  /** Versions are valid when they are published; one made elsewhere, or by an older release, may not be. */
  const madeOtherwise = async (version: number, column: "flow" | "lock", change: (text: string) => string) => {
    const where = "where flow_id = $1 and number = $2";
    const { rows } = await database.query(`select ${column} as text from version ${where}`, [flowId, version]);
    const changed = change(rows[0].text);
    expect(changed).not.toBe(rows[0].text);
    await database.query(`update version set ${column} = $3 ${where}`, [flowId, version, changed]);
  };
  const described = (description: string) => publish(description, (flow) => ({ ...flow, description }));

  const cases: [name: string, says: RegExp, make: () => Promise<{ version: number; slots?: Record<string, string> }>][] = [
    [
      "connection",
      /.+/,
      async () => {
        const { connector, config, secrets } = northwind(cluster.sandboxUrl).find(({ name }) => name === "northwind-erp") ?? {};
        const refusing = { connector, config: { ...config, baseUrl: "http://127.0.0.1:9" }, secrets };
        await must("PUT", "/environments/dev/connections/refusing", refusing);
        return { version: await described("Refused"), slots: { erp: "refusing" } };
      },
    ],
    [
      "valid",
      /expression/,
      async () => {
        const version = await described("Invalid");
        const broken = ({ nodes, ...flow }: Flow): Flow => ({
          ...flow,
          nodes: nodes.map((node) =>
            node.id === "canonical" ? { ...node, config: { ...node.config, expression: "$money(" } } : node,
          ),
        });
        await madeOtherwise(version, "flow", (text) => JSON.stringify(broken(JSON.parse(text) as Flow)));
        return { version };
      },
    ],
    [
      "tables",
      /no table gone/,
      async () => {
        const config = { table: "gone", key: [{ column: "code", value: "name" }] };
        const look = { id: "look", type: "lookup", name: "Look", config };
        const way = { id: "to-look", from: { node: "canonical", port: "out" }, to: { node: "look", port: "in" } };
        const { flow: drawn } = await must<{ flow: Flow }>("GET", `/flows/${flowId}`);
        const version = await publish("Looks up", ({ nodes, edges, ...flow }) => ({
          ...flow,
          nodes: [...nodes, look],
          edges: [...edges, way],
        }));
        await publish("Looks nothing up", () => drawn);
        return { version };
      },
    ],
    [
      "schemas",
      /There is no schema canonical\/loom\/1 here/,
      async () => {
        const version = await described("Of another release");
        await madeOtherwise(version, "lock", (text) => {
          const lock = JSON.parse(text) as { schemas: Record<string, unknown> };
          return JSON.stringify({ ...lock, schemas: { ...lock.schemas, "canonical/loom/1": "1.0.0" } });
        });
        return { version };
      },
    ],
  ];
  it.each(cases)("%s", async (name, says, make) => {
    const { version, slots = {} } = await make();
    const { hash, checks, risks } = await review(version, { slots });
    const failed = checks.filter(({ outcome }) => outcome === "failed");
    // What cannot be evaluated fails its samples too.
    const names = failed.map((check) => check.name).filter((each) => each !== "samples");
    const detail = failed.find((check) => check.name === name)?.detail;
    expect([names, detail]).toEqual([[name], expect.stringMatching(says)]);
    const acknowledged = risks.map((risk) => risk.name);
    const wish = { version, messages: 0, slots, hash, acknowledged };
    const refused = await cluster.call("POST", `/api/v1/environments/dev/flows/${flowId}/promotions`, wish);
    expect([refused.status, refused.body.code]).toEqual([422, "promotionBlocked"]);
    expect(refused.body.message).toContain(detail);
  });
});

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
  const [{ flow: drawn }, without] = [
    await must<{ flow: Flow }>("GET", `/flows/${flowId}`),
    await publish("Books nothing", (flow) => ({
      ...flow,
      nodes: flow.nodes.map((node) => (node.id === "erp" ? { ...node, disabled: true } : node)),
    })),
  ];
  const { risks } = await review(without);
  expect(risks.map(({ name }) => name)).toContain("removedNode:erp");
  const next = await publish("Ships nothing", () => ({
    ...drawn,
    nodes: drawn.nodes.map((node) =>
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

it("what is to be activated later takes messages from then on, by nobody's doing", async () => {
  const next = await publish("Later", (flow) => ({ ...flow, description: "Later" }));
  const { sent, stop } = incoming("later on");
  const { hash } = await review(next);
  const wrongYear = { version: next, hash, messages: 0, activateAt: "2025-01-01T00:00:00Z" };
  const path = `/api/v1/environments/dev/flows/${flowId}/promotions`;
  expect((await cluster.call("POST", path, wrongYear)).body).toMatchObject({ code: "promotionPast" });
  const activateAt = new Date(Date.now() + 2_000).toISOString();
  const promotion = await promote(next, { activateAt });
  expect(promotion).toMatchObject({ activateAt });
  await takes(next);
  const { items } = await must<{ items: Promotion[] }>("GET", `/environments/dev/flows/${flowId}/promotions`);
  const active = items.find(({ id }) => id === promotion.id);
  expect(active).toMatchObject({ state: "active", version: next });
  expect(Date.parse(active?.activatedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(activateAt));
  expect(await step(promotion, "roll-back")).toMatchObject({ state: "rolledBack" });
  await takes(1);
  await stop();
  await cluster.settled(60_000);
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
  // Told where people and machines look who do not know of the promotion.
  const [listed] = (await must<{ items: FlowSummary[] }>("GET", "/flows")).items.filter(({ id }) => id === flowId);
  expect(listed?.failedPromotions).toMatchObject([{ environment: "dev", version: broken }]);
  const { body } = await cluster.call("GET", "/metrics");
  expect(body).toContain(`orderloom_promotions_failed{environment="dev",flow="${flowId}"} 1`);
  await cluster.settled(60_000);
  const failed = await taken(broken);
  expect(failed).toBeGreaterThan(0);
  const filter = { environment: "dev", flow: flowId, state: "DEAD" };
  expect(await must("POST", "/replays", { filter, limit: 1_000, version: 1 })).toMatchObject({ done: failed, problems: [] });
  await cluster.settled(60_000);
  orders.push(...sent);
  await expectEachOnce();
}, 60_000);
