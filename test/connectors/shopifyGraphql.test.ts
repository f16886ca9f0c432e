import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { fixturesIn, readJson, runMapping, shop } from "./mapping.fixture.ts";
import { type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** What a store is asked and told by the GraphQL Admin API. */

const known = {
  config: { shopDomain: shop, baseUrl: `https://${shop}/admin/api/2026-07` },
  secrets: { webhookSecret: "secret", accessToken: "token" },
};
const sample = (name: string): Tree => readJson(`./samples/shopify.${name}.json`) as Tree;
const toCanonical = (order: unknown) => runMapping("shopify.orderGraphql.jsonata", order) as Promise<Tree>;
const answer = (data: unknown, more: Tree = {}) => ({ status: 200, body: JSON.stringify({ data, ...more }) });

describe("an order of the GraphQL API", () => {
  it.each(["us", "eu"])("makes the same canonical order as its webhook (%s)", async (name) => {
    const byWebhook = (await runMapping("shopify.order.jsonata", sample(`orderCreated.${name}`))) as Tree;
    const { version, orderedAt, updatedAt, schemaVersion, ...asked } = await toCanonical(sample(`ordersUpdated.${name}`));
    const { version: _, orderedAt: placedAt, updatedAt: __, schemaVersion: ___, ...brought } = byWebhook;
    // The poll does not say who ships each line; its page tells so.
    for (const line of brought.lines as Tree[]) delete line.fulfilledBy;
    expect(schemaVersion).toBe("1.0.0");
    expect(Date.parse(String(orderedAt))).toBe(Date.parse(String(placedAt)));
    expect(updatedAt).toBe(version);
    expect(asked).toEqual(brought);
  });

  it("counts what was cancelled or refunded before it left", async () => {
    const pieces = async (line: Tree, more: Tree = {}) => {
      const order = { ...sample("ordersUpdated.us"), ...more } as Tree & { lineItems: { nodes: Tree[] } };
      const lineItems = { ...order.lineItems, nodes: [{ ...order.lineItems.nodes[0], quantity: 3, ...line }] };
      const [{ quantityFulfilled, quantityCancelled }] = (await toCanonical({ ...order, lineItems })).lines as [Tree];
      return [quantityFulfilled, quantityCancelled];
    };
    const line = (currentQuantity: number, unfulfilledQuantity: number, nonFulfillableQuantity: number) => ({
      currentQuantity,
      unfulfilledQuantity,
      nonFulfillableQuantity,
    });
    expect(await pieces(line(3, 3, 0))).toEqual([0, 0]);
    expect(await pieces(line(2, 1, 1))).toEqual([1, 1]);
    expect(await pieces(line(2, 2, 0))).toEqual([1, 0]);
    expect(await pieces(line(0, 0, 3))).toEqual([0, 3]);
    expect(await pieces(line(3, 2, 0), { cancelledAt: "2026-09-15T00:00:00Z" })).toEqual([1, 2]);
  });

  it("with more lines than come with it is refused rather than booked in part", async () => {
    const order = sample("ordersUpdated.us");
    const cut = { ...order, lineItems: { ...(order.lineItems as Tree), pageInfo: { hasNextPage: true } } };
    await expect(toCanonical(cut)).rejects.toMatchObject({ message: expect.stringContaining("more than 100 lines") });
  });

  it("is fulfilled by whom its fulfillment orders are assigned to", async () => {
    const assigned = (...types: (string | null)[]) => ({
      nodes: types.map((type) => ({ assignedLocation: { location: { fulfillmentService: type && { type } } } })),
    });
    const by = async (...types: (string | null)[]) =>
      (await toCanonical({ ...sample("ordersUpdated.us"), fulfillmentOrders: assigned(...types) })).fulfilledBy;
    expect([await by(null), await by("THIRD_PARTY"), await by("MANUAL", "THIRD_PARTY")]).toEqual([
      "merchant",
      "channel",
      "mixed",
    ]);
  });

  it("is asked for by the time it changed, page by page", async () => {
    const { ask, readPage } = operationOf("shopify", "ordersUpdated", known, { pageSize: 5 });
    const { path, body } = await ask({ page: "MTA=" });
    expect(path).toBe("/graphql.json");
    expect((body as { variables: Tree }).variables).toEqual({
      query: "updated_at:>='2026-11-20T10:00:00.000Z' updated_at:<='2026-11-20T16:00:00.000Z'",
      first: 5,
      after: "MTA=",
    });
    const page = { pageInfo: { hasNextPage: true, endCursor: "MTU=" }, nodes: [sample("ordersUpdated.us")] };
    expect(await readPage(answer({ orders: page }))).toMatchObject({
      ok: true,
      page: { next: "MTU=", records: [{ documentKey: "5901234567001" }] },
    });
  });

  it("waits as long as the store's allowance needs when there were too many questions", async () => {
    const { readPage } = operationOf("shopify", "ordersUpdated", known);
    const cost = { requestedQueryCost: 510, throttleStatus: { maximumAvailable: 1000, currentlyAvailable: 10, restoreRate: 50 } };
    const throttled = { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }], extensions: { cost } };
    expect(await readPage({ status: 200, body: JSON.stringify(throttled) })).toMatchObject({
      ok: false,
      class: "rateLimited",
      retryAfterMs: 10_000,
    });
  });
});

describe("a shipment", () => {
  const { item } = sample("confirmShipment") as unknown as Exchange;
  const shipment = item as Tree & { lines: Tree[] };
  const line = (id: string, left: number, sku = "NW-SOCK-M") => ({
    id,
    remainingQuantity: left,
    lineItem: { id: "gid://shopify/LineItem/9", sku },
  });
  const order = (id: string, status: string, ...nodes: Tree[]) => ({ id, status, lineItems: { nodes } });
  const { render, read } = operationOf("shopify", "confirmShipment", known);
  const fulfilled = async (quantity: number, ...fulfillmentOrders: Tree[]) => {
    const { request } = await render({ ...shipment, lines: [{ lineId: "9", sku: "NW-SOCK-M", quantity }], fulfillmentOrders });
    const { fulfillment } = (request.body as { variables: { fulfillment: { lineItemsByFulfillmentOrder: unknown } } }).variables;
    return fulfillment.lineItemsByFulfillmentOrder;
  };

  it("takes its pieces from what is open, one fulfillment order after the other", async () => {
    const orders = [
      order("A", "CLOSED", line("a", 5)),
      order("B", "OPEN", line("b", 2)),
      order("C", "IN_PROGRESS", line("c", 4)),
    ];
    expect(await fulfilled(3, ...orders)).toEqual([
      { fulfillmentOrderId: "B", fulfillmentOrderLineItems: [{ id: "b", quantity: 2 }] },
      { fulfillmentOrderId: "C", fulfillmentOrderLineItems: [{ id: "c", quantity: 1 }] },
    ]);
  });

  it("of more pieces than are open is not sent, and says of which", async () => {
    await expect(fulfilled(4, order("B", "OPEN", line("b", 3)))).rejects.toMatchObject({
      message: expect.stringContaining("Shopify has 3 of 4 pieces of NW-SOCK-M left to fulfil."),
    });
    // Nor is the rest of a shipment sent when one of its lines is open nowhere.
    const lines = [
      { lineId: "9", sku: "NW-SOCK-M", quantity: 1 },
      { lineId: "10", sku: "NW-BOOT-42", quantity: 1 },
    ];
    const open = [order("B", "OPEN", line("b", 3))];
    await expect(render({ ...shipment, lines, fulfillmentOrders: open })).rejects.toMatchObject({
      message: expect.stringContaining("Shopify has 0 of 1 pieces of NW-BOOT-42 left to fulfil."),
    });
    const { fulfillmentOrders: _, ...alone } = shipment;
    await expect(render(alone)).rejects.toMatchObject({ message: expect.stringContaining("Read fulfillment orders") });
  });

  it("whose answer never came is found by its tracking number, and not where it was cancelled", async () => {
    const number = (shipment.trackingNumbers as Tree[])[0]?.number;
    const told = (status: string) => answer({ order: { fulfillments: [{ id: "f", status, trackingInfo: [{ number }] }] } });
    expect(await read(item, told("SUCCESS"), "lookup")).toMatchObject({ ok: true, result: { id: "f" } });
    expect(await read(item, told("CANCELLED"), "lookup")).toMatchObject({ ok: true, found: false });
  });

  const published = fixturesIn("shopify/bcapps-graphql");
  it.skipIf(published.length === 0)("is done or refused as Shopify's own answers say", async () => {
    const body = (name: string) => ({ status: 200, body: published.find((each) => each.name === name)?.text ?? "" });
    expect(await read(item, body("FulfillmentCreateResult.json"))).toMatchObject({ ok: true, result: { status: "SUCCESS" } });
    expect(await read(item, body("FulfillmentFailedResult.json"))).toMatchObject({
      ok: false,
      class: "rejected",
      reason: { message: "fulfillment: Fulfillment order does not exist." },
    });
  });
});

it("a quantity is set under a key of its sending: one that comes back to an earlier value is not taken for the earlier request", async () => {
  const { item, config, answer: last } = sample("setQuantity") as unknown as Exchange;
  const { render, read } = operationOf("shopify", "setQuantity", known, config);
  await render(item);
  const found = answer({
    productVariants: { nodes: [{ sku: "NW-TENT-2P-GRN", inventoryItem: { id: "gid://shopify/InventoryItem/8" } }] },
  });
  const first = await read(item, found, "request", undefined, "task-1");
  expect(first).toMatchObject({
    next: {
      request: {
        body: {
          query: expect.stringContaining("inventorySetQuantities(input: $input) @idempotent(key: $key)"),
          variables: {
            key: "task-1:655441491:40",
            input: { name: "available", quantities: [{ inventoryItemId: "gid://shopify/InventoryItem/8", quantity: 40 }] },
          },
        },
      },
    },
  });
  const keyOf = async (quantity: number, once: string, location?: string) => {
    const asked = location === undefined ? read : operationOf("shopify", "setQuantity", known, { ...config, location }).read;
    const result = await asked({ ...(item as Tree), quantity }, found, "request", undefined, once);
    return (result as { next: { request: { body: { variables: { key: string } } } } }).next.request.body.variables.key;
  };
  // 5, 7 and 5 again in one run, tried twice, and at another location.
  const keys = [await keyOf(5, "task-1"), await keyOf(7, "task-2"), await keyOf(5, "task-3"), await keyOf(5, "task-1", "9")];
  expect(new Set(keys).size).toBe(4);
  expect(await keyOf(5, "task-3")).toBe(keys[2]);
  const before = (first as { next: { before: unknown[] } }).next.before;
  expect(await read(item, last, "request", before)).toMatchObject({ ok: true, result: { sku: "NW-TENT-2P-GRN", quantity: 40 } });
  expect(await read(item, answer({ productVariants: { nodes: [] } }))).toMatchObject({
    ok: false,
    class: "rejected",
    reason: { message: "Shopify has no variant of the SKU NW-TENT-2P-GRN." },
  });
});

it("a payout's lines make up what goes to the bank", async () => {
  const { item, answer: given } = sample("payoutTransactions") as unknown as Exchange;
  const { transactions } = JSON.parse(given.body) as { transactions: unknown[] };
  const settlement = (await runMapping("shopify.settlement.jsonata", { ...(item as Tree), transactions })) as Tree;
  expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
  expect((settlement.lines as Tree[]).map(({ category, amount, orderRef }) => [category, amount, orderRef])).toEqual([
    ["principal", "-3.70", "5901234567001"],
    ["principal", "332.67", "5901234567001"],
    ["commission", "-10.04", "5901234567001"],
  ]);
});
