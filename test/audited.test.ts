import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { type Answer, ask } from "./support/ask.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { until } from "./support/until.ts";

/** Everything that changes something is in the audit: each route of the API's own document that could is called, and looked up. */

/** What each route writes into the audit. A new route fails a test until it is here or below. */
const audited: Record<string, string> = {
  "POST /set-up": "signIn.setUp",
  "POST /session": "session.begun",
  "DELETE /session": "session.ended",
  "PUT /session/password": "person.changed",
  "POST /people": "person.made",
  "PUT /people/{id}": "person.changed",
  "POST /tokens": "token.made",
  "DELETE /tokens/{id}": "token.revoked",
  "POST /keys/rotate": "keys.rotated",
  "POST /flows": "flow.created",
  "PUT /flows/{flow}/draft": "draft.saved",
  "POST /flows/{flow}/versions": "version.published",
  "POST /flows/{flow}/archive": "flow.archived",
  "POST /flows/{flow}/restore": "flow.restored",
  "PUT /flows/{flow}/versions/{number}/state": "version.stateSet",
  "POST /flows/{flow}/versions/{number}/restore": "version.restored",
  "PUT /flows/{flow}/samples/{name}": "sample.kept",
  "DELETE /flows/{flow}/samples/{name}": "sample.removed",
  "POST /imports": "flow.pushed",
  "POST /environments": "environment.made",
  "PUT /environments/{environment}": "environment.changed",
  "DELETE /environments/{environment}": "environment.removed",
  "POST /environments/{environment}/flows/{flow}/samples/{name}/send": "sample.sent",
  "POST /environments/{environment}/flows/{flow}/nodes/{node}/preview-answer": "connection.previewed",
  "PUT /environments/{environment}/deployments/{flow}": "deployment.changed",
  "DELETE /environments/{environment}/deployments/{flow}": "deployment.ended",
  "POST /environments/{environment}/flows/{flow}/promotions": "promotion.requested",
  "POST /environments/{environment}/promotions/{id}/approve": "promotion.approved",
  "POST /environments/{environment}/promotions/{id}/withdraw": "promotion.withdrawn",
  "POST /environments/{environment}/promotions/{id}/make-full": "promotion.activated",
  "POST /environments/{environment}/promotions/{id}/stop": "promotion.canaryStopped",
  "POST /environments/{environment}/promotions/{id}/roll-back": "promotion.rolledBack",
  "POST /environments/{environment}/promotions/{id}/take-up": "promotion.takenUp",
  "PUT /environments/{environment}/connections/{name}": "connection.made",
  "PUT /environments/{environment}/connections/{name}/concurrency": "connection.concurrency",
  "POST /environments/{environment}/connections/{name}/test": "connection.tested",
  "POST /environments/{environment}/connections/{name}/pause": "connection.paused",
  "POST /environments/{environment}/connections/{name}/resume": "connection.active",
  "POST /environments/{environment}/subscriptions/{id}/retry": "subscription.retried",
  "POST /environments/{environment}/subscriptions/{id}/forget": "subscription.forgotten",
  "PUT /environments/{environment}/tables/{table}": "table.made",
  "DELETE /environments/{environment}/tables/{table}": "table.removed",
  "POST /environments/{environment}/tables/{table}/rows": "table.changed",
  "POST /environments/{environment}/tables/{table}/import": "table.changed",
  "POST /runs/{id}/cancel": "run.cancelled",
  "POST /runs/{id}/replay": "run.replayed",
  "POST /replays": "run.replayed",
  "POST /dead-letters/{id}/retry": "deadLetter.retried",
  "POST /dead-letters/{id}/retry-edited": "deadLetter.retried",
  "POST /dead-letters/{id}/resolve": "deadLetter.resolved",
  "POST /dead-letters/retry": "deadLetter.retried",
  "POST /dead-letters/close": "deadLetter.resolved",
  "POST /dead-letters/annotate": "deadLetter.annotated",
};

/** What asks by POST, and leaves nothing behind. */
const changesNothing: Record<string, string> = {
  "POST /flows/validate": "Looks at a flow that is nowhere kept.",
  "POST /environments/{environment}/flows/{flow}/promotion-review": "Runs without effects; nothing is stored.",
  "POST /runs/{id}/masked-message": "Reads; its rules are too long for an address.",
};

/** Actions by which nothing of the product's own is other than before: their entries say in their detail what was done. */
const changedNothing = [
  ...["session.begun", "session.ended", "keys.rotated", "flow.pushed", "sample.sent", "subscription.retried"],
  ...["subscription.forgotten", "connection.tested", "connection.previewed"],
];

/** No person's or token's doing: what comes in is a message, which the inbox keeps. */
const comesIn = ["POST /hooks/{environment}/{flow}/{node}", "POST /services/{environment}/{flow}/{node}"];

const api = "/api/v1";
const flow = "shopify-order-to-cash";
const password = "a loom and its shuttle";
const other = "another loom, another day";

let cluster: Cluster;
let client: pg.Pool;
/** Everything that changes something, by method and address. */
let routes: string[];
beforeAll(async () => {
  cluster = await startCluster({ env: { ORDERLOOM_SCRYPT_N: `${2 ** 12}` } });
  client = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  const { body } = await ask(`${cluster.url}/api/openapi.json`, { method: "GET" });
  routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) =>
      method === "get" || method === "head" ? [] : [`${method.toUpperCase()} ${path.replace(api, "")}`],
    ),
  );
});
afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

describe("a route that changes something", () => {
  it("is audited, or named as one that changes nothing", () => {
    expect(routes.length).toBeGreaterThan(40);
    expect(routes.sort()).toEqual([...Object.keys(audited), ...Object.keys(changesNothing), ...comesIn].sort());
  });

  it("leaves an entry that says what was done, by whom, from where, and from what to what", async () => {
    await people();
    await messages();
    await subscriptions();
    await environments();
    await drawing();
    await promoting();
    expect(Object.keys(audited).filter((route) => !done.has(route))).toEqual([]);
  }, 60_000);
});

const done = new Set<string>();
/** Who asks, and by which cookie; nobody has to sign in yet. */
let asks = { name: "local", cookie: "" };

const send = (method: string, path: string, body?: unknown) =>
  ask(cluster.url + api + path, { method, body, headers: asks.cookie ? { cookie: asks.cookie } : {} });
const get = async (path: string) => (await send("GET", path)).body;
const cookieOf = ({ headers }: Answer): string => String(headers["set-cookie"] ?? "").split(";")[0] ?? "";

async function entriesAfter(seq: number) {
  const { rows } = await client.query("select * from audit where seq > $1 order by seq", [seq]);
  return rows as (Record<"seq" | "action" | "actor" | "subject", string> &
    Record<"address" | "before" | "after" | "detail", unknown>)[];
}

/** Calls a route and finds its entry; `parts` are those of its address. */
async function does(route: string, parts: Record<string, string> = {}, body?: unknown): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ");
  const values: Record<string, string> = { environment: "dev", flow, ...parts };
  const address = path.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? "missing");
  const { rows } = await client.query("select coalesce(max(seq), 0) as seq from audit");
  const answer = await send(method, address, body);
  expect(answer.status, `${route}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  // Who has just been made signs the entry, as whoever has just signed in does.
  const actors = [asks.name, "ada", "bob"];
  const found = (await entriesAfter(rows[0].seq)).filter(({ actor }) => actors.includes(actor));
  // Saves of a draft are one entry each sitting; it comes before the next thing that is made of the draft.
  if (audited[route] !== "draft.saved") {
    expect([route, ...found.map(({ action }) => action)]).toContain(audited[route]);
    expect(found.map(({ action, address }) => [action, address])).toEqual(found.map(({ action }) => [action, "127.0.0.1"]));
    const told = found.filter(({ before, after }) => before !== null || after !== null).map(({ action }) => action);
    expect(told).toEqual(found.map(({ action }) => action).filter((action) => !changedNothing.includes(action)));
  }
  done.add(route);
  return answer;
}

const ended = () =>
  until(async () => (await get("/runs?environment=dev&state=RUNNING")).items.length === 0, {
    timeoutMs: 20_000,
    what: "the runs to end",
  });

/** Sets sign-in up, and goes on as its first admin. */
async function people(): Promise<void> {
  const as = (name: string, answer: Answer) => {
    asks = { name, cookie: cookieOf(answer) };
  };
  as("ada", await does("POST /set-up", {}, { name: "ada", title: "Ada", password }));
  as("ada", await does("PUT /session/password", {}, { current: password, password: other }));
  await does("DELETE /session");
  asks.cookie = "";
  as("ada", await does("POST /session", {}, { name: "ada", password: other }));
  const grants = [{ environment: null, role: "admin" }];
  const { body: bob } = await does("POST /people", {}, { name: "bob", title: "Bob", password, grants });
  await does("PUT /people/{id}", { id: bob.id }, { title: "Robert" });
  const { body: token } = await does("POST /tokens", {}, { name: "ci", role: "viewer", environments: null, days: 1 });
  await does("DELETE /tokens/{id}", { id: token.made.id });
  await does("POST /keys/rotate", {}, {});
}

/** What is done about runs and dead letters, for which some are made. */
async function messages(): Promise<void> {
  for (let number = 0; number < 5; number++)
    expect((await cluster.deliver(makeShopifyOrder("audited", number, { invalid: true }).body)).status).toBe(202);
  const letters = await until(
    async () => {
      const { items } = await get("/dead-letters?environment=dev&state=open");
      return items.length === 5 ? (items as { id: string; runId: string }[]) : null;
    },
    { timeoutMs: 20_000, what: "five dead letters" },
  );
  const [a, b, c, d] = letters.map(({ id }) => id) as [string, string, string, string];
  const { item } = await get(`/dead-letters/${a}`);
  await does("POST /dead-letters/annotate", {}, { ids: [a], addTags: ["checked"] });
  await does("POST /dead-letters/{id}/retry-edited", { id: a }, { item });
  await does("POST /dead-letters/{id}/retry", { id: b }, {});
  await does("POST /dead-letters/retry", {}, { ids: [c] });
  await does("POST /dead-letters/{id}/resolve", { id: d }, { note: "Known." });
  const filter = { environment: "dev" };
  await does("POST /dead-letters/close", {}, { action: "resolve", filter, limit: 1, note: "Known too." });
  await ended();
  await does("POST /runs/{id}/replay", { id: letters[3]?.runId ?? "" }, {});
  await ended();
  await does("POST /replays", {}, { filter: { ...filter, flow }, limit: 1 });
  await ended();
  await does("POST /environments/{environment}/connections/{name}/pause", { name: "northwind-erp" }, {});
  expect((await cluster.deliver(makeShopifyOrder("audited", 9).body)).status).toBe(202);
  const { items } = await get("/runs?environment=dev&state=RUNNING");
  await does("POST /runs/{id}/cancel", { id: items[0].id }, {});
  await does("POST /environments/{environment}/connections/{name}/resume", { name: "northwind-erp" }, {});
}

/** What stands at the shop for a source that is gone, as it does where the shop cannot be reached. */
async function subscriptions(): Promise<void> {
  const stands = async (): Promise<{ id: string }> => {
    const { rows } = await client.query(`
      insert into webhook_subscription (binding_id, version_id, wanted, created_at)
      select b.id, v.id, false, now() from source_binding b join version v on v.flow_id = b.flow_id
      where b.environment = 'dev' and b.node_id = 'orders' limit 1
      on conflict (binding_id) do update set wanted = false, due_at = null returning binding_id as id`);
    return rows[0];
  };
  const at = "POST /environments/{environment}/subscriptions/{id}";
  await does(`${at}/forget`, await stands(), {});
  await does(`${at}/retry`, await stands(), {});
}

/** Environments, and what is set in them. */
async function environments(): Promise<void> {
  await does("POST /environments", {}, { id: "lab", title: "Lab", protection: "none", position: 9 });
  await does("PUT /environments/{environment}", { environment: "lab" }, { title: "Laboratory" });
  await does("DELETE /environments/{environment}", { environment: "lab" });
  const name = "northwind-erp";
  const { connector, config, secrets } = northwind(cluster.sandboxUrl).find((each) => each.name === name) ?? {};
  const elsewhere = { environment: "staging", name: "erp" };
  await does("PUT /environments/{environment}/connections/{name}", elsewhere, { connector, config, secrets });
  await does("PUT /environments/{environment}/connections/{name}/concurrency", { name }, { concurrency: 3 });
  await does("POST /environments/{environment}/connections/{name}/test", { name }, {});
  const table = { table: "carriers" };
  const columns = ["code", "name"].map((each) => ({ name: each, type: "text" }));
  const empty = { title: "Carriers", columns, key: ["code"], rows: [] };
  await does("PUT /environments/{environment}/tables/{table}", table, empty);
  await does("POST /environments/{environment}/tables/{table}/rows", table, { upsert: [{ code: "dhl", name: "DHL" }] });
  const rows = { text: "code,name\nups,UPS", mode: "merge" };
  await does("POST /environments/{environment}/tables/{table}/import", table, rows);
  await does("DELETE /environments/{environment}/tables/{table}", table);
}

/** Flows: what is drawn, kept and published. */
async function drawing(): Promise<void> {
  const { flow: drawn, revision } = await get(`/flows/${flow}`);
  const { rows } = await client.query("select max(seq) as seq from audit");
  const { body: saved } = await does("PUT /flows/{flow}/draft", {}, { revision, flow: { ...drawn, owner: "night-shift" } });
  await does("POST /flows/{flow}/versions", {}, { revision: saved.revision, deployTo: [] });
  const [told, published] = await entriesAfter(rows[0].seq);
  expect([told?.action, published?.action]).toEqual(["draft.saved", "version.published"]);
  expect(told).toMatchObject({ actor: "ada", subject: flow, after: { owner: "night-shift" }, detail: { saves: 1 } });
  const second = { number: "2" };
  await does("PUT /flows/{flow}/versions/{number}/state", second, { state: "deprecated" });
  await does("PUT /flows/{flow}/versions/{number}/state", second, { state: "live" });
  await does("POST /flows/{flow}/versions/{number}/restore", second, { revision: saved.revision });

  const [{ name }] = (await get(`/flows/${flow}/samples`)).items;
  const sample = { ...(await get(`/flows/${flow}/samples/${name}`)), name: "ours", title: "Ours" };
  await does("PUT /flows/{flow}/samples/{name}", { name: "ours" }, { revision: 0, sample });
  await does("DELETE /flows/{flow}/samples/{name}", { name: "ours" });
  const { body: sent } = await does("POST /environments/{environment}/flows/{flow}/samples/{name}/send", { name }, {});
  await ended();
  const { nodes } = await get(`/runs/${sent.runId}/trace`);
  const asked = { item: nodes.erp.inputs.in[0], send: true };
  await does("POST /environments/{environment}/flows/{flow}/nodes/{node}/preview-answer", { node: "erp" }, asked);

  const copy = { flow: "a-copy" };
  await does("POST /flows", {}, { flow: { ...drawn, id: copy.flow } });
  await does("POST /flows/{flow}/archive", copy, {});
  await does("POST /flows/{flow}/restore", copy, {});
  await does("POST /imports", {}, { bundle: await get("/export?flows=a-copy&of=drafts") });
}

/** Versions on their way into an environment, and out of it. */
async function promoting(): Promise<void> {
  const deployment = "PUT /environments/{environment}/deployments/{flow}";
  const at = "/environments/{environment}/promotions/{id}";
  await does(deployment, {}, { state: "paused" });
  await does(deployment, {}, { state: "active" });
  const request = async (version: number, more: object = {}): Promise<{ id: string }> => {
    const wish = { version, messages: 0 };
    const { hash, risks } = await asked(`/environments/dev/flows/${flow}/promotion-review`, wish);
    const acknowledged = risks.map(({ name }: { name: string }) => name);
    const route = "POST /environments/{environment}/flows/{flow}/promotions";
    return (await does(route, {}, { ...wish, hash, acknowledged, ...more })).body;
  };
  await does(`POST ${at}/roll-back`, await request(2), {});
  const canary = { share: 50, minimumMessages: 10, tolerance: 5, windowMinutes: 60 };
  await does(`POST ${at}/stop`, await request(2, { canary }), {});
  await does(`POST ${at}/make-full`, await request(2, { canary }), {});
  const activateAt = new Date(Date.now() + 86_400_000).toISOString();
  await does(`POST ${at}/withdraw`, await request(1, { activateAt }), {});
  await does("PUT /environments/{environment}", {}, { protection: "approval" });
  const { id } = await request(1);
  const { hash } = await get(`/flows/${flow}/versions/1`);
  const ada = asks;
  // With her cookie the sign-in would end her session.
  asks = { name: "bob", cookie: "" };
  asks = { name: "bob", cookie: cookieOf(await send("POST", "/session", { name: "bob", password })) };
  await does(`POST ${at}/approve`, { id }, { hash });
  asks = ada;
  await does("PUT /environments/{environment}", {}, { protection: "none" });
  await does("DELETE /environments/{environment}/deployments/{flow}");
  await does(`POST ${at}/take-up`, { id }, {});
  await does("DELETE /environments/{environment}/deployments/{flow}");
}

const asked = async (path: string, body: unknown) => (await send("POST", path, body)).body;
