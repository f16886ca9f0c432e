import { type ChildProcess, fork } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import OAuth from "oauth-1.0a";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { EffectCall } from "#nodes/plan.ts";
import { readSandboxConfig } from "#runtime/sandbox/config.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { type RunningSandbox, startSandbox } from "#runtime/sandbox/server.ts";
import { makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { compare } from "#schemas/decimal.ts";
import { parseJson } from "#schemas/json.ts";
import { readJson, runMapping } from "./connectors/mapping.fixture.ts";
import { effectOf } from "./connectors/plan.fixture.ts";

const systems = northwind("");
const given = (data: string) => ({
  data,
  connections: systems.map((system) => ({ ...system, connector: readJson(`./${system.connector}.connector.json`) })),
});
const system = (connector: string): { config: Record<string, unknown>; secrets: Record<string, string> } =>
  systems.find((each) => each.connector === connector) ?? { config: {}, secrets: {} };
const [{ consumerKey = "", consumerSecret = "", tokenId = "", tokenSecret = "" }, { refreshToken = "" }] = [
  system("netsuite").secrets,
  system("shiphero").secrets,
];

let data = "";
let sandbox: RunningSandbox;
const at = (path: string, port = sandbox.port): string => `http://127.0.0.1:${port}${path}`;
const control = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(at(`/_sandbox/${path}`), { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
};

function oauthHeader(method: string, url: string, signingSecret = tokenSecret): string {
  const oauth = new OAuth({
    consumer: { key: consumerKey, secret: consumerSecret },
    realm: "TSTDRV1000001",
    signature_method: "HMAC-SHA256",
    hash_function: (base, key) => createHmac("sha256", key).update(base).digest("base64"),
  });
  return oauth.toHeader(oauth.authorize({ url, method }, { key: tokenId, secret: signingSecret })).Authorization;
}

/** What the warehouse lets in for a while. */
async function bearerOf(port = sandbox.port): Promise<string> {
  const answer = await fetch(at("/northwind-wms/auth/refresh", port), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ grant_type: "refresh_token", refresh_token: refreshToken }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

type Send = { tokenSecret?: string; bearer?: string; authorization?: string; signal?: AbortSignal };
async function send(connection: "northwind-erp" | "northwind-wms", request: EffectCall["request"], options: Send = {}) {
  const query = new URLSearchParams(request.query).toString();
  const url = at(`/${connection}${request.path}${query ? `?${query}` : ""}`);
  const authorization =
    options.authorization ??
    (connection === "northwind-erp"
      ? oauthHeader(request.method, url, options.tokenSecret)
      : `Bearer ${options.bearer ?? (await bearerOf())}`);
  const answer = await fetch(url, {
    method: request.method,
    headers: { "content-type": "application/json", authorization },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  const body = await answer.text();
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body };
}

const erp = effectOf("erp", system("netsuite").config, "TSTDRV1000001");
const wms = effectOf("wms", system("shiphero").config, "northwind-3pl");
const canonical = (number: number) => runMapping("shopify.order.jsonata", parseJson(makeShopifyOrder("sandbox", number).body));
/** The first number from `number` on that a warehouse ships. */
const shipping = (number: number): number => (makeShopifyOrder("sandbox", number).ships ? number : shipping(number + 1));
const ledger = async (connection: string, name: string) => (await control("GET", `ledger/${connection}/${name}`)).body;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "sandbox-"));
  sandbox = await startSandbox(readSandboxConfig(given(data)));
});
afterEach(async () => {
  await control("DELETE", "faults");
  await control("DELETE", "ledger");
});
afterAll(() => sandbox.close());

describe("the simulated ERP", () => {
  it("takes a hundred made-up orders exactly, each once, with the store's money", async () => {
    const made = Array.from({ length: 100 }, (_, index) => makeShopifyOrder("sandbox", index + 1));
    for (const { body } of made) {
      const { request } = await erp.render(await runMapping("shopify.order.jsonata", parseJson(body)));
      expect(await erp.read(await send("northwind-erp", request))).toMatchObject({
        ok: true,
        result: { id: expect.any(String) },
      });
    }
    const { rows } = await ledger("northwind-erp", "salesOrders");
    expect(rows).toHaveLength(100);
    for (const { id, grand } of made) {
      const row = rows.find(({ key }: { key: string }) => key === `SHOPIFY_${id}`);
      expect(row).toMatchObject({ creates: 1, writes: 1 });
      expect(compare(row.amount, grand)).toBe(0);
    }
  });

  it("lets nobody in with a wrong signature, a used nonce or without a signature", async () => {
    const { request } = await erp.render(await canonical(1));
    expect((await send("northwind-erp", request, { tokenSecret: "wrong" })).status).toBe(401);
    expect((await send("northwind-erp", request, { authorization: "Bearer x" })).status).toBe(401);
    const authorization = oauthHeader("PUT", at(`/northwind-erp${request.path}?replace=item`));
    expect((await send("northwind-erp", request, { authorization })).status).toBe(204);
    const again = await send("northwind-erp", request, { authorization });
    expect(await erp.read(again)).toMatchObject({ ok: false, class: "auth" });
    expect((await ledger("northwind-erp", "salesOrders")).rows).toHaveLength(1);
  });

  it("refuses what NetSuite refuses, in its words", async () => {
    const { request } = await erp.render(await canonical(1));
    const body = request.body as Record<string, unknown>;
    const cases: [Record<string, unknown>, string][] = [
      [{ ...body, entity: {} }, "Please enter value(s) for: Customer."],
      [{ ...body, item: { items: [] } }, "Please enter value(s) for: Items."],
      [{ ...body, surprise: 1 }, "Unknown reference or field surprise."],
      [{ ...body, externalId: "OTHER" }, "differ"],
    ];
    for (const [wrong, words] of cases) {
      const answer = await erp.read(await send("northwind-erp", { ...request, body: wrong }));
      expect(answer).toMatchObject({ ok: false, class: "rejected", reason: { message: expect.stringContaining(words) } });
    }
    expect((await ledger("northwind-erp", "salesOrders")).rows).toEqual([]);
  });

  it("revises an order that comes again and gives it back", async () => {
    const { request } = await erp.render(await canonical(2));
    await send("northwind-erp", request);
    await send("northwind-erp", { ...request, body: { ...(request.body as object), memo: "revised" } });
    expect((await ledger("northwind-erp", "salesOrders")).rows).toMatchObject([
      { writes: 2, creates: 1, record: { memo: "revised" } },
    ]);
    const get = { method: "GET", path: request.path, query: {}, headers: {}, timeoutMs: 1_000 };
    expect((await send("northwind-erp", get)).body).toContain("revised");
    expect((await send("northwind-erp", { ...get, path: `${request.path}x` })).status).toBe(404);
  });
});

describe("the simulated warehouse", () => {
  it("makes a second order when asked twice, and finds the first by its partner id", async () => {
    const call = await wms.render(await canonical(shipping(1)));
    const lookup = call.lookup as EffectCall["request"];
    expect(await wms.read(await send("northwind-wms", lookup), "lookup")).toMatchObject({ ok: true, found: false });
    const made = await wms.read(await send("northwind-wms", call.request));
    const found = await wms.read(await send("northwind-wms", lookup), "lookup");
    expect(found).toMatchObject({ ok: true, found: true, result: { id: (made as { result: { id: string } }).result.id } });
    await send("northwind-wms", call.request);
    expect((await ledger("northwind-wms", "orders")).rows).toMatchObject([{ writes: 2, creates: 2 }]);
  });

  it("does not find an order of another shop under the same id", async () => {
    const call = await wms.render(await canonical(shipping(1)));
    await send("northwind-wms", call.request);
    const other = structuredClone(call.lookup) as EffectCall["request"] & { body: { variables: { shop_name: string } } };
    other.body.variables.shop_name = "another";
    expect(await wms.read(await send("northwind-wms", other), "lookup")).toMatchObject({ ok: true, found: false });
  });

  it("refuses a wrong token, unknown fields, values inside the query and orders without lines", async () => {
    const { request } = await wms.render(await canonical(shipping(1)));
    const body = request.body as { query: string; variables: { data: Record<string, unknown> } };
    const withData = (change: object) => ({
      ...request,
      body: { ...body, variables: { data: { ...body.variables.data, ...change } } },
    });
    expect(await wms.read(await send("northwind-wms", request, { bearer: "wrong" }))).toMatchObject({ class: "auth" });
    const cases = [withData({ surprise: 1 }), withData({ line_items: [] }), withData({ shipping_address: {} })];
    cases.push({
      ...request,
      body: { ...body, query: 'mutation { order_create(data: { order_number: "1" }) { request_id } }' },
    } as never);
    for (const wrong of cases) expect(await wms.read(await send("northwind-wms", wrong))).toMatchObject({ class: "rejected" });
    expect((await ledger("northwind-wms", "orders")).rows).toEqual([]);
  });
});

describe("faults", () => {
  const fault = (kind: string, more: object = {}) => control("POST", "faults", { connection: "northwind-erp", kind, ...more });
  const put = async (options: Send = {}) => send("northwind-erp", (await erp.render(await canonical(3))).request, options);
  const posted = async (): Promise<number> => (await ledger("northwind-erp", "salesOrders")).rows.length;

  it.each([
    ["429", 429, "rateLimited"],
    ["503", 503, "transient"],
    ["refuse", 400, "rejected"],
  ])("%s stops the request before it is applied, as often as asked", async (kind, status, outcome) => {
    await fault(kind, { times: 2, retryAfter: 3 });
    const answer = await put();
    expect(answer.status).toBe(status);
    expect(await erp.read(answer)).toMatchObject({ class: outcome, ...(kind === "refuse" ? {} : { retryAfterMs: 3_000 }) });
    expect((await put()).status).toBe(status);
    expect(await posted()).toBe(0);
    expect((await put()).status).toBe(204);
  });

  it("500AfterApply applies and answers 500", async () => {
    await fault("500AfterApply");
    expect((await put()).status).toBe(500);
    expect(await posted()).toBe(1);
    expect((await put()).status).toBe(204);
  });

  it("reset leaves nothing applied, resetAfterApply leaves the order", async () => {
    await fault("reset");
    await expect(put()).rejects.toThrow();
    expect(await posted()).toBe(0);
    await fault("resetAfterApply");
    await expect(put()).rejects.toThrow();
    expect(await posted()).toBe(1);
  });

  it("timeoutAfterApply applies and never answers", async () => {
    await fault("timeoutAfterApply");
    const patience = new AbortController();
    const answer = put({ signal: patience.signal });
    await vi.waitFor(async () => expect(await posted()).toBe(1));
    patience.abort();
    await expect(answer).rejects.toThrow();
  });

  it("a match and a connection choose the requests, and 0 times lasts until it is removed", async () => {
    await fault("503", { times: 0, match: "NO-SUCH-TEXT" });
    expect((await put()).status).toBe(204);
    await fault("503", { times: 0, match: "PUT /services" });
    for (let again = 0; again < 3; again += 1) expect((await put()).status).toBe(503);
    expect((await control("GET", "faults")).body.faults).toMatchObject([{ hits: 0 }, { hits: 3 }]);
    await control("DELETE", "faults?connection=northwind-erp");
    expect((await put()).status).toBe(204);
  });

  it("names what is wrong with a fault", async () => {
    expect(await fault("explode")).toMatchObject({ status: 400 });
    expect(await control("POST", "faults", { connection: "nowhere", kind: "503" })).toMatchObject({ status: 404 });
  });
});

describe("the storefront", () => {
  it("posts signed orders until each is taken, however often it is turned away", async () => {
    const taken = new Map<string, number>();
    let calls = 0;
    const shop = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString("utf8");
      calls += 1;
      if (request.headers["x-shopify-hmac-sha256"] !== signShopify(body, "shop-secret")) return response.writeHead(401).end();
      if (calls % 5 === 0) return response.writeHead(503).end();
      const event = String(request.headers["x-shopify-event-id"]);
      taken.set(event, (taken.get(event) ?? 0) + 1);
      return response.writeHead(202).end("{}");
    }).listen(0, "127.0.0.1");
    await once(shop, "listening");
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hooks`;
    const stream = {
      url,
      secret: "shop-secret",
      shopDomain: "a.myshopify.com",
      everyMs: 0,
      count: 40,
      invalidEvery: 10,
      duplicateEvery: 8,
    };
    expect((await control("POST", "stream", stream)).status).toBe(201);
    expect((await control("POST", "stream", stream)).status).toBe(409);
    await vi.waitFor(async () => expect((await control("GET", "stream")).body.running).toBe(false), { timeout: 20_000 });
    const status = (await control("GET", "stream?orders")).body;
    expect(status).toMatchObject({ made: 40, accepted: 40, invalid: 4, duplicates: 5, refused: 0, abandoned: 0 });
    expect(status.retries).toBeGreaterThan(0);
    expect(taken.size).toBe(40);
    expect([...taken.values()].filter((times) => times === 2)).toHaveLength(5);

    // The next stream of the same shop makes other orders.
    await control("POST", "stream", { ...stream, count: 1 });
    await vi.waitFor(async () => expect((await control("GET", "stream")).body.running).toBe(false));
    const next = (await control("GET", "stream?orders")).body.orders;
    expect(status.orders.map(({ id }: { id: string }) => id)).not.toContain(next[0].id);
    shop.close();
  });

  it("gives up what is refused for good, and stops when told", async () => {
    const shop = createServer((_, response) => response.writeHead(500).end()).listen(0, "127.0.0.1");
    await once(shop, "listening");
    const url = `http://127.0.0.1:${(shop.address() as AddressInfo).port}/hooks`;
    await control("POST", "stream", { url, secret: "s", shopDomain: "b.myshopify.com", everyMs: 5 });
    await vi.waitFor(async () => expect((await control("GET", "stream")).body.retries).toBeGreaterThan(0));
    const stopped = (await control("DELETE", "stream")).body;
    expect(stopped).toMatchObject({ running: false, accepted: 0, inFlight: 0 });
    expect(stopped.abandoned).toBe(stopped.made);
    shop.close();
  });
});

describe("the process", () => {
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  const main = fileURLToPath(new URL("../runtime/sandbox/main.ts", import.meta.url));
  const forked = async (config: object): Promise<{ child: ChildProcess; port: number }> => {
    const child = fork(main, { execArgv: ["--import", "tsx"], stdio: ["ignore", "pipe", "inherit", "ipc"] });
    children.push(child);
    child.send(config);
    const [{ port }] = (await once(child, "message")) as [{ port: number }];
    return { child, port };
  };

  it("keeps its ledgers over kill -9, and ends when its parent lets go", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    const first = await forked(given(folder));
    const health = await (await fetch(at("/_sandbox/health", first.port))).json();
    expect(health).toEqual({ ok: true, connections: ["northwind-shop", "northwind-erp", "northwind-wms"] });
    const call = await wms.render(await canonical(shipping(1)));
    const answer = await fetch(at("/northwind-wms/graphql", first.port), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await bearerOf(first.port)}` },
      body: JSON.stringify(call.request.body),
    });
    expect(answer.status).toBe(200);
    first.child.kill("SIGKILL");
    await once(first.child, "exit");

    const second = await forked({ ...given(folder), port: first.port });
    expect(second.port).toBe(first.port);
    const kept = await (await fetch(at("/_sandbox/ledger/northwind-wms/orders", second.port))).json();
    expect(kept.rows).toMatchObject([{ creates: 1, key: makeShopifyOrder("sandbox", shipping(1)).id }]);
    second.child.disconnect();
    const [code] = await once(second.child, "exit");
    expect(code).toBe(0);
  }, 30_000);

  it("starts from a file, too, and says what is wrong with one", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    const file = join(folder, "sandbox.json");
    await writeFile(file, JSON.stringify({ ...given("ledgers"), data: "ledgers" }));
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["--import", "tsx", main, "--config", file, "--port", "0"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(String(line)).toMatch(/^Sandbox ready at http:\/\/127\.0\.0\.1:\d+/);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(() => readSandboxConfig({ data: "x", connections: [{ name: "UPPER" }] })).toThrow(
      "The sandbox config is not right at",
    );
  }, 30_000);
});
