import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addAll, compare, multiply, subtract } from "../decimal.ts";
import { toBook } from "./toBook.ts";

type Order = Parameters<typeof toBook>[0];

const line = {
  lineId: "1",
  quantity: 3,
  quantityCancelled: 1,
  unitPrice: "10.00",
  gross: "30.00",
  discounts: [{ amount: "3.00" }],
  taxes: [{ amount: "2.10", collectedBy: "seller" }],
};
const order: Order = {
  externalId: "417",
  externalNumber: "#1501",
  currency: "EUR",
  status: "open",
  lines: [line],
  shipping: [{ amount: "4.90", discounts: [{ amount: "0.90" }], taxes: [{ amount: "0.40" }] }],
  adjustments: [{ amount: "1.00" }],
  totals: { gross: "30.00", discount: "3.90", shipping: "4.90", tax: "2.50", adjustments: "1.00", grand: "34.50" },
};

describe("an order as it is booked", () => {
  it("has no cancelled pieces, nor what they bore", () => {
    const { lines, totals, shipping, adjustments } = toBook(order);
    expect(lines).toEqual([
      {
        ...line,
        quantity: 2,
        quantityCancelled: 0,
        gross: "20.00",
        discounts: [{ amount: "2.00" }],
        taxes: [{ amount: "1.40", collectedBy: "seller" }],
      },
    ]);
    expect(totals).toEqual({ gross: "20.00", discount: "2.90", shipping: "4.90", tax: "1.80", adjustments: "1.00", grand: null });
    expect([shipping, adjustments]).toEqual([order.shipping, order.adjustments]);
  });

  it("is worth nothing where it replaces another, and keeps its goods", () => {
    const { lines, totals, shipping, adjustments } = toBook({ ...order, orderKind: "replacement" });
    expect(lines).toMatchObject([{ lineId: "1", quantity: 2, unitPrice: "0", gross: "0", discounts: [], taxes: [] }]);
    expect(totals).toEqual({ gross: "0", discount: "0", shipping: "0", tax: "0", adjustments: "0", grand: null });
    expect([shipping, adjustments]).toEqual([[], []]);
  });

  it("is refused where nobody means it, unless the node takes tests", () => {
    const test = { ...order, orderKind: "test" };
    expect(() => toBook(test)).toThrow("The order #1501 is a test, which nobody means.");
    expect(toBook(test, { testOrders: true }).totals.tax).toBe("1.80");
  });

  it.each([[{ status: "cancelled" }], [{ lines: [{ ...line, quantityCancelled: 3 }] }], [{ lines: [] }]])(
    "is refused where nothing is left of it: %j",
    (more) => {
      expect(() => toBook({ ...order, ...more })).toThrow("Nothing of the order #1501 is left to sell.");
    },
  );

  it("is as it was bought where the system is told of a cancellation by it", () => {
    const { lines, totals } = toBook({ ...order, status: "cancelled" }, { cancelledOrders: true });
    expect(lines).toEqual([line]);
    expect(totals).toEqual({ ...order.totals, grand: null });
  });

  it("adds up, whatever was cancelled", () => {
    const cents = fc.integer({ min: 0, max: 99_999 }).map((amount) => (amount / 100).toFixed(2));
    const lines = fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 9 }), cancelled: fc.nat(9), price: cents, tax: cents }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(lines, (made) => {
        const each = made.map(({ quantity, cancelled, price, tax }) => ({
          quantity,
          quantityCancelled: Math.min(cancelled, quantity),
          gross: multiply(price, quantity),
          taxes: [{ amount: tax }],
        }));
        if (each.every((one) => one.quantity === one.quantityCancelled)) return;
        const taxes = addAll(each.flatMap((one) => one.taxes.map(({ amount }) => amount)));
        const booked = toBook({ ...order, lines: each, totals: { ...order.totals, tax: addAll([taxes, "0.40"]) } });
        const left = addAll(booked.lines.flatMap((one) => (one.taxes ?? []).map(({ amount }) => amount)));
        expect(compare(subtract(booked.totals.tax, left), "0.40")).toBe(0);
      }),
    );
  });
});
