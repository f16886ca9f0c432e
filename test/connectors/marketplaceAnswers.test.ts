import { describe, expect, it } from "vitest";
import { readJson } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { type Exchange, operationOf } from "./operation.fixture.ts";

const exchange = (file: string): Exchange => readJson(`./samples/${file}`) as Exchange;
const operation = (id: string, name: string) => operationOf(id, name, marketplaces[id] as Marketplace);

describe("what the marketplaces answer", () => {
  const body = (value: unknown): string => JSON.stringify(value);

  it.each([
    [
      "amazon",
      "confirmShipment",
      400,
      { errors: [{ code: "InvalidInput", message: "Bad package", details: "" }] },
      "rejected",
      "Bad package",
    ],
    [
      "amazon",
      "setQuantity",
      200,
      { status: "INVALID", issues: [{ severity: "ERROR", message: "No such SKU" }] },
      "rejected",
      "No such SKU",
    ],
    [
      "walmart",
      "confirmShipment",
      400,
      { errors: { error: [{ description: "Not acknowledged" }] } },
      "rejected",
      "Not acknowledged",
    ],
    ["walmart", "setQuantity", 520, {}, "transient", "status 520"],
    ["ebay", "confirmShipment", 409, { errors: [{ message: "no", longMessage: "It is shipped" }] }, "rejected", "It is shipped"],
    ["ebay", "setQuantity", 207, { responses: [{ statusCode: 400, errors: [{ message: "No SKU" }] }] }, "rejected", "No SKU"],
    ["ebay", "setQuantity", 207, { responses: [{ statusCode: 500, errors: [{ message: "Later" }] }] }, "transient", "Later"],
    [
      "etsy",
      "confirmShipment",
      403,
      { error: "insufficient_scope", error_description: "The scope is missing" },
      "auth",
      "The scope is missing",
    ],
    ["woocommerce", "getOrder", 404, { code: "invalid_id", message: "Invalid ID." }, "rejected", "Invalid ID."],
    ["etsy", "setQuantity", 404, { error: "Resource not found" }, "rejected", "Resource not found"],
    [
      "mirakl",
      "confirmShipment",
      200,
      { shipment_success: [], shipment_errors: [{ order_id: "MK-1", message: "The quantity is too high" }] },
      "rejected",
      "The quantity is too high",
    ],
    ["mirakl", "getOrder", 200, { orders: [], total_count: 0 }, "rejected", "no such order"],
    ["otto", "setQuantity", 207, { errors: [{ title: "BAD", detail: "Unknown SKU" }] }, "rejected", "Unknown SKU"],
    ["otto", "confirmShipment", 409, { errors: [{ title: "CONFLICT" }] }, "rejected", "CONFLICT"],
    ["mercado-libre", "getOrder", 404, { message: "Order not found", cause: [] }, "rejected", "Order not found"],
    [
      "zalando",
      "setQuantity",
      207,
      { results: [{ result: { status: "REJECTED", code: 101, description: "No such EAN" } }] },
      "rejected",
      "No such EAN",
    ],
    [
      "zalando",
      "setQuantity",
      207,
      { results: [{ result: { status: "FAILED", code: 104, description: "Try again" } }] },
      "transient",
      "Try again",
    ],
  ])("%s %s: %i is read for what it is", async (id, name, status, answer, outcome, words) => {
    const [file] = operation(id, name).operation?.samples ?? [];
    const { item } = exchange(file ?? "");
    const result = await operation(id, name).read(item, { status, body: body(answer) });
    expect(result).toMatchObject({ ok: false, class: outcome, reason: { message: expect.stringContaining(words) } });
  });

  it("Amazon's refusal says by its rate how long to wait, Walmart's by its clock", async () => {
    const wait = (id: string, name: string, headers: Record<string, string>) =>
      operation(id, name).readPage({ status: 429, headers, body: body({ errors: [{ message: "Slow down" }] }) });
    expect(await wait("amazon", "ordersChanged", { "x-amzn-ratelimit-limit": "0.0056" })).toMatchObject({
      class: "rateLimited",
      retryAfterMs: expect.closeTo(178_571, -3),
    });
    const at = String(Date.parse("2026-11-23T10:01:30.000Z"));
    expect(await wait("walmart", "ordersChanged", { "x-next-replenishment-time": at })).toMatchObject({ retryAfterMs: 90_000 });
  });

  it("Walmart's 404 for nothing new is an empty page, and any other is a refusal", async () => {
    const { readPage } = operation("walmart", "ordersChanged");
    const none = { errors: { error: [{ code: "CONTENT_NOT_FOUND.GMP_ORDER_API", description: "No orders" }] } };
    expect(await readPage({ status: 404, body: body(none) })).toMatchObject({ ok: true, page: { records: [], next: null } });
    expect(await readPage({ status: 404, body: body({ error: [{ description: "No such page" }] }) })).toMatchObject({
      ok: false,
    });
  });
});
