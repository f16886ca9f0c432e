import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toShip } from "./toShip.ts";

const line = { lineId: "1", kind: "product", sku: "NW-TENT-2P", quantity: 3, requiresShipping: true };
const order = {
  externalId: "417",
  externalNumber: "#1501",
  status: "open",
  paymentStatus: "paid",
  fulfilledBy: "merchant",
  shipTo: { name: "Mara Lind", line1: "418 Alder Street", city: "Bend", countryCode: "US", complete: true },
  lines: [line],
};

describe("what is to ship of an order", () => {
  it.each([
    [{ status: "cancelled" }, "it is cancelled"],
    [{ status: "closed" }, "it is closed"],
    [{ status: "fulfilled" }, "all of it has left"],
    [{ status: "pending" }, "it waits for its payment"],
    [{ paymentStatus: "refunded" }, "it was paid back"],
    [{ paymentStatus: "voided" }, "its payment was given up"],
    [{ paymentStatus: "pending" }, "it is not paid"],
    [{ orderKind: "test" }, "it is a test"],
    [{ shipTo: null }, "it has no address to ship to. Attach it"],
    [{ shipTo: undefined }, "it has no address to ship to. Attach it"],
    [{ shipTo: { ...order.shipTo, complete: false } }, "a part of its address is missing. Attach it"],
    [{ shipTo: { ...order.shipTo, line1: " " } }, "its address has no street. Attach it"],
    [{ status: "partially_fulfilled" }, "a part of it has left, and its lines do not say how many pieces"],
    [{ fulfilledBy: "channel" }, "the channel ships it itself"],
    [{ fulfilledBy: "mixed" }, "the channel ships a part of it, and not each of its lines says which"],
    [{ fulfilledBy: "mixed", lines: [line, { ...line, fulfilledBy: "channel" }] }, "the channel ships a part of it"],
    [{ fulfilledBy: "mixed", lines: [{ ...line, fulfilledBy: "channel" }] }, "all of its goods have left or were cancelled"],
    [{ fulfilledBy: "unknown" }, "nobody says who ships it"],
    [{ lines: [{ ...line, quantityFulfilled: 2, quantityCancelled: 1 }] }, "all of its goods have left or were cancelled"],
    [
      {
        lines: [
          { ...line, requiresShipping: false },
          { ...line, kind: "tip" },
        ],
      },
      "all of its goods have left or were cancelled",
    ],
    [{ lines: [] }, "all of its goods have left or were cancelled"],
  ])("is nothing, and that is refused: %j", (more, why) => {
    expect(() => toShip({ ...order, ...more })).toThrow(`Nothing of the order #1501 is to ship: ${why}`);
  });

  it("is what nobody has shipped or cancelled, of goods alone", () => {
    const lines = [
      { ...line, quantityFulfilled: 1, quantityCancelled: 1 },
      { ...line, lineId: "2", kind: "gift_card", requiresShipping: undefined, quantityFulfilled: 0 },
      { ...line, lineId: "3", kind: "digital" },
    ];
    expect(toShip({ ...order, status: "partially_fulfilled", paymentStatus: "partially_refunded", lines })).toEqual([
      { ...lines[0], open: 1 },
      { ...lines[1], open: 3 },
    ]);
  });

  it("is the merchant's part of a mixed order whose lines say who ships them", () => {
    const lines = [
      { ...line, fulfilledBy: "merchant" },
      { ...line, lineId: "2", fulfilledBy: "channel" },
      // Nobody ships it, so nobody has to say who does.
      { ...line, lineId: "3", kind: "digital", fulfilledBy: null },
    ];
    expect(toShip({ ...order, fulfilledBy: "mixed", lines })).toEqual([{ ...lines[0], open: 3 }]);
    expect(toShip({ ...order, lines: [...lines, { ...line, lineId: "4" }] })).toMatchObject([{ lineId: "1" }, { lineId: "4" }]);
  });

  it("is the merchant's where the order says nothing of who ships it", () => {
    expect(toShip({ externalId: "417", shipTo: order.shipTo, lines: order.lines })).toHaveLength(1);
  });

  it("is there for a test and for an unpaid order where the node says so, each by its own word", () => {
    const test = { ...order, orderKind: "test" };
    const unpaid = { ...order, paymentStatus: "pending" };
    expect(toShip(test, { testOrders: true })).toHaveLength(1);
    expect(toShip(unpaid, { unpaidOrders: true })).toHaveLength(1);
    expect(() => toShip(test, { unpaidOrders: true })).toThrow("it is a test");
    expect(() => toShip(unpaid, { testOrders: true })).toThrow("it is not paid");
    expect(() => toShip({ ...unpaid, status: "pending" }, { unpaidOrders: true })).toThrow("it waits for its payment");
    expect(toShip({ ...order, paymentStatus: "authorized", orderKind: "replacement" })).toHaveLength(1);
  });

  it("is never more than was ordered and never nothing", () => {
    const count = fc.nat(5);
    const lines = fc.array(fc.record({ quantity: count, quantityFulfilled: count, quantityCancelled: count }), { maxLength: 5 });
    fc.assert(
      fc.property(lines, (made) => {
        const each = made.map((one) => ({ ...line, ...one }));
        const left = each.map(
          ({ quantity, quantityFulfilled, quantityCancelled }) => quantity - quantityFulfilled - quantityCancelled,
        );
        const open = left.filter((pieces) => pieces > 0);
        if (open.length === 0) expect(() => toShip({ ...order, lines: each })).toThrow();
        else expect(toShip({ ...order, lines: each }).map((one) => one.open)).toEqual(open);
      }),
    );
  });
});
