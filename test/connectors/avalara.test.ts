import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { addAll, compare, subtract } from "#schemas/decimal.ts";
import { canonical, exampleOperation, type Order, sample, type Tree } from "./erp.fixture.ts";

interface Model extends Tree {
  lines: { amount: number; taxCode?: string; taxIncluded?: boolean }[];
}

const modelOf = async (order: Order): Promise<Model> => {
  const { request } = await exampleOperation("avalara", "recordTax").render(order);
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
    await expect(modelOf(await sample("cancelled-big-id"))).rejects.toThrow("hand cancelled orders to Void tax");
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

  it.each([
    [400, "MissingLine", "rejected", "no"],
    [400, "DocumentLocked", "duplicate", "no"],
    [401, "AuthenticationException", "auth", "no"],
    [500, "ServerError", "transient", "maybe"],
  ])("is refused with status %i and code %s: %s", async (status, code, expected, applied) => {
    const body = JSON.stringify({ error: { code, message: "No.", details: [{ code, message: "No.", description: "Really." }] } });
    const message = status === 500 ? "AvaTax answered with status 500." : "No. No. Really.";
    const { read } = exampleOperation("avalara", "recordTax");
    expect(await read({}, { status, body })).toMatchObject({ ok: false, class: expected, applied, reason: { message } });
  });
});
