import { describe, expect, it } from "vitest";
import { RetryPolicy } from "#schemas/outcome.ts";
import { allows, limitsOf, retryLimits } from "./limits.ts";

describe("the limits of number fields", () => {
  it("of a retry policy are those of its schema", () => {
    const { attempts, baseMs, capMs, maxAgeMs } = RetryPolicy.properties;
    expect(retryLimits).toEqual({
      attempts: limitsOf({ ...attempts }),
      baseMs: limitsOf({ ...baseMs }),
      capMs: limitsOf({ ...capMs }),
      maxAgeMs: limitsOf({ ...maxAgeMs }),
    });
  });

  it("let through both ends, and whole numbers only where the schema says so", () => {
    expect([0, 1, 100, 101, 9_999_999].map((value) => allows(retryLimits.attempts, value))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(allows(retryLimits.attempts, 2.5)).toBe(false);
    expect(allows(limitsOf({ type: "number" }), 2.5)).toBe(true);
  });
});
