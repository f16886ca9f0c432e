import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signWebhook } from "#nodes/connector/verifyWebhook.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { type RunningSandbox, startSandbox } from "#runtime/sandbox/server.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import type { Connector } from "#schemas/connector.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import type { WebhookSubscription } from "#schemas/webhookSubscription.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { chain, deploy } from "./support/deploy.ts";
import { until } from "./support/until.ts";

/** What stands at a shop and at an ERP while a flow is deployed that takes their webhooks in. */

const FLOW = "shopify-order-to-cash";
const SECRET = "a-long-random-text-for-notifications";

let cluster: Cluster;
let database: pg.Pool;
let erp: RunningSandbox;
let folder = "";
let erpUrl = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-erp-"));
  cluster = await startCluster({ hooks: true, env: { LOG_LEVEL: "debug" } });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
});
afterAll(async () => {
  await database?.end();
  await cluster?.stop();
  await erp?.close();
  await rm(folder, { recursive: true, force: true });
});

const list = async (flow: string): Promise<WebhookSubscription | undefined> =>
  (await cluster.call("GET", "/api/v1/environments/dev/subscriptions")).body.items.find(
    (each: WebhookSubscription) => each.flow === flow,
  );
const standing = (flow: string): Promise<WebhookSubscription> =>
  until(async () => ((await list(flow))?.state === "standing" ? await list(flow) : null), {
    timeoutMs: 20_000,
    what: `the subscription of ${flow} to stand`,
  });

interface Kept {
  id: string;
  uri: string;
  deleted?: boolean;
}
const atShop = async (): Promise<Kept[]> =>
  (await cluster.ledger("northwind-shop", "subscriptions")).rows.map(({ record }) => record as unknown as Kept);
const messages = async (flow: string): Promise<{ key: string; body: string | null }[]> =>
  (await database.query("select document_key as key, body from message where flow_id = $1", [flow])).rows;
const audited = async (flow: string): Promise<string[]> =>
  (await cluster.call("GET", `/api/v1/audit?action=subscription&subject=${flow}`)).body.items.map(
    ({ action }: { action: string }) => action,
  );
const address = (flow: string, node: string) => `${cluster.url}/hooks/dev/${flow}/${node}`;

it("a deployed flow is told of orders, and one that is gone is not", async () => {
  const stands = await standing(FLOW);
  expect(stands).toMatchObject({ connection: "northwind-shop", address: address(FLOW, "orders"), lastError: null });
  expect(await atShop()).toEqual([{ id: stands.subscribed[0]?.id, topic: "ORDERS_CREATE", uri: address(FLOW, "orders") }]);

  const order = makeShopifyOrder("subscriptions", 1);
  const placed = await cluster.call(
    "PUT",
    `${cluster.sandboxUrl}/_sandbox/ledger/northwind-shop/orders/${order.id}`,
    JSON.parse(order.body),
  );
  expect(placed.body.told).toEqual([{ address: address(FLOW, "orders"), status: 202 }]);
  expect((await messages(FLOW)).map(({ key }) => key)).toEqual([order.id]);
  await cluster.settled();

  expect((await cluster.call("DELETE", `/api/v1/environments/dev/deployments/${FLOW}`)).status).toBeLessThan(300);
  await until(async () => (await list(FLOW)) === undefined, { timeoutMs: 20_000, what: "the subscription to go" });
  expect((await atShop()).filter(({ deleted }) => !deleted)).toEqual([]);
  expect((await audited(FLOW)).toSorted()).toEqual(["subscription.created", "subscription.deleted"]);
});

it("a system that refuses holds up no deployment, says why, and is tried again by hand", async () => {
  const flow = chain(
    "refused",
    [
      { id: "orders", type: "shopify.orderCreated", slot: "shop", config: {} },
      { id: "keep", type: "map", config: { expression: "$" } },
    ],
    [{ name: "shop", connector: "shopify" }],
  );
  await cluster.fault({
    connection: "northwind-shop",
    kind: "refuse",
    message: "This app may not subscribe.",
    match: "/graphql.json",
    times: 0,
  });
  await deploy(cluster, flow, { slots: { shop: "northwind-shop" } });
  const failing = await until(async () => ((await list("refused"))?.state === "failing" ? await list("refused") : null));
  expect(failing.lastError?.reason.message).toContain("This app may not subscribe.");
  expect(failing).toMatchObject({ wanted: true, subscribed: [] });
  const path = `/api/v1/environments/dev/subscriptions/${failing.id}`;
  expect((await cluster.call("POST", `${path}/forget`)).body.code).toBe("subscriptionWanted");

  await cluster.clearFaults();
  expect((await cluster.call("POST", `${path}/retry`)).status).toBe(200);
  await standing("refused");
  // Dropped over there, as after failures: it is made anew when it is looked at.
  const [kept] = (await atShop()).filter(({ deleted }) => !deleted);
  const key = kept?.id.split("/").at(-1);
  await cluster.call(
    "PUT",
    `${cluster.sandboxUrl}/_sandbox/ledger/northwind-shop/subscriptions/${encodeURIComponent(key ?? "")}`,
    {
      ...kept,
      deleted: true,
    },
  );
  await cluster.call("POST", `${path}/retry`);
  await until(async () => (await atShop()).some(({ deleted }) => !deleted), { what: "the subscription to be made anew" });
});

it("an ERP that asks for its code and repeats a token is answered, and the token is nowhere", async () => {
  const { catalog } = await builtCatalog();
  const connector = catalog.connectors["business-central"];
  if (!connector) throw new Error("There is no Business Central.");
  const config = {
    tenantId: "northwind",
    environment: "sandbox",
    companyId: "0b1f7a52-3c55-ee11-be6d-6045bdc89a2b",
    customerNumber: "C1",
    fallbackItem: "X",
    taxAccount: "1",
    marketplaceTaxAccount: "2",
    shippingAccount: "3",
    discountAccount: "4",
    adjustmentAccount: "5",
  };
  const secrets = { clientId: "app", clientSecret: "app-secret", webhookSecret: SECRET };
  const url = `http://127.0.0.1:${await freePort()}`;
  const baseUrl = `${url}/erp`;
  const atErp = { name: "erp", connector, config: { ...config, baseUrl, loginUrl: baseUrl }, secrets };
  erp = await startSandbox({ port: Number(new URL(url).port), data: folder, connections: [atErp, await amazonAt(url)] });
  erpUrl = url;
  await cluster.connect({
    name: "erp",
    connector: "business-central",
    config: { ...config, baseUrl, loginUrl: baseUrl },
    secrets,
  });
  const flow = chain(
    "erp-orders",
    [
      { id: "changed", type: "business-central.salesOrdersChanged", slot: "erp", config: {} },
      { id: "keep", type: "map", config: { expression: "{ 'orders': $count(salesOrders) }" } },
    ],
    [{ name: "erp", connector: "business-central" }],
  );
  await deploy(cluster, flow, { slots: { erp: "erp" } });
  const stands = await standing("erp-orders");
  const ends = Date.parse(stands.subscribed[0]?.expiresAt ?? "");
  expect(ends - Date.now()).toBeGreaterThan(2.9 * 86_400_000);
  expect(Date.parse(stands.dueAt ?? "")).toBeLessThan(ends - 86_400_000);

  const sold = { externalDocumentNumber: "SHOPIFY_1", customerNumber: "C1", salesOrderLines: [] };
  const changed = await cluster.call("PUT", `${url}/_sandbox/ledger/erp/salesOrders/SHOPIFY_1`, sold);
  expect(changed.body.told).toEqual([{ address: address("erp-orders", "changed"), status: 200 }]);
  await cluster.settled();
  const runs = (await cluster.call("GET", "/api/v1/runs?flow=erp-orders")).body.items;
  expect(runs.map(({ state }: { state: string }) => state)).toEqual(["SUCCEEDED"]);
  const trace = JSON.stringify((await cluster.call("GET", `/api/v1/runs/${runs[0].id}/trace`)).body);
  expect(trace).toContain('"orders":1');

  const [message] = await messages("erp-orders");
  expect(message?.body).toContain('"clientState":"[redacted]"');
  const forged = { value: [{ clientState: "another", resource: "companies(x)/salesOrders(y)", changeType: "updated" }] };
  const refused = await cluster.call("POST", `${address("erp-orders", "changed")}?token=${SECRET}`, forged);
  expect([refused.status, refused.body.code]).toEqual([401, "keyWrong"]);
  const stored = (
    await database.query(
      "select body from message union all select body from payload union all select reason::text from dead_letter",
    )
  ).rows;
  expect([cluster.logs(), trace, JSON.stringify([refused.body, changed.body, stored])].join()).not.toContain(SECRET);
});

const ARN = "arn:aws:sqs:eu-west-1:123456789012:orderloom";

async function amazonAt(url: string) {
  const { catalog } = await builtCatalog();
  const connector = catalog.connectors["amazon-notifications"];
  if (!connector) throw new Error("There are no Amazon notifications.");
  const baseUrl = `${url}/amazon`;
  const config = { sellerId: "A1SELLERSELLER", region: "eu-west-1", queueUrl: baseUrl, queueArn: ARN, baseUrl };
  const own = { accessKeyId: "AKIA", secretAccessKey: "secret-access-key" };
  const app = { clientId: "app", clientSecret: "app-secret", refreshToken: "refresh" };
  const there = { ...config, sellingPartnerUrl: baseUrl, tokenUrl: `${baseUrl}/auth/o2/token` };
  return { name: "amazon", connector, config: there, secrets: { ...own, ...app } };
}

it("Amazon is told of a queue by its own kinds of tokens, and of nothing once the flow is gone", async () => {
  const { name, config, secrets } = await amazonAt(erpUrl);
  await cluster.connect({ name, connector: "amazon-notifications", config, secrets });
  const flow = chain(
    "amazon-told",
    [
      { id: "notified", type: "amazon-notifications.notified", slot: "queue", config: {} },
      { id: "keep", type: "map", config: { expression: "$" } },
    ],
    [{ name: "queue", connector: "amazon-notifications" }],
  );
  await deploy(cluster, flow, { slots: { queue: name } });
  const stands = await standing("amazon-told");
  expect(stands).toMatchObject({ address: "d-1", subscribed: [{ id: "s-ORDER_CHANGE-1", topic: "ORDER_CHANGE" }] });
  const kept = async (ledger: string) =>
    (await cluster.call("GET", `${erpUrl}/_sandbox/ledger/amazon/${ledger}`)).body.rows.map(
      (row: { record: object }) => row.record,
    );
  expect(await kept("destinations")).toMatchObject([{ destinationId: "d-1", resource: { sqs: { arn: ARN } } }]);
  expect((await cluster.call("DELETE", "/api/v1/environments/dev/deployments/amazon-told")).status).toBeLessThan(300);
  await until(async () => (await list("amazon-told")) === undefined, { timeoutMs: 20_000, what: "the subscription to go" });
  expect([(await kept("destinations")).length, await kept("subscriptions")]).toMatchObject([1, [{ deleted: true }]]);
});

const payout = {
  object: "payout",
  amount: 23410,
  currency: "usd",
  created: 1789430400,
  arrival_date: 1789516800,
  status: "paid",
};
const shipment = {
  created_date: "2026-09-15T13:04:11",
  order: { partner_order_id: "5901234567001", order_number: "#1501", shop_name: "northwind" },
  line_items: { pageInfo: { hasNextPage: false }, edges: [] },
  shipping_labels: [],
};

it.each([
  { id: "stripe", operation: "payoutEvent", own: { apiKey: "rk" }, kept: "webhookEndpoints", tells: "payouts", document: payout },
  {
    id: "shiphero",
    operation: "shipmentUpdated",
    own: { refreshToken: "r" },
    kept: "webhooks",
    tells: "shipments",
    document: shipment,
  },
])("the secret that $id gives once lets its webhooks in, is seen nowhere, and is given anew when it is lost", async (told) => {
  const { id, operation, own, kept, tells, document } = told;
  const { catalog } = await builtCatalog();
  const connector = catalog.connectors[id] as Connector;
  const data = await mkdtemp(join(tmpdir(), "orderloom-told-"));
  const port = await freePort();
  const config = { accountName: id, baseUrl: `http://127.0.0.1:${port}/${id}` };
  const system = await startSandbox({ port, data, connections: [{ name: id, connector, config, secrets: own }] });
  const there = async (ledger: string): Promise<{ id: string; secret: string; deleted?: boolean }[]> =>
    (await cluster.call("GET", `http://127.0.0.1:${port}/_sandbox/ledger/${id}/${ledger}`)).body.rows.map(
      ({ record }: { record: object }) => record,
    );
  const standingThere = async () => (await there(kept)).filter(({ deleted }) => !deleted);
  const happens = async (key: string) =>
    (await cluster.call("PUT", `http://127.0.0.1:${port}/_sandbox/ledger/${id}/${tells}/${key}`, { ...document, id: key })).body
      .told;
  const flow = `told-${id}`;
  const to = address(flow, "told");
  try {
    await cluster.connect({ name: id, connector: id, config, secrets: own });
    const nodes = [
      { id: "told", type: `${id}.${operation}`, slot: "system", config: {} },
      { id: "keep", type: "map", config: { expression: "$" } },
    ];
    await deploy(cluster, chain(flow, nodes, [{ name: "system", connector: id }]), { slots: { system: id } });
    const stands = await standing(flow);
    const [made, ...more] = await standingThere();
    expect([made?.id, more]).toEqual([stands.subscribed[0]?.id, []]);
    expect(await happens("first")).toEqual([{ address: to, status: 200 }]);

    const { verify } = connector.operations[operation] as WebhookOperation;
    const forged = Buffer.from(JSON.stringify({ id: "evt", data: { object: { id: "forged" } } }));
    const headers = signWebhook(verify, { config, secrets: { webhookSecret: "another" } }, forged);
    const refused = await fetch(to, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: forged,
    });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([401, "signatureWrong"]);

    // As after a crash between its making and its note.
    await database.query("delete from subscription_secret");
    expect(await happens("unheard")).toEqual([{ address: to, status: 401 }]);
    await cluster.call("POST", `/api/v1/environments/dev/subscriptions/${stands.id}/retry`);
    const anew = await until(async () => (await standingThere()).find((each) => each.id !== made?.id) ?? null, {
      timeoutMs: 20_000,
      what: "the subscription to be made anew",
    });
    await until(async () => (await list(flow))?.subscribed.some((each) => each.id === anew.id) || null, { what: "its note" });
    expect(anew.secret).not.toBe(made?.secret);
    expect(await happens("second")).toEqual([{ address: to, status: 200 }]);
    await cluster.settled();
    expect((await messages(flow)).map(({ key }) => key).sort()).toEqual(["first", "second"]);

    const paths = [
      "environments/dev/subscriptions",
      "environments/dev/connections",
      `audit?subject=${flow}`,
      `runs?flow=${flow}`,
    ];
    const answers = await Promise.all(paths.map(async (path) => (await cluster.call("GET", `/api/v1/${path}`)).body));
    const rows = await database.query(
      "select noted::text, '' as body from webhook_subscription union all select detail::text, body from audit, message union all select sealed::text, '' from subscription_secret",
    );
    const seen = JSON.stringify([answers, rows.rows, cluster.logs()]);
    for (const { secret } of await there(kept)) expect(seen).not.toContain(secret);

    expect((await cluster.call("DELETE", `/api/v1/environments/dev/deployments/${flow}`)).status).toBeLessThan(300);
    await until(async () => (await list(flow)) === undefined, { timeoutMs: 20_000, what: "the subscription to go" });
    expect(await standingThere()).toEqual([]);
    expect((await database.query("select 1 from subscription_secret")).rows).toEqual([]);
  } finally {
    await system.close();
    await rm(data, { recursive: true, force: true });
  }
});
