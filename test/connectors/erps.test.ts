import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { addAll, compare, divide, subtract, toScale } from "#schemas/decimal.ts";
import { amounts, canonical, erpOf, erps, exampleOperation, list, type Order, post, sample, type Tree } from "./erp.fixture.ts";

interface Line extends Tree {
  sku: string;
  quantity: number;
  gross: string;
  discounts: { amount: string }[];
}

/** An order as it was before somebody cancelled it. */
const uncancelled = (order: Order): Order => ({
  ...order,
  status: "open",
  lines: order.lines.map((line) => ({ ...line, quantityCancelled: 0 })),
});

describe.each(erps)("the sales order of $id", (erp) => {
  it.each(["us-two-lines", "eu-vat-included-discount", "gift-card-only", "tip-and-shipping-discount"])(
    "books exactly the grand total of %s",
    async (name) => {
      const order = await sample(name);
      expect(compare(addAll(amounts(erp, await post(erp, order))), order.totals.grand)).toBe(0);
    },
  );

  it("books exactly the grand total of any order, and leaves the ERP nothing to round", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 999_999 }), async (seed, number) => {
        const order = uncancelled(await canonical(makeShopifyOrder(seed, number).body));
        const each = amounts(erp, await post(erp, order));
        expect(compare(addAll(each), order.totals.grand)).toBe(0);
        const digits = order.currency === "JPY" ? 0 : 2;
        expect(each.filter((amount) => compare(amount, toScale(amount, digits)) !== 0)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it("divides a price that does not come out even among the pieces", async () => {
    const order = await sample("us-two-lines");
    const line = { ...order.lines[1], quantity: 7, gross: "10.00", unitPrice: "1.43", taxes: [], discounts: [] };
    const totals = { gross: "10.00", discount: "0", shipping: "0", tax: "0", adjustments: "0", grand: "10.00" };
    const sent = await post(erp, { ...order, lines: [line], shipping: [], adjustments: [], totals });
    expect(compare(addAll(amounts(erp, sent)), "10")).toBe(0);
    expect(erp.booked(sent).length).toBe(erp.id === "sap-s4" ? 1 : 2);
  });

  it.each([
    ["USD", "10", "3.333333"],
    ["JPY", "10", "3.333333"],
    ["KWD", "10.00", "3.333333"],
  ])("divides %s %s among three pieces by its smallest coin", async (currency, gross, unitPrice) => {
    const order = await sample("us-two-lines");
    const line = { ...order.lines[0], quantity: 3, gross, unitPrice, taxes: [], discounts: [] };
    const totals = { gross, discount: "0", shipping: "0", tax: "0", adjustments: "0", grand: gross };
    const sent = await post(erp, { ...order, currency, lines: [line], shipping: [], adjustments: [], totals });
    const prices = erp.booked(sent).map(({ price }) => Number(price));
    expect(compare(addAll(amounts(erp, sent)), gross)).toBe(0);
    const coin = { USD: 0.01, JPY: 1, KWD: 0.001 }[currency] ?? 0;
    expect(Math.max(...prices) - Math.min(...prices)).toBeLessThan(coin * 1.001);
  });

  it("books what was not cancelled, for what the buyer owes of it", async () => {
    const order = await sample("eu-vat-included-discount");
    const [boots, socks] = order.lines as [Line, Line];
    const cancelled = (quantityCancelled: number) => post(erp, { ...order, lines: [boots, { ...socks, quantityCancelled }] });
    const sent = await cancelled(1);
    // A third of the line: what it costs less its discount, with the tax inside.
    const third = divide(subtract(socks.gross, addAll(socks.discounts.map(({ amount }) => amount))), 3, 2);
    expect(compare(addAll(amounts(erp, sent)), subtract(order.totals.grand, third))).toBe(0);
    expect(erp.booked(sent)).not.toEqual(erp.booked(await cancelled(0)));
    // The socks and what was taken off them are gone: the boots remain, with shipping.
    const rest = subtract(order.totals.grand, subtract(socks.gross, addAll(socks.discounts.map(({ amount }) => amount))));
    expect(compare(addAll(amounts(erp, await cancelled(3))), rest)).toBe(0);
  });

  it("is refused for an order of which nothing is left to sell", async () => {
    await expect(post(erp, await sample("cancelled-big-id"))).rejects.toThrow("is left to sell");
    const order = await sample("us-two-lines");
    const lines = (order.lines as Line[]).map((line) => ({ ...line, quantityCancelled: line.quantity }));
    await expect(post(erp, { ...order, lines })).rejects.toThrow("is left to sell");
  });

  it("books the goods of a replacement at nothing", async () => {
    const order = await sample("eu-vat-included-discount");
    const sent = await post(erp, { ...order, orderKind: "replacement" });
    expect(amounts(erp, sent).filter((amount) => compare(amount, "0") !== 0)).toEqual([]);
    const pieces = (order.lines as Line[]).reduce((sum, { quantity }) => sum + quantity, 0);
    const given =
      erp.id === "sap-s4"
        ? list(sent.to_Item).map(({ RequestedQuantity }) => RequestedQuantity)
        : erp.booked(sent).map(({ quantity }) => quantity);
    expect(given.reduce((sum: number, quantity) => sum + Number(quantity), 0)).toBe(pieces);
  });

  it("is refused for a test, unless the node takes tests", async () => {
    const test = { ...(await sample("us-two-lines")), orderKind: "test" };
    await expect(post(erp, test)).rejects.toThrow("The order #1501 is a test, which nobody means.");
    expect(compare(addAll(amounts(erp, await post(erp, test, {}, { testOrders: true }))), test.totals.grand)).toBe(0);
  });

  it("books the marketplace's tax apart from the seller's", async () => {
    const order = (await sample("us-two-lines")) as Order & { lines: { taxes: Tree[] }[] };
    const own = JSON.stringify(await post(erp, order));
    for (const line of order.lines) for (const tax of line.taxes) tax.collectedBy = "marketplace";
    const theirs = await post(erp, order);
    expect(compare(addAll(amounts(erp, theirs)), order.totals.grand)).toBe(0);
    expect(JSON.stringify(theirs)).not.toBe(own);
  });

  it("keeps the marketplace's id, and refuses what it cannot hold", async () => {
    const order = uncancelled(await sample("cancelled-big-id"));
    expect(JSON.stringify(await post(erp, order))).toContain("SHOPIFY_820982911946154508");
    if (["sap-s4", "business-central"].includes(erp.id)) {
      await expect(post(erp, { ...order, externalId: "9".repeat(40) })).rejects.toThrow("which has 48 characters; 35 fit.");
      const zalando = {
        ...order,
        channel: { system: "zalando" },
        externalId: "7f3a1c5e-5b7d-4c1e-9a2b-3d4e5f6a7b8c",
      };
      expect(JSON.stringify(await post(erp, zalando))).toContain("ZALANDO_.7J5NT0CEGG2X9ZZF9UVOE17RG");
    }
    if (erp.productCode !== undefined) {
      await expect(post(erp, order, { currency: "XXX" })).rejects.toThrow("make a connection for each currency");
      const { render } = exampleOperation(erp.id, erp.operation, { currency: order.currency });
      await expect(render(order)).rejects.toThrow(/has no product with the .* among those attached/);
    }
  });
});

const tryton = (...error: unknown[]) => ({ id: 1, error });
const odoo = (name: string, message: string, code = 200) => ({
  jsonrpc: "2.0",
  error: { code, message: "Odoo Server Error", data: { name, message } },
});
const frappe = (kind: string, message: string) => ({ exc_type: kind, exception: `frappe.exceptions.${kind}: ${message}` });
const odata = (code: string, value: string) => ({
  error: { code, message: { lang: "en", value }, innererror: { errordetails: [] } },
});
const bc = (code: string, message: string) => ({ error: { code, message } });

describe("an answer that is no success", () => {
  it.each<[string, number, unknown, string, string, string]>([
    [
      "tryton",
      200,
      tryton("UserError", ["The party is on hold.", "Ask sales.", null]),
      "rejected",
      "no",
      "The party is on hold. Ask sales.",
    ],
    ["tryton", 200, tryton("UserWarning", ["sale.1", "There is no stock.", ""]), "rejected", "no", "There is no stock."],
    [
      "tryton",
      200,
      tryton("ConcurrencyException", ["Record changed"]),
      "transient",
      "no",
      "Someone else changed the record in Tryton at the same time.",
    ],
    [
      "tryton",
      200,
      tryton("could not serialize access", "trace"),
      "transient",
      "no",
      "Tryton could not reach or lock its database: could not serialize access",
    ],
    ["tryton", 200, tryton("'nofield'", ""), "rejected", "no", "Tryton failed: 'nofield'"],
    ["tryton", 200, "<html>", "transient", "maybe", "Tryton answered without a result."],
    ["tryton", 403, "<html>", "auth", "no", "Tryton refused the user or its session."],
    ["odoo", 200, odoo("odoo.exceptions.ValidationError", "Missing required value"), "rejected", "no", "Missing required value"],
    ["odoo", 200, odoo("odoo.http.SessionExpiredException", "Session expired", 100), "auth", "no", "Session expired"],
    [
      "odoo",
      200,
      odoo("psycopg2.errors.SerializationFailure", "could not serialize"),
      "transient",
      "no",
      "Odoo could not reach or lock its database: could not serialize",
    ],
    ["odoo", 200, odoo("builtins.KeyError", "'x'"), "rejected", "no", "Odoo failed: 'x'"],
    ["odoo", 200, "<html>", "transient", "maybe", "Odoo answered without a result."],
    [
      "erpnext",
      417,
      frappe("LinkValidationError", "Could not find Row #1: Item Code: <b>X</b>"),
      "rejected",
      "no",
      "Could not find Row #1: Item Code: X",
    ],
    ["erpnext", 409, frappe("DuplicateEntryError", "SAL-ORD-1 is there"), "duplicate", "no", "SAL-ORD-1 is there"],
    [
      "erpnext",
      417,
      frappe("ValidationError", "Sales Order S1 already exists against Customer's Purchase Order X"),
      "duplicate",
      "no",
      "Sales Order S1 already exists against Customer's Purchase Order X",
    ],
    ["erpnext", 500, frappe("QueryDeadlockError", "Deadlock found"), "transient", "no", "Deadlock found"],
    ["erpnext", 500, {}, "transient", "maybe", "ERPNext answered with status 500."],
    ["erpnext", 401, {}, "auth", "no", "ERPNext refused the API key or secret."],
    ["sap-s4", 400, odata("V1/555", "Material X is not defined"), "rejected", "no", "Material X is not defined"],
    [
      "sap-s4",
      400,
      odata("V1/042", "Sales document 1 is currently being processed by USER"),
      "transient",
      "no",
      "Sales document 1 is currently being processed by USER",
    ],
    [
      "sap-s4",
      404,
      "<html>",
      "rejected",
      "no",
      "SAP refused the request with status 404; look at the address and the activated services.",
    ],
    ["sap-s4", 403, odata("X", "No authorization"), "auth", "no", "No authorization"],
    ["sap-s4", 503, "", "transient", "maybe", "SAP answered with status 503."],
    [
      "business-central",
      400,
      bc("Application_DialogException", "The item is blocked."),
      "rejected",
      "no",
      "The item is blocked.",
    ],
    [
      "business-central",
      409,
      bc("Request_EntityChanged", "Another user changed it."),
      "transient",
      "no",
      "Another user changed it.",
    ],
    [
      "business-central",
      400,
      bc("Internal_Lock", "The table was locked by another user."),
      "transient",
      "no",
      "The table was locked by another user.",
    ],
    ["business-central", 504, "", "transient", "maybe", "Business Central answered with status 504."],
    ["business-central", 429, "", "rateLimited", "no", "Business Central has too many requests of this app."],
    [
      "extensiv",
      409,
      { ErrorCode: "DuplicateReferenceNum", Hint: "It is there." },
      "duplicate",
      "no",
      "It is there. DuplicateReferenceNum",
    ],
    ["extensiv", 400, { ErrorCode: "Required", Hint: "The SKU is unknown." }, "rejected", "no", "The SKU is unknown. Required"],
    ["extensiv", 200, {}, "transient", "maybe", "Extensiv answered without an order."],
    ["extensiv", 404, "<html>", "rejected", "no", "Extensiv refused the request with status 404."],
    ["extensiv", 401, {}, "auth", "no", "Extensiv refused the client id or secret."],
  ])("of %s with status %i", async (id, status, body, expected, applied, message) => {
    const { read } = exampleOperation(id, id === "extensiv" ? "createOrder" : erpOf(id).operation);
    const answer = await read(
      { channel: { system: "shopify" }, externalId: "1" },
      { status, body: typeof body === "string" ? body : JSON.stringify(body) },
    );
    expect(answer).toMatchObject({ ok: false, class: expected, applied, reason: { message } });
  });
});
