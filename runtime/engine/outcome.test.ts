import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy, outcomeClasses } from "#schemas/outcomeClass.ts";
import { backoffMs, longestWaitMs, nextState, retryPolicy } from "./outcome.ts";

const reason = { code: "x", message: "X." };
const at = { attempt: 1, ageMs: 0, random: 0.5, policy: defaultRetryPolicy, viaConnection: true };

describe("nextState", () => {
  it("retries only the classes of the policy", () => {
    for (const each of outcomeClasses) {
      const next = nextState({ class: each, reason }, at);
      const again = ["transient", "timeout", "rateLimited", "auth"].includes(each);
      expect([each, next.state]).toEqual([each, again ? "READY" : "DEAD"]);
    }
  });

  it("pauses the connection on auth and burns nothing", () => {
    expect(nextState({ class: "auth", reason }, { ...at, attempt: 99 })).toEqual({
      state: "READY",
      waitMs: 0,
      burned: false,
      pauseConnection: true,
    });
    expect(nextState({ class: "auth", reason }, { ...at, viaConnection: false }).state).toBe("DEAD");
  });

  it("never burns an attempt on rateLimited, however often", () => {
    const next = nextState({ class: "rateLimited", reason, retryAfterMs: 7_000 }, { ...at, attempt: 1000 });
    expect(next).toEqual({ state: "READY", waitMs: 7_000, burned: false, pauseConnection: false });
  });

  it("ends at the last attempt and at the age limit", () => {
    expect(nextState({ class: "transient", reason }, { ...at, attempt: defaultRetryPolicy.attempts - 1 }).state).toBe("READY");
    expect(nextState({ class: "transient", reason }, { ...at, attempt: defaultRetryPolicy.attempts }).state).toBe("DEAD");
    expect(nextState({ class: "transient", reason }, { ...at, ageMs: defaultRetryPolicy.maxAgeMs + 1 }).state).toBe("DEAD");
  });

  it("honours Retry-After over a shorter backoff", () => {
    const next = nextState({ class: "transient", reason, retryAfterMs: 60_000 }, at);
    expect(next).toMatchObject({ state: "READY", waitMs: 60_000, burned: true });
  });
});

describe("backoffMs", () => {
  const policies = fc.record({
    attempts: fc.integer({ min: 1, max: 100 }),
    backoff: fc.constantFrom<"exponential" | "fixed">("exponential", "fixed"),
    baseMs: fc.integer({ min: 0, max: 60_000 }),
    capMs: fc.integer({ min: 0, max: 3_600_000 }),
    classes: fc.constant<RetryPolicy["classes"]>(["transient"]),
    maxAgeMs: fc.constant(0),
  });
  const unit = fc.double({ min: 0, max: 0.999, noNaN: true });

  it("is never negative, never above the cap, never above the longest wait", () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 200 }), unit, (policy, attempt, random) => {
        const wait = backoffMs(policy, attempt, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.max(policy.capMs, 0));
        expect(wait).toBeLessThanOrEqual(longestWaitMs(policy, attempt));
      }),
    );
  });

  it("doubles the longest wait until the cap", () => {
    const waits = [1, 2, 3, 4, 20].map((attempt) => longestWaitMs(defaultRetryPolicy, attempt));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 300_000]);
  });
});

describe("retryPolicy", () => {
  it("lets the node win over the operation, and both over the product", () => {
    const policy = retryPolicy({ attempts: 3, baseMs: 5 }, { baseMs: 9 });
    expect(policy).toEqual({ ...defaultRetryPolicy, attempts: 3, baseMs: 9 });
  });
});
