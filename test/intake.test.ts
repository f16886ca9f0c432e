import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster, webhookPath } from "./support/cluster.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ env: { ORDERLOOM_MAX_BODY_BYTES: "200000" } });
});
afterAll(() => cluster.stop());

const order = (number: number, options = {}) => makeShopifyOrder("intake", number, options);

describe("what bad input gets", () => {
  it.each([
    [
      "a wrong signature",
      401,
      "signatureWrong",
      () => cluster.deliver(order(1).body, { "x-shopify-hmac-sha256": signShopify("other", "x") }),
    ],
    ["no signature", 401, "signatureMissing", () => cluster.deliver(order(1).body, { "x-shopify-hmac-sha256": "" })],
    ["a body that is no JSON", 400, "bodyNotJson", () => cluster.deliver('{"id": 1,')],
    ["an empty body", 400, "bodyEmpty", () => cluster.deliver("")],
    ["a forbidden key", 400, "bodyNotJson", () => cluster.deliver('{"id": 1, "__proto__": {"a": 1}}')],
    ["JSON nested too deep", 400, "bodyNotJson", () => cluster.deliver(`${"[".repeat(5_000)}${"]".repeat(5_000)}`)],
    ["a body that is too large", 413, "bodyTooLarge", () => cluster.deliver(`{"id": "${"x".repeat(200_001)}"}`)],
    ["an unknown flow", 404, "unknownHook", () => cluster.call("POST", "/hooks/dev/no-such-flow/orders", {})],
    ["an unknown environment", 404, "unknownHook", () => cluster.call("POST", "/hooks/mars/shopify-order-to-cash/orders", {})],
    ["a node that is no source", 404, "unknownHook", () => cluster.call("POST", "/hooks/dev/shopify-order-to-cash/erp", {})],
    ["an encoding nobody declared", 415, "unsupportedEncoding", () => cluster.deliver("{}", { "content-encoding": "br" })],
  ])("%s: %i %s, and nothing is accepted", async (_what, status, code, deliver) => {
    const answer = await deliver();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.message).toMatch(/^[A-Z].*\.$/);
    expect((await cluster.call("GET", "/api/v1/runs")).body.items).toEqual([]);
  });

  it("a body that is no UTF-8 is refused, not guessed at", async () => {
    const bytes = Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const { createHmac } = await import("node:crypto");
    const signature = createHmac("sha256", "northwind-sandbox-secret").update(bytes).digest("base64");
    const answer = await cluster.deliver(bytes, { "x-shopify-hmac-sha256": signature });
    expect([answer.status, answer.body.code]).toEqual([400, "bodyNotJson"]);
  });
});

describe("accepting", () => {
  it("answers with a receipt, the same for the same event, and runs it once", async () => {
    const made = order(10);
    const headers = { "x-shopify-event-id": made.eventId };
    const answers = await Promise.all([1, 2, 3].map(() => cluster.deliver(made.body, headers)));
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map((answer) => answer.body.receipt)).size).toBe(1);
    expect(answers.filter((answer) => !answer.body.duplicate)).toHaveLength(1);
    await cluster.settled();
    const { items } = (await cluster.call("GET", `/api/v1/runs?q=${made.id}`)).body;
    expect(items.map((run: { state: string }) => run.state)).toEqual(["SUCCEEDED"]);
    const { rows } = await cluster.ledger("northwind-erp", "salesOrders");
    expect(rows.filter((row) => row.key.endsWith(made.id))).toMatchObject([{ writes: 1, creates: 1 }]);
  });

  it("one document under three events makes one sales order, written once", async () => {
    const made = order(11);
    for (const event of ["a", "b", "c"]) {
      expect((await cluster.deliver(made.body, { "x-shopify-event-id": `event-${event}` })).status).toBe(202);
    }
    await cluster.settled();
    const { rows } = await cluster.ledger("northwind-erp", "salesOrders");
    expect(rows.filter((row) => row.key.endsWith(made.id))).toMatchObject([{ writes: 1, creates: 1 }]);
  });

  it("takes a gzipped body, signed as it was before packing", async () => {
    const made = order(12);
    const answer = await cluster.deliver(gzipSync(made.body), {
      "content-encoding": "gzip",
      "x-shopify-hmac-sha256": signShopify(made.body, "northwind-sandbox-secret"),
    });
    expect(answer.status).toBe(202);
  });

  it("makes a dead letter with path, found and expected of an order that does not add up", async () => {
    const made = order(13, { invalid: true });
    await cluster.deliver(made.body, { "x-shopify-event-id": made.eventId });
    await cluster.settled();
    const { items } = (await cluster.call("GET", `/api/v1/dead-letters?q=${made.id}`)).body;
    expect(items).toMatchObject([{ class: "invalid", node: "invariants", state: "open", documentKey: made.id }]);
    expect(items[0].reason).toMatchObject({
      path: expect.stringMatching(/^\//),
      found: expect.anything(),
      expected: expect.anything(),
    });
    const { rows } = await cluster.ledger("northwind-erp", "salesOrders");
    expect(rows.filter((row) => row.key.endsWith(made.id))).toEqual([]);
  });

  it("a paused deployment accepts and holds, and lets go when it is resumed", async () => {
    const state = (value: string) =>
      cluster.call("PUT", "/api/v1/environments/dev/deployments/shopify-order-to-cash", { state: value });
    expect((await state("paused")).body.state).toBe("paused");
    const made = order(14);
    expect((await cluster.deliver(made.body, { "x-shopify-event-id": made.eventId })).status).toBe(202);
    const find = async () => (await cluster.call("GET", `/api/v1/runs?q=${made.id}`)).body.items[0];
    expect(await find()).toMatchObject({ state: "RUNNING", held: true });
    // A whole sweep and more passes over it without touching it.
    const letGo = until(async () => !(await find()).held, { timeoutMs: 1_000 });
    await expect(letGo).rejects.toThrow();
    await state("active");
    await until(async () => (await find()).state === "SUCCEEDED", { what: "the held run to succeed" });
  });

  it("keeps odd characters whole and never trips over them", async () => {
    const body = JSON.parse(order(15).body);
    body.note = "NUL \u0000, half a pair \ud800, emoji 🧵, </script>";
    body.id = "odd\u0000key\ud800";
    const answer = await cluster.deliver(JSON.stringify(body), { "x-shopify-event-id": "odd-1" });
    expect(answer.status).toBe(202);
    await cluster.settled();
    const run = (await cluster.call("GET", `/api/v1/runs?q=${answer.body.receipt}`)).body.items[0];
    const detail = (await cluster.call("GET", `/api/v1/runs/${run.id}`)).body;
    expect(detail.message.body.note).toBe(body.note);
  });

  it("serves health, readiness, metrics and the API's description", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics", "/api/openapi.json"])
      expect((await cluster.call("GET", path)).status).toBe(200);
    expect((await cluster.call("GET", "/api/v1/nothing")).body.code).toBe("notFound");
    expect(webhookPath).toMatch(/^\/hooks\//);
  });
});
