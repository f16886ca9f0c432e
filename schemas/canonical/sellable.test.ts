import fc from "fast-check";
import { expect, it } from "vitest";
import { sellable } from "./sellable.ts";

const level = (more: object) => ({ sku: "TENT", locationCode: "BER", ...more });

it.each<[string, object | object[], number]>([
  ["what is available", level({ available: 9, onHand: 12 }), 9],
  ["less what is never offered", level({ available: 9, safetyStock: 2 }), 7],
  ["on hand less reserved, where nobody says available", level({ onHand: 12, reserved: 3, safetyStock: 1 }), 8],
  ["nothing, where more was promised than there is", level({ available: -4 }), 0],
  ["whole pieces", level({ available: 2.75 }), 2],
  ["of several places together, what one lacks taken from another", [level({ available: -4 }), level({ available: 9 })], 5],
  ["what a flow worked out by a rule of its own", level({ quantity: 3, available: 9, safetyStock: 2 }), 3],
  ["a number in a text", { sku: "TENT", quantity: "7" }, 7],
])("may be sold: %s", (_what, levels, pieces) => expect(sellable(levels)).toBe(pieces));

it("is not guessed of what is on hand alone", () => {
  expect(() => sellable(level({ onHand: 12, available: null }))).toThrow(
    'Nobody says how many of TENT at BER may be sold: its inventory level has neither "available" nor both "onHand" and "reserved". ' +
      "Say one of them by a Map before this node.",
  );
});

it("is not added up over several SKUs, and is nothing of no level", () => {
  expect(() => sellable([level({ available: 1 }), { sku: "MUG", available: 2 }])).toThrow(
    "Levels of TENT and of MUG are no one quantity. Split them by their SKU before this node.",
  );
  expect(sellable([])).toBeUndefined();
});

it("is never below zero, whole, and no more than what is available in all", () => {
  const pieces = fc.integer({ min: -1000, max: 1000 }).map((hundredths) => hundredths / 100);
  const levels = fc.array(fc.record({ available: pieces, safetyStock: fc.integer({ min: 0, max: 9 }) }), { minLength: 1 });
  fc.assert(
    fc.property(levels, (all) => {
      const sold = sellable(all.map(level)) ?? Number.NaN;
      expect(Number.isInteger(sold) && sold >= 0).toBe(true);
      const hundredths = all.reduce((sum, { available, safetyStock }) => sum + Math.round((available - safetyStock) * 100), 0);
      expect(sold).toBe(Math.max(0, Math.floor(hundredths / 100)));
    }),
  );
});
