import { bigInt, integer, property, assert as verify } from "fast-check";
import { expect, it } from "vitest";
import { decimalPlaces, exactDecimal } from "./exactDecimal.ts";

const MOST = 10n ** 15n;

/** Written from its digits alone, past every double. */
function written(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const point = text.length - scale;
  return `${digits < 0n ? "-" : ""}${text.slice(0, point)}${scale === 0 ? "" : `.${text.slice(point)}`}`;
}

it("gives every decimal of up to 15 digits as it was, out of the double that the driver makes of it", () => {
  const digits = bigInt({ min: 1n - MOST, max: MOST - 1n });
  verify(
    property(digits, integer({ min: 0, max: 22 }), (all, scale) => {
      expect(exactDecimal(Number(all) / 10 ** scale, scale)).toBe(written(all, scale));
    }),
    { numRuns: 2_000 },
  );
});

it("gives none with more digits", () => {
  verify(
    property(bigInt({ min: MOST, max: 10n ** 38n }), integer({ min: 0, max: 22 }), (all, scale) => {
      expect(exactDecimal(Number(all) / 10 ** scale, scale)).toBeUndefined();
    }),
  );
});

it.each([
  [12.5, { precision: 3, scale: 1 }],
  [-1234567.89, { precision: 9, scale: 2 }],
  [0.1 + 0.2, undefined],
  [1e-7, undefined],
])("counts the places of %d", (value, places) => {
  expect(decimalPlaces(value)).toEqual(places);
});
