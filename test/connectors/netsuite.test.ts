import { describe, expect, it } from "vitest";
import { addAll, compare } from "#schemas/decimal.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import { effectOf } from "./plan.fixture.ts";

type Tree = Record<string, unknown>;
interface SalesOrder extends Tree {
  externalId: string;
  item: { items: { amount: number; rate?: number; quantity: number; item: Tree; description?: string }[] };
}
const connection = {
  accountId: "TSTDRV1000001",
  customerId: "12345",
  subsidiaryId: "1",
  departmentId: "3",
  fallbackItemId: "567",
  taxItemId: "2",
  shippingItemId: "3",
  discountItemId: "4",
  adjustmentItemId: "5",
  marketplaceTaxItemId: "6",
  giftCardItemId: "7",
};
const toSalesOrder = async (order: unknown, config: Tree = {}) =>
  (await runMapping("netsuite.salesOrder.jsonata", order, { connection, config })) as SalesOrder;
const sample = async (name: string): Promise<Tree> => {
  const { input } = readJson(`../../flows/samples/shopify-order-to-cash/${name}.sample.json`) as { input: unknown };
  return (await runMapping("shopify.order.jsonata", input)) as Tree;
};
const total = (order: SalesOrder): string => addAll(order.item.items.map((item) => item.amount));

/** The canonical order that the public examples of NetSuite sales orders stand for. */
const example = (id: string, extra: { tax?: string; shipping?: string; discount?: string; grand: string }): Tree => ({
  schemaVersion: "1.0.0",
  channel: { system: "3dcart", account: "store" },
  externalId: id,
  externalNumber: `#${id}`,
  orderedAt: "2025-08-03T10:00:00Z",
  currency: "USD",
  status: "open",
  buyer: extra.shipping ? { purchaseOrder: "PO-2025-001" } : null,
  shipTo: extra.shipping
    ? {
        name: "Test Buyer",
        company: "Example Supplies",
        line1: "1 Example Street",
        city: "Fort Wayne",
        region: "IN",
        postalCode: "46818",
        countryCode: "US",
        phone: "(260) 555-0123",
      }
    : null,
  lines: [{ lineId: "1", kind: "product", sku: null, quantity: 1, unitPrice: "329.0", gross: "329.0", taxes: [], discounts: [] }],
  shipping: extra.shipping ? [{ amount: extra.shipping, discounts: [], taxes: [] }] : [],
  totals: {
    gross: "329.0",
    discount: extra.discount ?? "0",
    shipping: extra.shipping ?? "0",
    tax: extra.tax ?? "0",
    grand: extra.grand,
  },
});

const examples: Record<string, { order: Tree; total: string }> = {
  "salesOrder_create.simple.json": { order: example("1108410", { grand: "329.00" }), total: "329.00" },
  "salesOrder_create.tax_line.json": { order: example("1108411", { tax: "27.85", grand: "356.85" }), total: "356.85" },
  "salesOrder_create.tax_shipping_discount.json": {
    order: example("1108413", { tax: "27.85", shipping: "25.00", discount: "10.00", grand: "371.85" }),
    total: "371.85",
  },
};

/** Leaves as `path = text`; the examples write field names in mixed case and numeric ids, which NetSuite reads alike. */
function leaves(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);
  return new Map(Object.entries(value).flatMap(([key, child]) => [...leaves(child, `${path}/${key.toLowerCase()}`)]));
}

/** Fields of the examples that belong to the account that made them. */
const notOurs = /^\/(istaxable|custbody.*|memo)$|^\/item\/items\/\d+\/item\/externalid$/;

const fixtures = fixturesIn("netsuite");

describe.skipIf(fixtures.length === 0)("sales orders beside the public examples", () => {
  it.each(fixtures)("agrees field by field with $name", async ({ name, text }) => {
    const known = examples[name];
    if (!known) throw new Error(`${name} is a new example; say which order it stands for.`);
    const ours = await toSalesOrder(known.order);
    const mine = leaves(ours);
    for (const [path, value] of leaves(JSON.parse(text))) {
      if (!notOurs.test(path)) expect(`${path} = ${mine.get(path)}`).toBe(`${path} = ${value}`);
    }
    expect(ours.item.items).toHaveLength(JSON.parse(text).item.items.length);
    expect(compare(total(ours), known.total)).toBe(0);
  });
});

describe("the NetSuite mapping", () => {
  it.each(["us-two-lines", "eu-vat-included-discount", "cancelled-big-id", "gift-card-only", "tip-and-shipping-discount"])(
    "books exactly the grand total of %s",
    async (name) => {
      const order = await sample(name);
      expect(compare(total(await toSalesOrder(order)), (order.totals as Tree).grand as string)).toBe(0);
    },
  );

  it("books a replacement at nothing, and a test only where the node says so", async () => {
    const order = await sample("us-two-lines");
    const { items } = (await toSalesOrder({ ...order, orderKind: "replacement" })).item;
    expect(items.map(({ amount }) => amount)).toEqual([0, 0]);
    await expect(toSalesOrder({ ...order, orderKind: "test" })).rejects.toThrow("The order #1501 is a test");
    expect(total(await toSalesOrder({ ...order, orderKind: "test" }, { testOrders: true }))).toBe(
      total(await toSalesOrder(order)),
    );
  });

  it("keeps the marketplace's order id and cancels what was cancelled", async () => {
    const order = await toSalesOrder(await sample("cancelled-big-id"));
    expect(order.externalId).toBe("SHOPIFY_820982911946154508");
    expect(order.orderStatus).toEqual({ id: "C" });
    expect((await toSalesOrder(await sample("us-two-lines"))).orderStatus).toEqual({ id: "B" });
    expect((await toSalesOrder(await sample("us-two-lines"), { newOrderStatus: "A" })).orderStatus).toEqual({ id: "A" });
  });

  it("books what was not cancelled, and cancels an order of which nothing is left", async () => {
    const order = (await sample("us-two-lines")) as { lines: (Tree & { quantity: number })[] };
    const [tent, mugs] = order.lines;
    const half = await toSalesOrder({ ...order, lines: [tent, { ...mugs, quantityCancelled: 1 }] });
    expect(half.item.items[1]).toMatchObject({ quantity: 1, rate: 24.5, amount: 24.5 });
    // Less half of 49.00 and of its taxes, 3.36 and 0.71.
    expect(total(half)).toBe("306.14");
    const none = await toSalesOrder({
      ...order,
      lines: order.lines.map((line) => ({ ...line, quantityCancelled: line.quantity })),
    });
    expect([none.orderStatus, total(none)]).toEqual([{ id: "C" }, "332.67"]);
  });

  const official = fixturesIn("shopify/rest-2026-07").filter(({ name }) => name === "order.test_1.json");
  it.skipIf(official.length === 0)("owes Shopify's buyer what Shopify says he still has to pay", async () => {
    const [order] = (JSON.parse(official[0]?.text ?? "") as { response: { orders: [Tree] } }).response.orders;
    const booked = await toSalesOrder(await runMapping("shopify.order.jsonata", order));
    expect(order.total_price).toBe("598.94");
    expect(total(booked)).toBe(order.current_total_price);
  });

  it("books net prices when prices include tax, with a rate only where it comes out even", async () => {
    const { items } = (await toSalesOrder(await sample("eu-vat-included-discount"))).item;
    expect(items[0]).toMatchObject({ quantity: 1, rate: 161.84, amount: 161.84 });
    expect(items[1]).toMatchObject({ quantity: 3, amount: 43.41, rate: 14.47 });
    const order = (await sample("eu-vat-included-discount")) as { lines: Tree[] };
    Object.assign(order.lines[1] as Tree, { taxes: [{ amount: "7.30", collectedBy: "seller" }] });
    expect((await toSalesOrder(order)).item.items[1]).not.toHaveProperty("rate");
  });

  it("books gift cards, marketplace tax and tips on items of their own", async () => {
    expect((await toSalesOrder(await sample("gift-card-only"))).item.items).toMatchObject([{ item: { id: "7" }, amount: 50 }]);
    const tip = (await toSalesOrder(await sample("tip-and-shipping-discount"))).item.items;
    expect(tip.find(({ item }) => item.id === "5")).toMatchObject({ amount: 3, description: "tip" });
    const order = (await sample("us-two-lines")) as { lines: { taxes: Tree[] }[] };
    for (const line of order.lines) for (const tax of line.taxes) tax.collectedBy = "marketplace";
    const { items } = (await toSalesOrder(order)).item;
    expect(items.find(({ item }) => item.id === "6")).toMatchObject({ amount: 24.72 });
    expect(items.some(({ item }) => item.id === "2")).toBe(false);
  });

  it("books each of several adjustments, and a free product, on a line of its own", async () => {
    const order = await sample("tip-and-shipping-discount");
    const adjustments = [
      { kind: "tip", amount: "3.00" },
      { kind: "duty", amount: "0.00" },
      { kind: "fee", amount: "2.50" },
    ];
    const lines = [...(order.lines as Tree[]), { ...(order.lines as Tree[])[0], sku: "FREE", unitPrice: "0.00", gross: "0.00" }];
    const { items } = (await toSalesOrder({ ...order, adjustments, lines })).item;
    expect(items.filter(({ item }) => item.id === "5")).toMatchObject([{ amount: 3 }, { amount: 2.5 }]);
    expect(items[1]).toMatchObject({ item: { externalId: "FREE" }, amount: 0, rate: 0 });
  });

  it("refuses an amount that a JSON number cannot hold", async () => {
    const order = { ...example("1", { tax: "12345678901234567.89", grand: "0" }) };
    await expect(toSalesOrder(order)).rejects.toThrow("more digits than a NetSuite number field holds");
  });
});

describe("the operation", () => {
  const { render, read } = effectOf("erp", connection, "TSTDRV1000001");
  const denied = (status: number, code: string, detail: string) =>
    read({ status, body: JSON.stringify({ title: "x", status, "o:errorDetails": [{ detail, "o:errorCode": code }] }) });

  it("puts the order under its external id and replaces the lines of an earlier one", async () => {
    const call = await render(await sample("cancelled-big-id"));
    expect(call).toMatchObject({
      documentKey: "SHOPIFY_820982911946154508",
      effectKey: "dev/TSTDRV1000001/netsuite.upsertSalesOrder/SHOPIFY_820982911946154508/upsert",
      idempotency: "natural",
      request: {
        method: "PUT",
        path: "/services/rest/record/v1/salesOrder/eid:SHOPIFY_820982911946154508",
        query: { replace: "item" },
      },
    });
  });

  it("reads 204 with the record's id from its location", async () => {
    const location = "https://1000001.suitetalk.api.netsuite.com/services/rest/record/v1/salesOrder/4711";
    expect(await read({ status: 204, headers: { location } })).toMatchObject({ ok: true, result: { id: "4711", location } });
  });

  it.each([
    [400, "USER_ERROR", "rejected", "no"],
    [400, "SSS_REQUEST_LIMIT_EXCEEDED", "rateLimited", "no"],
    [401, "INVALID_LOGIN", "auth", "no"],
    [403, "INSUFFICIENT_PERMISSION", "auth", "no"],
    [429, "CONCURRENCY_LIMIT_EXCEEDED", "rateLimited", "no"],
    [500, "UNEXPECTED_ERROR", "transient", "maybe"],
    [503, "SERVICE_UNAVAILABLE", "transient", "maybe"],
  ])("reads %i %s as %s", async (status, code, expected, applied) => {
    const answer = await denied(status, code, "Please enter value(s) for: Customer.");
    expect(answer).toMatchObject({
      ok: false,
      class: expected,
      applied,
      reason: { message: "Please enter value(s) for: Customer." },
    });
  });

  it("says something useful when the answer is no JSON", async () => {
    expect(await read({ status: 502, body: "<html>" })).toMatchObject({
      class: "transient",
      reason: { message: "NetSuite answered with status 502." },
    });
    expect(await read({ status: 429 })).toMatchObject({ class: "rateLimited" });
  });
});
