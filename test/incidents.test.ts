import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import pg from "pg";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { plantedSystems } from "./support/plantedSystems.ts";
import { startRedis, type TestRedis } from "./support/redis.ts";
import { until } from "./support/until.ts";

/** Incidents that take a whole installation to show that they cannot happen; in the order in which they are played. */

const LIMIT = 500_000;

let cluster: Cluster;
let redis: TestRedis | null;
let client: pg.Pool;
let echo: Server;
/** Every command that Redis was given. */
const commands: string[] = [];
/** As they were before Redis wrote them down, with escapes for all but ASCII. */
const toldRedis = (): string =>
  Buffer.from(
    commands
      .join("")
      .replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_all, code: string | undefined, sign: string) =>
        code === undefined ? sign : String.fromCharCode(Number.parseInt(code, 16)),
      ),
    "latin1",
  ).toString();
let monitor: Socket | undefined;

beforeAll(async () => {
  redis = await startRedis();
  cluster = await startCluster({
    redisUrl: redis?.url,
    workers: 2,
    env: {
      ORDERLOOM_MAX_BODY_BYTES: `${LIMIT}`,
      ORDERLOOM_SCRYPT_N: "16",
      ORDERLOOM_ADMIN_TOKEN: "canary-automation-token-7331",
      ORDERLOOM_OIDC_ISSUER: "http://127.0.0.1:9",
      ORDERLOOM_OIDC_CLIENT_ID: "loom",
      ORDERLOOM_OIDC_CLIENT_SECRET: "canary-client-secret-6161",
      LOG_LEVEL: "debug",
    },
  });
  client = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  if (redis) {
    const { hostname, port } = new URL(redis.url);
    monitor = connect(Number(port), hostname);
    monitor.on("data", (chunk) => commands.push(chunk.toString("latin1")));
    monitor.write("MONITOR\r\n");
    await until(() => commands.length > 0, { what: "Redis to tell what it is asked" });
  }
  // A careless system: it answers every request with all that it was sent, spelt in several ways, and refuses it.
  echo = createServer(async (incoming, response) => {
    const sent = `${incoming.url} ${Object.values(incoming.headers).join(" ")} ${await text(incoming)}`;
    const token = incoming.url === "/auth/refresh" ? { access_token: "canary-access-5150", expires_in: 3600 } : {};
    const spelt = [sent, Buffer.from(sent).toString("base64"), encodeURIComponent(sent), JSON.stringify(sent)].join("\n");
    const errors = [{ detail: spelt, message: spelt, code: 1 }];
    response.writeHead("access_token" in token ? 200 : 422, { "content-type": "application/json", "x-echo": encodeURI(sent) });
    response.end(JSON.stringify({ ...token, errors, "o:errorDetails": errors, spelt }));
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  monitor?.destroy();
  await client?.end();
  await new Promise((resolve) => (echo ? echo.close(resolve) : resolve(undefined)));
  await cluster?.stop();
  await redis?.stop();
});

const accepted = async (): Promise<number> => (await client.query("select count(*)::int as count from message")).rows[0].count;

it("incident: an event delivered again with another body (reused id)", async () => {
  const [first, second] = [makeShopifyOrder("incident", 1), makeShopifyOrder("incident", 2)];
  const headers = { "x-shopify-event-id": "event-1" };
  const taken = await cluster.deliver(first.body, headers);
  const again = await cluster.deliver(second.body, headers);
  expect([taken.status, again.status, again.body.duplicate]).toEqual([202, 202, true]);
  expect(again.body.receipt).toBe(taken.body.receipt);
  expect(await accepted()).toBe(1);
});

it("incident: a body that says it is something else (content-type confusion)", async () => {
  const flow = { flow: { id: "confused", name: "Confused" } };
  const codes: Record<string, number> = {};
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain; application/json",
    "application/jsonp",
    "application/json-patch+json",
    "application/json\t; charset=utf-7\u00a0",
    "",
  ]) {
    const { statusCode, body } = await request(`${cluster.url}/api/v1/flows`, {
      method: "POST",
      headers: { "content-type": type },
      body: JSON.stringify(flow),
    });
    await body.dump();
    codes[type] = statusCode;
  }
  expect(Object.entries(codes).filter(([, status]) => status !== 415)).toEqual([]);
  expect((await cluster.call("GET", "/api/v1/flows/confused")).status).toBe(404);
  const answer = await cluster.call("GET", "/api/v1/flows");
  expect(answer.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "content-type": "application/json; charset=utf-8",
    "content-security-policy": expect.stringMatching(
      /^default-src 'self';(?!.*unsafe).*frame-ancestors 'none';.*style-src 'self';/,
    ),
    "referrer-policy": "no-referrer",
  });
});

it("incident: a few bytes that become gigabytes (gzip bomb at a webhook)", async () => {
  const before = await accepted();
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  expect(bomb.length).toBeLessThan(LIMIT);
  const answer = await cluster.deliver(bomb, { "content-encoding": "gzip" });
  expect([answer.status, answer.body.code]).toEqual([413, "bodyTooLarge"]);
  const onAnApi = await request(`${cluster.url}/api/v1/flows`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: bomb,
  });
  expect([onAnApi.statusCode, await accepted()]).toEqual([415, before]);
  await onAnApi.body.dump();
});

it("keys change while workers run, and no order is lost or posted twice", async () => {
  const keys = () => readFileSync(join(cluster.home, "secret.key"), "utf8").trim().split("\n");
  const [old] = keys();
  const orders = Array.from({ length: 40 }, (_, index) => makeShopifyOrder("rotated", index + 1));
  const delivering = Promise.all(orders.map((order) => cluster.deliverSurely(order.body)));
  for (let count = 0; count < 3; count++) {
    const { status, body } = await cluster.call("POST", "/api/v1/keys/rotate");
    expect([status, body.source, body.retired.length]).toEqual([200, "file", 1]);
  }
  await delivering;
  await cluster.settled();
  const { rows } = await client.query("select state, count(*)::int as count from run group by state");
  expect(rows).toEqual([{ state: "SUCCEEDED", count: 41 }]);
  const ledger = await cluster.ledger("northwind-erp", "salesOrders");
  expect(ledger.rows.filter(({ creates }) => creates !== 1)).toEqual([]);
  expect(ledger.rows).toHaveLength(41);
  expect(keys()).toHaveLength(1);
  expect(keys()[0]).not.toBe(old);
  const { body } = await cluster.call("GET", "/api/v1/keys");
  expect(body.items).toEqual([expect.objectContaining({ current: true, present: true })]);
}, 60_000);

it("incident: a secret in the database, the queue, the log, an answer, an export or a trace (canary)", async () => {
  const promotion = await promoted();
  const { port } = echo.address() as AddressInfo;
  const target = `http://127.0.0.1:${port}`;
  const canaries = [...Array(40).keys()].map((index) => `canary/sécret+"${index}"-4242`);
  let next = 0;
  for (const { name, connector, config, secrets } of northwind("")) {
    const given = Object.fromEntries(Object.keys(secrets).map((field) => [field, canaries[next++] ?? ""]));
    const made = { connector, config: { ...config, baseUrl: target }, secrets: given };
    const { status, body } = await cluster.call("PUT", `/api/v1/environments/dev/connections/${name}`, made);
    expect(status, JSON.stringify(body)).toBe(200);
  }
  const others = plantedSystems(port, target);
  const whole: string[] = [];
  for (const [name, { connector, config, secrets: fields }] of Object.entries(others)) {
    const given = Object.fromEntries(
      Object.entries(fields).map(([field, written]) => [field, written(canaries[next++] ?? "")] as const),
    );
    whole.push(...Object.values(given));
    const { status, body } = await cluster.call("PUT", `/api/v1/environments/dev/connections/${name}`, {
      connector,
      config,
      secrets: given,
    });
    expect(status, JSON.stringify(body)).toBe(200);
  }
  expect(next).toBeLessThanOrEqual(canaries.length);
  const [webhookSecret = ""] = canaries;
  await cluster.deliver("{}", { "x-shopify-hmac-sha256": webhookSecret });
  for (const name of ["northwind-erp", "northwind-wms", "northwind-shop", ...Object.keys(others)])
    await cluster.call("POST", `/api/v1/environments/dev/connections/${name}/test`);
  let orders = 0;
  // The first few may still go where the connection led a second ago.
  const letters = await until(
    async () => {
      const { body } = makeShopifyOrder("canary", ++orders);
      await cluster.deliver(body, { "x-shopify-hmac-sha256": signShopify(body, webhookSecret) });
      const { items } = (await cluster.call("GET", "/api/v1/dead-letters?environment=dev&state=open")).body;
      const refusedBy = new Set(items.map(({ node }: { node: string }) => node));
      return items.length >= 3 && refusedBy.has("erp") ? items : null;
    },
    { timeoutMs: 30_000, everyMs: 200, what: "the refused orders to be dead letters" },
  );
  // People and their ways in.
  const password = "canary loom and shuttle";
  await cluster.call("POST", "/api/v1/set-up", { name: "ada", title: "Ada", password });
  const signIn = await cluster.call("POST", "/api/v1/session", { name: "ada", password });
  const cookie = String(signIn.headers["set-cookie"]).split(";")[0] ?? "";
  const asked = async (path: string, sent?: unknown): Promise<{ status: number; said: string }> => {
    const headers = { cookie, ...(sent === undefined ? {} : { "content-type": "application/json" }) };
    const method = sent === undefined ? "GET" : "POST";
    const answer = await request(`${cluster.url}${path}`, {
      method,
      headers,
      body: sent === undefined ? null : JSON.stringify(sent),
    });
    return { status: answer.statusCode, said: await answer.body.text() };
  };
  const get = async (path: string): Promise<string> => (await asked(path)).said;
  const token = await request(`${cluster.url}/api/v1/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer canary-automation-token-7331" },
    body: JSON.stringify({ name: "ci", role: "admin", environments: null, days: 1 }),
  });
  const { token: machine } = (await token.body.json()) as { token: string };
  const key = readFileSync(join(cluster.home, "secret.key"), "utf8").trim();
  const secrets = [
    ...canaries.slice(0, next),
    ...whole,
    "canary-access-5150",
    "canary-automation-token-7331",
    password,
    machine,
    key,
  ];
  secrets.push(cookie.split("=")[1] ?? "", "canary-client-secret-6161");

  const found: string[] = [];
  const search = (where: string, haystack: string): void => {
    for (const secret of secrets)
      for (const spelling of spellings(secret)) if (haystack.includes(spelling)) found.push(`${where}: ${spelling}`);
  };
  const { rows: tables } = await client.query(
    "select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = 'public'",
  );
  for (const { name } of tables)
    for (const { row } of (await client.query(`select t::text as row from ${name} t`)).rows) search(`table ${name}`, row);
  search("the queue", toldRedis());
  search("the log", cluster.logs());
  const { items: runs } = JSON.parse(await get("/api/v1/runs?environment=dev"));
  const ofTheErp = letters.find(({ node }: { node: string }) => node === "erp");
  const silent: string[] = [];
  const [sample] = JSON.parse(await get(`/api/v1/flows/${flow}/samples`)).items;
  const there = { run: runs[0].id, letter: ofTheErp.id, promotion, sample: sample.name };
  for (const path of await readable(there)) {
    const { status, said } = await asked(path);
    if (status !== 200) silent.push(path.replace(promotion, "ID"));
    search(path, said);
  }
  expect(silent.sort()).toEqual(saysNothing);
  for (const { id } of runs.slice(0, 4))
    for (const part of ["", "/tasks", "/trace"]) search(`run ${id}${part}`, await get(`/api/v1/runs/${id}${part}`));
  for (const { id } of letters) search(`dead letter ${id}`, await get(`/api/v1/dead-letters/${id}`));
  // What is asked of the careless systems while somebody waits.
  const review = await asked(`/api/v1/environments/dev/flows/${flow}/promotion-review`, { version: 2, messages: 20 });
  expect(review.status, review.said).toBe(200);
  search("a promotion's review", review.said);
  const preview = (item: unknown, send: boolean) =>
    asked(`/api/v1/environments/dev/flows/${flow}/nodes/erp/preview-answer`, { item, send });
  const { item } = JSON.parse(await get(`/api/v1/dead-letters/${ofTheErp.id}`));
  const { documentKey } = JSON.parse((await preview(item, false)).said);
  // Of a document that no run has written.
  const answered = await preview(JSON.parse(JSON.stringify(item).replaceAll(documentKey, `${documentKey}9`)), true);
  expect(JSON.parse(answered.said).answer, answered.said).toMatchObject({ good: false });
  search("a preview's answer", answered.said);
  expect(found).toEqual([]);
  // The search would have found them: what the careless system answered is kept, without them.
  const kept = await get(`/api/v1/dead-letters/${ofTheErp.id}`);
  expect(kept).toContain("oauth_consumer_key");
  if (redis) expect(toldRedis()).toContain("evaluate.dev.default");
  expect(cluster.logs().length).toBeGreaterThan(0);
}, 60_000);

it("are all in the guide to security, each with a test of its name", () => {
  const guide = readFileSync(fromRoot("docs", "security.md"), "utf8");
  const rows = [...guide.matchAll(/^\| (.+?) +\| `([\w/.-]+\.test\.ts)` +\|/gm)];
  expect(rows.length).toBeGreaterThanOrEqual(20);
  const missing = rows.filter(([, name, file = ""]) => !readFileSync(fromRoot(file), "utf8").includes(`incident: ${name}`));
  expect(missing.map(([row]) => row)).toEqual([]);
});

const flow = "shopify-order-to-cash";

/** A reference table, and a promotion that is due tomorrow: its review is kept until then. */
async function promoted(): Promise<string> {
  const at = `/api/v1/environments/dev/flows/${flow}`;
  const { flow: drawn, revision } = (await cluster.call("GET", `/api/v1/flows/${flow}`)).body;
  const saved = await cluster.call("PUT", `/api/v1/flows/${flow}/draft`, { revision, flow: { ...drawn, owner: "canary" } });
  await cluster.call("POST", `/api/v1/flows/${flow}/versions`, { revision: saved.body.revision });
  const table = { title: "Items", columns: [{ name: "sku", type: "text" }], key: ["sku"], rows: [{ sku: "MUG" }] };
  await cluster.call("PUT", "/api/v1/environments/dev/tables/erp-items", table);
  const wish = { version: 2, messages: 20 };
  const { hash, risks } = (await cluster.call("POST", `${at}/promotion-review`, wish)).body;
  const acknowledged = risks.map(({ name }: { name: string }) => name);
  const activateAt = new Date(Date.now() + 86_400_000).toISOString();
  const { status, body } = await cluster.call("POST", `${at}/promotions`, { ...wish, hash, acknowledged, activateAt });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

/** Every address of the API's own document that people read, with something that there is in each place. */
async function readable({
  sample,
  ...ids
}: {
  run: string;
  letter: string;
  promotion: string;
  sample: string;
}): Promise<string[]> {
  const { body } = await cluster.call("GET", "/api/openapi.json");
  const parts: Record<string, string> = {
    environment: "dev",
    flow,
    number: "2",
    table: "erp-items",
    type: "map",
    connector: "netsuite",
    name: sample,
  };
  return Object.entries(body.paths as Record<string, object>)
    .filter(([path, methods]) => "get" in methods && !/^\/(hooks|services)\//.test(path))
    .map(([path]) => {
      const id = path.includes("/runs/") ? ids.run : path.includes("/dead-letters/") ? ids.letter : ids.promotion;
      return path.replace(/\{(\w+)\}/g, (_all, name: string) => ({ ...parts, id })[name] ?? "missing");
    });
}

/** What has nothing to read: no provider answers, and there is no canary. */
const saysNothing = ["/api/v1/environments/dev/promotions/ID/canary", "/api/v1/session/oidc", "/api/v1/session/oidc/callback"];

/** How a secret could be written down. */
function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString("base64");
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    base64.replace(/=+$/, ""),
    Buffer.from(secret).toString("hex"),
  ];
}
