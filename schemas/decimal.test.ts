import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  absolute,
  add,
  addAll,
  compare,
  DecimalError,
  divide,
  isDecimal,
  multiply,
  negate,
  normalise,
  scaleOf,
  subtract,
  toScale,
} from "./decimal.ts";

/** A decimal as units and scale, so that BigInt can judge the arithmetic. */
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 8 }))
  .map(([units, scale]) => ({ units, scale, text: textOf(units, scale) }));

function textOf(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? "-" : ""}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ""}`;
}

describe("exact arithmetic", () => {
  it("adds and subtracts as integers of the larger scale do", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const scale = Math.max(a.scale, b.scale);
        const x = a.units * 10n ** BigInt(scale - a.scale);
        const y = b.units * 10n ** BigInt(scale - b.scale);
        expect(add(a.text, b.text)).toBe(textOf(x + y, scale));
        expect(subtract(a.text, b.text)).toBe(textOf(x - y, scale));
        expect(compare(a.text, b.text)).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  it("multiplies as integers do", () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(multiply(a.text, b.text)).toBe(textOf(a.units * b.units, a.scale + b.scale));
      }),
    );
  });

  it("divides to the nearest, half away from zero, however many digits", () => {
    fc.assert(
      fc.property(decimal, decimal, fc.integer({ min: 0, max: 10 }), (a, b, scale) => {
        fc.pre(b.units !== 0n);
        const quotient = divide(a.text, b.text, scale);
        // |a - q*b| <= |b| * half a unit of the quotient's last digit
        const off = absolute(subtract(a.text, multiply(quotient, b.text)));
        const half = multiply(absolute(b.text), `0.${"0".repeat(scale)}5`);
        expect(compare(off, half)).not.toBe(1);
        expect(scaleOf(quotient)).toBe(scale);
      }),
    );
    expect(divide("1", "3", 4)).toBe("0.3333");
    expect(divide("-0.005", "1", 2)).toBe("-0.01");
    expect(divide("0.0049999999999999999999999999", "1", 2)).toBe("0.00");
  });

  it("sums without drift, in any order", () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 12 }), (values) => {
        const texts = values.map(({ text }) => text);
        expect(addAll([...texts].reverse())).toBe(addAll(texts));
      }),
    );
    expect(addAll([])).toBe("0");
    expect(addAll(["0.1", "0.2"])).toBe("0.3");
  });
});

describe("notation", () => {
  it("keeps what is already plain and never shows an exponent or a negative zero", () => {
    fc.assert(
      fc.property(decimal, ({ text }) => {
        expect(normalise(text)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }), (value) => {
        fc.pre(Math.abs(value) > 1e-60 || value === 0);
        expect(normalise(value)).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(normalise(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it.each([
    ["007.50", "7.50"],
    [".5", "0.5"],
    ["+3", "3"],
    [" 12.00 ", "12.00"],
    ["1e3", "1000"],
    ["1.25e1", "12.5"],
    ["-0.00", "0.00"],
  ])("reads %j as %s", (given, expected) => expect(normalise(given)).toBe(expected));

  it.each(["", "abc", "1,5", "0x10", "1e", "--1", "Infinity", "1e400000000", "9".repeat(200)])("refuses %j", (text) => {
    expect(() => normalise(text)).toThrow(DecimalError);
    expect(isDecimal(text)).toBe(false);
  });

  it("rounds half away from zero", () => {
    expect(["1.005", "-1.005", "2.5", "-2.5"].map((text) => toScale(text, text.length > 4 ? 2 : 0))).toEqual([
      "1.01",
      "-1.01",
      "3",
      "-3",
    ]);
    expect(toScale("1", 2)).toBe("1.00");
    expect(() => toScale("1", -1)).toThrow("whole number from 0");
  });

  it("negates, and says when a division has no result", () => {
    expect([negate("1.50"), negate("-2"), negate("0.0")]).toEqual(["-1.50", "2", "0.0"]);
    expect(() => divide("1", "0.00", 2)).toThrow('"1" cannot be divided by zero.');
  });
});
