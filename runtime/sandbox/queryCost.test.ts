import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueryCost } from "#schemas/simulator.ts";
import { actualCost, type Query, queryOf, requestedCost } from "./queryCost.ts";

/** As Shopify counts. */
const points: QueryCost = {
  mutation: 10,
  object: 1,
  list: 2,
  record: 1,
  scale: "logarithm",
  size: 250,
  free: "^(pageInfo|billingAddress|shopMoney|presentmentMoney|[A-Za-z]+Set)$",
  most: 1000,
  over: { status: 200, body: "{}" },
};
/** As systems do that count records one by one. */
const credits: QueryCost = { ...points, object: 0, list: 1, scale: "each", size: 100, most: 4004 };

const parsed = (query: string, variables: Record<string, unknown> = {}): Query => queryOf({ query, variables }) as Query;
const asked = (query: string, variables?: Record<string, unknown>) => requestedCost(points, parsed(query, variables));
const got = (query: string, data: unknown, variables?: Record<string, unknown>) =>
  actualCost(points, parsed(query, variables), data);

const money = "{ shopMoney { amount } presentmentMoney { amount } }";

/** What stores were seen to charge for requests of these shapes: by a merchant in Shopify's forum, and by the makers of other connectors. */
const measured: [requested: number, query: string][] = [
  [4, "{ productVariants(first: 1) { edges { node { id product { id } } } } }"],
  [25, "{ product(id: 1) { variants(first: 250) { nodes { inventoryItem { id tracked } } } } }"],
  [
    27,
    "{ fulfillmentOrder(id: 1) { lineItems(first: 25) { edges { node { id lineItem { product { id } variant { id } } } } } } }",
  ],
  [
    48,
    "{ location(id: 1) { inventoryLevels(first: 100) { edges { node { quantities { quantity } item { variant { product { id } } } } } } } }",
  ],
  [21, "{ shopifyPaymentsAccount { payouts(first: 100) { nodes { id summary { feeSet { amount } } netSet { amount } } } } }"],
  [
    15,
    `{ refund(id: 1) { refundLineItems(first: 10) { pageInfo { hasNextPage } nodes { lineItem { id } location { id } priceSet ${money} } } } }`,
  ],
  [
    23,
    `{ order(id: 1) { id lineItems(first: 3) { pageInfo { endCursor } nodes { product { id } variant { id } customAttributes { key }
      duties { priceSet ${money} taxLines { rate } } fulfillmentService { location { id } } taxLines { rate priceSet ${money} }
      discountAllocations { allocatedAmountSet ${money} } } } } }`,
  ],
  [
    15,
    "{ order(id: 1) { fulfillments { id location { id } trackingInfo { number } service { type } fulfillmentLineItems(first: 10) { nodes { lineItem { id } } } } } }",
  ],
  [10, "mutation { draftOrderCreate(input: {}) { draftOrder { id } userErrors { message } } }"],
  [11, "mutation { draftOrderComplete(id: 1) { draftOrder { order { id } } userErrors { message } } }"],
];

describe("the cost of a GraphQL request", () => {
  it.each(measured)("is the %i points that Shopify was seen to ask for %s", (cost, query) => {
    expect(asked(query)).toBe(cost);
  });

  it("is that of what was found once there is an answer, as seen: 25 were asked, and 1 was paid for a product that is not there", () => {
    const query = "{ product(id: 1) { variants(first: 250) { nodes { inventoryItem { id } } } } }";
    expect(got(query, { product: null })).toBe(1);
    const variants = (count: number) => ({ product: { variants: { nodes: Array(count).fill({ inventoryItem: { id: "1" } }) } } });
    expect([got(query, variants(0)), got(query, variants(1)), got(query, variants(10)), got(query, variants(250))]).toEqual([
      3, 5, 11, 25,
    ]);
  });

  it("takes the size of a page from a variable, and its aliases and fragments into account", () => {
    const query = `query ($first: Int!) { a: orders(first: $first) { nodes { ...whole ... on Order { tags } } } b: shop { id } }
      fragment whole on Order { customer { id } shippingAddress { city } }`;
    expect(asked(query, { first: 10 })).toBe(2 + 4 * 3 + 1);
    expect(got(query, { a: { nodes: [] }, b: { id: "1" } }, { first: 10 })).toBe(3);
  });

  it("counts records one by one where a system does, and a hundred where nothing is said", () => {
    const cost = (query: string) => requestedCost(credits, parsed(query));
    expect(cost("{ orders { complexity data(first: 2) { edges { node { id } } } } }")).toBe(3);
    expect(cost("{ orders { data { edges { node { id line_items(first: 10) { edges { node { sku } } } } } } } }")).toBe(1201);
    expect(cost("mutation { order_create(data: {}) { complexity order { id } } }")).toBe(10);
  });

  it("is never less than what an answer of at most that size costs", () => {
    const query =
      "query ($first: Int!) { orders(first: $first) { nodes { customer { id } lineItems(first: 5) { nodes { variant { id } } } } } }";
    const line = fc.constantFrom({ variant: null }, { variant: { id: "1" } });
    const order = fc.record({
      customer: fc.constantFrom(null, { id: "1" }),
      lineItems: fc.record({ nodes: fc.array(line, { maxLength: 5 }) }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(order, { maxLength: 60 }), (first, orders) => {
        const data = { orders: { nodes: orders.slice(0, first) } };
        for (const cost of [points, credits]) {
          const request = parsed(query, { first });
          expect(actualCost(cost, request, data)).toBeLessThanOrEqual(requestedCost(cost, request));
        }
      }),
    );
  });
});
