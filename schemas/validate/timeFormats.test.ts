import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronFault, isCron } from "./timeFormats.ts";

describe("the fields of a schedule", () => {
  it.each([
    ["99 * * * *", "minutes go from 0 to 59, and 99 is none"],
    ["0 24 * * *", "hours go from 0 to 23, and 24 is none"],
    ["0 2 1-32 * *", "days of the month go from 1 to 31, and 32 is none"],
    ["0 2 * 13 *", "months go from 1 to 12, and 13 is none"],
    ["0 2 * * 8", "days of the week go from 0 to 7, and 8 is none"],
    ["60 0 2 * * *", "seconds go from 0 to 59, and 60 is none"],
    ["soon", "it has five fields: minute, hour, day of the month, month and day of the week"],
    ["a * * * *", "a field is a number, a range as 1-5, a list as 1,15, a step as */5, or *"],
  ])("%s: %s", (text, fault) => {
    expect(isCron(text)).toBe(false);
    expect(cronFault(text)).toBe(fault);
  });

  it("that are out of their range cannot be read", () => {
    const field = fc.nat(99).map(String);
    fc.assert(
      fc.property(fc.tuple(field, field, field, field, field), (parts) => {
        const text = parts.join(" ");
        if (cronFault(text).includes(" go from ")) expect(isCron(text)).toBe(false);
      }),
    );
  });
});
