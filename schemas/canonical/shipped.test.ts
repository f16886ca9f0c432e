import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onlyShipped, shippedLines, trackingOf } from "./shipped.ts";

const shipment = {
  shipmentId: "SHP-1",
  status: "shipped",
  trackingNumbers: [{ number: "1Z1" }],
  lines: [{ sku: "NW-MUG", quantity: 3 }],
};

describe("a shipment whose goods have left", () => {
  it.each(["shipped", "delivered"])("is itself: %s", (status) => {
    expect(onlyShipped({ ...shipment, status })).toEqual({ ...shipment, status });
  });

  it.each([
    ["planned", "is planned"],
    ["packed", "is packed"],
    ["cancelled", "is cancelled"],
    [undefined, "has no status"],
  ])("is not one that is %s", (status, why) => {
    expect(() => onlyShipped({ ...shipment, status })).toThrow(`The shipment SHP-1 ${why}: nothing of it has left.`);
  });
});

describe("the one tracking number of a shipment", () => {
  it("is the one it has, or none", () => {
    expect(trackingOf(shipment)).toEqual({ number: "1Z1" });
    expect(trackingOf({ ...shipment, trackingNumbers: [{ number: "1Z1" }, { number: "1Z1" }] })).toEqual({ number: "1Z1" });
    expect(trackingOf({ ...shipment, trackingNumbers: [] })).toBeUndefined();
    expect(trackingOf({ shipmentId: "SHP-1" })).toBeUndefined();
  });

  it("is not one of two", () => {
    expect(() => trackingOf({ ...shipment, trackingNumbers: [{ number: "1Z1" }, { number: "1Z2" }] })).toThrow(
      "The shipment SHP-1 has more than one tracking number, 1Z1 and 1Z2, and the channel takes one.",
    );
  });
});

describe("the lines of a shipment", () => {
  const order = [
    { lineId: 71, sku: "NW-MUG", quantity: "2" },
    { lineId: "72", sku: "NW-MUG", quantity: 2 },
    { lineId: "73", sku: "NW-TENT", quantity: 1 },
  ];

  it("keep the ids that they come with, as texts", () => {
    const lines = [{ lineId: 71, sku: "NW-MUG", quantity: 1 }];
    expect(shippedLines({ ...shipment, lines }, undefined)).toEqual([{ lineId: "71", sku: "NW-MUG", quantity: 1 }]);
  });

  it("are found by their SKU, and divided where several lines of the order have it", () => {
    expect(shippedLines(shipment, order)).toEqual([
      { lineId: "71", sku: "NW-MUG", quantity: 2 },
      { lineId: "72", sku: "NW-MUG", quantity: 1 },
    ]);
    const lines = [
      { sku: "NW-MUG", quantity: 2 },
      { lineId: "71", sku: "NW-MUG", quantity: 2 },
    ];
    expect(shippedLines({ ...shipment, lines }, order).map(({ lineId }) => lineId)).toEqual(["72", "71"]);
  });

  it("are refused where no order is attached, or it has fewer pieces", () => {
    expect(() => shippedLines(shipment, undefined)).toThrow(
      'The shipment SHP-1 does not say of which line of the order its NW-MUG is. Attach the order by its lookup as "order"',
    );
    expect(() => shippedLines({ ...shipment, lines: [{ sku: "NW-MUG", quantity: 5 }] }, order)).toThrow(
      "of the 5 pieces the attached order has only 4 left with this SKU",
    );
  });

  it("are as many pieces as the shipment holds, and of no line more than it has", () => {
    const places = fc.array(fc.record({ sku: fc.constantFrom("a", "b"), quantity: fc.integer({ min: 0, max: 4 }) }), {
      maxLength: 6,
    });
    const lines = fc.array(fc.record({ sku: fc.constantFrom("a", "b"), quantity: fc.integer({ min: 1, max: 4 }) }), {
      maxLength: 4,
    });
    const sum = (parts: { quantity: number }[]) => parts.reduce((total, { quantity }) => total + quantity, 0);
    fc.assert(
      fc.property(places, lines, (made, sent) => {
        const known = made.map((each, index) => ({ ...each, lineId: String(index) }));
        const fits = ["a", "b"].every(
          (sku) => sum(sent.filter((each) => each.sku === sku)) <= sum(made.filter((each) => each.sku === sku)),
        );
        if (!fits) expect(() => shippedLines({ ...shipment, lines: sent }, known)).toThrow();
        else {
          const parts = shippedLines({ ...shipment, lines: sent }, known);
          expect(sum(parts)).toBe(sum(sent));
          for (const place of known)
            expect(sum(parts.filter(({ lineId }) => lineId === place.lineId))).toBeLessThanOrEqual(place.quantity);
        }
      }),
    );
  });
});
