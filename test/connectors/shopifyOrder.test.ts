import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import { makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import type { Connector } from "#schemas/connector.ts";
import { parseJson } from "#schemas/json.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";

type Tree = Record<string, unknown>;
const canonicalOf = async (body: string): Promise<Tree> => (await runMapping("shopify.order.jsonata", parseJson(body))) as Tree;
const numbers = Array.from({ length: 300 }, (_, index) => index + 1);

describe("the made-up orders", () => {
  it("are consistent canonical orders whatever seed and number", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 999_999 }), async (seed, number) => {
        const made = makeShopifyOrder(seed, number);
        const order = await canonicalOf(made.body);
        expect(canonicalFaults("canonical/order/1", order)).toEqual([]);
        expect(order).toMatchObject({ externalId: made.id, currency: made.currency, totals: { grand: made.grand } });
      }),
      { numRuns: 200 },
    );
  });

  it("break an invariant, and only a total, when they are to be invalid", async () => {
    for (const number of numbers.slice(0, 40)) {
      const made = makeShopifyOrder("seed", number, { invalid: true });
      const faults = canonicalFaults("canonical/order/1", await canonicalOf(made.body)) ?? [];
      expect(faults.map(({ path }) => path)).toContain("/totals/grand");
      expect(made.valid).toBe(false);
    }
  });

  it("are the same bytes for the same seed and number, and others otherwise", () => {
    expect(makeShopifyOrder("a", 7)).toEqual(makeShopifyOrder("a", 7));
    const ids = numbers.flatMap((number) => [makeShopifyOrder("a", number).id, makeShopifyOrder("b", number).id]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("vary in everything that matters", async () => {
    const made = numbers.map((number) => makeShopifyOrder("variety", number));
    const orders = made.map(({ body }) => parseJson(body) as Tree & { line_items: Tree[]; shipping_lines: Tree[] });
    expect(new Set(made.map(({ currency }) => currency))).toEqual(new Set(["USD", "CAD", "EUR", "GBP", "JPY"]));
    expect(new Set(orders.map((order) => order.line_items.length))).toEqual(new Set([1, 2, 3, 4]));
    const some = (what: (order: (typeof orders)[number]) => boolean): boolean => orders.some(what) && !orders.every(what);
    expect(some((order) => order.taxes_included === true)).toBe(true);
    expect(some((order) => order.total_discounts !== "0.00" && order.total_discounts !== "0")).toBe(true);
    expect(some((order) => order.line_items.some((line) => line.gift_card === true))).toBe(true);
    expect(some((order) => order.cancelled_at !== null)).toBe(true);
    expect(some((order) => order.customer === null)).toBe(true);
    expect(some((order) => order.shipping_lines.length === 0)).toBe(true);
    expect(some((order) => order.total_tip_received !== "0.00" && order.total_tip_received !== "0")).toBe(true);
    expect(made.some(({ ships }) => ships) && made.some(({ ships }) => !ships)).toBe(true);
  });

  it("carry some ids as numbers that no double can hold", () => {
    const big = numbers.map((number) => makeShopifyOrder("big", number)).filter(({ id }) => BigInt(id) > 2n ** 53n);
    expect(big.length).toBeGreaterThan(10);
    for (const { id, body } of big) {
      expect(body).toContain(`"id":${id},`);
      expect((parseJson(body) as Tree).id).toBe(id);
    }
  });

  it("pass the connector's own check of signatures, and not when a byte changed", () => {
    const { orderCreated } = (readJson("./shopify.connector.json") as Connector).operations;
    if (orderCreated?.transport !== "webhook") throw new Error("The Shopify connector has no source orderCreated.");
    const made = makeShopifyOrder("a", 17);
    const context = { config: {}, secrets: { webhookSecret: "secret" } };
    const headers = { "x-shopify-hmac-sha256": signShopify(made.body, "secret"), "x-shopify-event-id": made.eventId };
    const verified = (body: string) => verifyWebhook(orderCreated.verify, context, headers, Buffer.from(body)).ok;
    expect([verified(made.body), verified(made.body.replace("Order", "order"))]).toEqual([true, false]);
    const keys = intakeKeys(orderCreated, { headers, body: parseJson(made.body) });
    expect(keys).toMatchObject({ documentKey: made.id });
    expect(JSON.stringify(keys)).toContain(made.eventId);
  });
});
