import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RenderedRequest } from "#nodes/plan.ts";
import { Ledger } from "#runtime/sandbox/ledger.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

type Tree = Record<string, unknown>;

/** Operations that a system tells apart by a key, and where the key goes. */
const keyed: [string, string, (request: RenderedRequest) => unknown][] = [
  ["stripe", "refundPayment", ({ headers }) => headers["Idempotency-Key"]],
  ["shopify", "refundOrder", ({ body }) => (body as { variables: { key: string } }).variables.key],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-keys-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(keyed)("%s.%s", (id, name, keyOf) => {
  const connector = connectorOf(id);
  const known = connectionOf(connector);
  const { item, config = {} } = readJson(`./samples/${id}.${name}.json`) as Exchange & { item: Tree };
  const { operation, render, read } = operationOf(connector, name, known, config);

  it("carries the effect key, the same in each try, and another for another refund", async () => {
    const call = await render(item);
    expect(keyOf(call.request)).toBe(call.effectKey);
    expect(call.effectKey).toContain("/refund");
    expect(await render(item)).toMatchObject({ effectKey: call.effectKey, request: call.request });
    const other = await render({ ...item, refundId: "RMA-2" });
    expect(keyOf(other.request)).not.toBe(call.effectKey);
  });

  it("is forgotten one day, and nothing is sent again by then", () => {
    const { idempotency } = operation as { idempotency: Tree };
    expect(idempotency).toMatchObject({ mode: "key", keptMs: expect.any(Number) });
    expect(idempotency.keptMs).toBeLessThan(86_400_000);
  });

  it("pays back once, however often it is sent, and gives the first answer each time", async () => {
    const simulated = new Simulated(connector, known, join(folder, id));
    const { request } = await render(item);
    const [first, again] = [await simulated.answer(request), await simulated.answer(request)];
    expect(again.body).toBe(first.body);
    expect(await read(item, again)).toMatchObject({ ok: true, result: { id: expect.any(String) } });
    // Another sum under the same key is a mistake, and told.
    const more = { ...item, amount: "250.00", transactions: [{ transactionId: "1", gateway: "g", amount: "250.00" }] };
    const misused = await simulated.answer((await render(more)).request);
    expect(await read(more, misused)).toMatchObject({ ok: false, class: "rejected", applied: "no" });
    await simulated.answer((await render({ ...item, refundId: "RMA-2" })).request);
    await simulated.close();
    const ledger = await Ledger.open(join(folder, id, "refunds.jsonl"));
    expect([ledger.rows().map(({ creates }) => creates), ledger.total()]).toEqual([[1, 1], "498.00"]);
    await ledger.close();
  });
});

describe("a refund by Stripe", () => {
  const connector = connectorOf("stripe");
  const { item } = readJson("./samples/stripe.refundPayment.json") as Exchange & { item: Tree };
  const { render, read } = operationOf(connector, "refundPayment", connectionOf(connector));
  const formOf = async (more: Tree) =>
    Object.fromEntries(new URLSearchParams((await render({ ...item, ...more })).request.body as string));

  it.each([
    ["249.00", "USD", "24900"],
    ["10", "usd", "1000"],
    ["1500", "JPY", "1500"],
    ["1.234", "KWD", "1234"],
  ])("of %s %s is one of %s smallest units", async (amount, currency, units) => {
    expect(await formOf({ amount, currency })).toMatchObject({ amount: units, payment_intent: "pi_1NW0417" });
  });

  it.each([
    ["10.005", "USD"],
    ["0", "EUR"],
    ["-5.00", "USD"],
    ["1.5", "JPY"],
  ])("of %s %s is refused before anything is sent", async (amount, currency) => {
    await expect(render({ ...item, amount, currency })).rejects.toThrow("is no sum of");
  });

  it("needs a payment, leaves out a reason that Stripe does not know, and tells the order", async () => {
    await expect(render({ ...item, paymentIntent: null })).rejects.toThrow("names no payment");
    const form = await formOf({ paymentIntent: null, charge: "ch_1", reason: "too small" });
    expect(form).toMatchObject({ charge: "ch_1", "metadata[refund_id]": "RMA-10417-1", "metadata[order_id]": "5901234567001" });
    expect(Object.keys(form)).not.toContain("reason");
  });

  it("that Stripe took and could not pay is no refund", async () => {
    const failed = { body: JSON.stringify({ id: "re_1", status: "failed", failure_reason: "lost_or_stolen_card" }) };
    expect(await read(item, failed)).toMatchObject({
      ok: false,
      class: "rejected",
      reason: { message: expect.stringContaining("lost_or") },
    });
  });
});

it("Shopify puts what came back into stock only where somebody says where", async () => {
  const connector = connectorOf("shopify");
  const { item } = readJson("./samples/shopify.refundOrder.json") as Exchange & { item: Tree & { lines: Tree[] } };
  const lines = async (config: Tree, more: Tree = {}) => {
    const { render } = operationOf(connector, "refundOrder", connectionOf(connector), config);
    const { body } = (await render({ ...item, ...more })).request as {
      body: { variables: { input: { refundLineItems: Tree[] } } };
    };
    return body.variables.input.refundLineItems.map(({ restockType, locationId }) => [restockType, locationId]);
  };
  expect(await lines({ location: "7" })).toEqual([["RETURN", "gid://shopify/Location/7"]]);
  expect(await lines({ location: "7" }, { locationId: "8" })).toEqual([["RETURN", "gid://shopify/Location/8"]]);
  expect(await lines({})).toEqual([["NO_RESTOCK", undefined]]);
  expect(await lines({ location: "7" }, { lines: [{ lineId: "1", quantity: 1 }] })).toEqual([
    ["RETURN", "gid://shopify/Location/7"],
  ]);
  expect(await lines({ location: "7" }, { lines: [{ ...item.lines[0], restock: false }] })).toEqual([["NO_RESTOCK", undefined]]);
});
