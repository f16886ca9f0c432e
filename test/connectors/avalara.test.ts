import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { addAll, compare, subtract } from "#schemas/decimal.ts";
import { canonical, exampleOperation, type Order, sample, sampleOf, type Tree } from "./erp.fixture.ts";

interface Model extends Tree {
  lines: { amount: number; taxCode?: string; taxIncluded?: boolean }[];
}

const modelOf = async (order: Order, config: Tree = {}): Promise<Model> => {
  const { request } = await exampleOperation("avalara", "recordTax", {}, config).render(order);
  return (request.body as { createTransactionModel: Model }).createTransactionModel;
};
const total = ({ lines }: Model): string => addAll(lines.map(({ amount }) => amount));

describe("the transaction of AvaTax", () => {
  it("holds what the buyer pays but for the tax, to the cent, for any order", async () => {
    for (let number = 1; number <= 60; number += 1) {
      const order = (await canonical(makeShopifyOrder("avalara", number).body)) as Order & { priceTaxMode: string };
      if (order.status === "cancelled") continue;
      const { grand, tax } = order.totals as { grand: string; tax: string };
      const wanted = order.priceTaxMode === "inclusive" ? grand : subtract(grand, tax);
      expect([number, compare(total(await modelOf(order)), wanted)]).toEqual([number, 0]);
    }
  });

  it("leaves out what was cancelled, and refuses an order of which nothing is left", async () => {
    const order = await sample("us-two-lines");
    const [tent, mugs] = order.lines;
    const { lines } = await modelOf({
      ...order,
      lines: [{ ...tent }, { ...mugs, quantityCancelled: 1 } as Order["lines"][number]],
    });
    expect(lines.slice(0, 2)).toMatchObject([
      { quantity: 1, amount: 249 },
      { quantity: 1, amount: 24.5 },
    ]);
    await expect(modelOf(await sample("cancelled-big-id"))).rejects.toThrow("is left to sell");
  });

  it("holds a replacement at nothing, and a test only where the node says so", async () => {
    const order = await sample("us-two-lines");
    const { lines } = await modelOf({ ...order, orderKind: "replacement" });
    expect(lines.map(({ amount }) => amount)).toEqual([0, 0]);
    await expect(modelOf({ ...order, orderKind: "test" })).rejects.toThrow("The order #1501 is a test");
    expect(total(await modelOf({ ...order, orderKind: "test" }, { testOrders: true }))).toBe(total(await modelOf(order)));
  });

  it("takes no return of a replacement, which was sold at nothing", async () => {
    const { item } = sampleOf("avalara.recordReturn.json");
    const { render } = exampleOperation("avalara", "recordReturn");
    await expect(render({ ...(item as Tree), orderKind: "replacement" })).rejects.toThrow(
      "Record the return of a replacement with the order that it replaces",
    );
  });

  it("says where tax is inside the price", async () => {
    const { lines } = await modelOf(await sample("eu-vat-included-discount"));
    expect(lines.every(({ taxIncluded }) => taxIncluded === true)).toBe(true);
    expect((await modelOf(await sample("us-two-lines"))).lines[0]).not.toHaveProperty("taxIncluded");
  });

  it("leaves the tax that the marketplace collects to the marketplace, and gift cards untaxed", async () => {
    const order = (await sample("us-two-lines")) as Order & { lines: { taxes: Tree[] }[] };
    for (const tax of order.lines[0]?.taxes ?? []) tax.collectedBy = "marketplace";
    const { lines } = await modelOf(order);
    expect([lines[0]?.taxCode, lines[1]?.taxCode]).toEqual(["NT", undefined]);
    expect((await modelOf(await sample("gift-card-only"))).lines).toMatchObject([{ taxCode: "NT" }]);
  });

  it("is voided for a cancelled order, and left as it is where there is none", async () => {
    const order = await sample("cancelled-big-id");
    const { render, read } = exampleOperation("avalara", "voidTax");
    const { request, effectKey } = await render(order);
    expect(request).toMatchObject({
      method: "POST",
      path: "/api/v2/companies/NORTHWIND/transactions/SHOPIFY_820982911946154508/void",
      body: { code: "DocVoided" },
    });
    expect(effectKey).toContain("avalara.voidTax/SHOPIFY_820982911946154508/void");
    const answer = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });
    const unknown = { error: { code: "EntityNotFoundError", message: "Not found.", details: [] } };
    expect(await read(order, answer(404, unknown))).toMatchObject({ ok: true, result: { status: "NotRecorded" } });
    expect(await read(order, answer(404, { message: "No such page" }))).toMatchObject({ ok: false, class: "rejected" });
    const locked = { error: { code: "DocumentLocked", message: "The document is locked.", details: [] } };
    expect(await read(order, answer(400, locked))).toMatchObject({
      ok: false,
      class: "rejected",
      reason: { message: "The document is locked. It was reported already: record a return instead." },
    });
    const told = (status: string) => answer(200, { id: 1, code: "X", status });
    expect(await read(order, told("Cancelled"), "lookup")).toMatchObject({ ok: true, found: true });
    expect(await read(order, told("Saved"), "lookup")).toMatchObject({ ok: true, found: false });
  });

  it.each([
    [400, "MissingLine", "rejected", "no"],
    [400, "DocumentLocked", "duplicate", "no"],
    [401, "AuthenticationException", "auth", "no"],
    [500, "ServerError", "transient", "maybe"],
  ])("is refused with status %i and code %s: %s", async (status, code, expected, applied) => {
    const body = JSON.stringify({ error: { code, message: "No.", details: [{ code, message: "No.", description: "Really." }] } });
    const message = status === 500 ? "AvaTax answered with status 500." : "No. No. Really.";
    const { read } = exampleOperation("avalara", "recordTax");
    expect(await read({ channel: { system: "shopify" }, externalId: "1" }, { status, body })).toMatchObject({
      ok: false,
      class: expected,
      applied,
      reason: { message },
    });
  });
});

describe("what came back", () => {
  const returned = async (order: Order, more: Tree): Promise<Model & Tree> => {
    const back = { id: "R1", returnedAt: "2026-10-01T09:00:00Z", ...more };
    const { request } = await exampleOperation("avalara", "recordReturn").render({ ...order, return: back });
    return (request.body as { createTransactionModel: Model & Tree }).createTransactionModel;
  };
  const all = ({ lines }: Order) =>
    (lines as { lineId?: string; quantity?: number }[]).map(({ lineId, quantity }) => ({ lineId, quantity }));

  it("whole, takes back what the sale was, line by line, taxed as on its day", async () => {
    for (const name of ["us-two-lines", "eu-vat-included-discount", "gift-card-only"]) {
      const order = await sample(name);
      const sale = await modelOf(order);
      const back = await returned(order, { lines: all(order) });
      expect(back).toMatchObject({
        type: "ReturnInvoice",
        date: "2026-10-01",
        taxOverride: { type: "TaxDate", taxDate: (sale as Model & Tree).date },
      });
      expect(back.referenceCode).toBe((sale as Model & Tree).code);
      const goods = sale.lines.slice(0, order.lines.length);
      expect(back.lines).toEqual(goods.map((line) => ({ ...line, amount: -line.amount })));
    }
  });

  it("in part, takes back its share of what was paid, and of shipping what is given back", async () => {
    const order = await sample("eu-vat-included-discount");
    const [, socks] = all(order);
    const { lines } = await returned(order, { lines: [{ ...socks, quantity: 1 }], shipping: "4.95" });
    // A third of 50.70 less 5.07.
    expect(lines).toMatchObject([
      { quantity: 1, amount: -15.21, taxIncluded: true },
      { number: "S1", amount: -4.95, taxCode: "FR020100" },
    ]);
  });

  it("is refused where the order has no such pieces, or nothing is attached", async () => {
    const order = await sample("us-two-lines");
    await expect(returned(order, { lines: [{ lineId: "none", quantity: 1 }] })).rejects.toThrow(
      "the line none came back, and the order has 0",
    );
    await expect(returned(order, { lines: [{ ...all(order)[0], quantity: 2 }] })).rejects.toThrow(
      "came back, and the order has 1",
    );
    await expect(exampleOperation("avalara", "recordReturn").render(order)).rejects.toThrow("attach one as return");
  });
});
