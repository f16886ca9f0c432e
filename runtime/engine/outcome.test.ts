import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy, outcomeClasses } from "#schemas/outcomeClass.ts";
import { backoffMs, type Failure, longestWaitMs, type NextState, nextState, retryPolicy } from "./outcome.ts";

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

  it("asks for a job again by its own waits, whatever the policy, and gives it up when its time is over", () => {
    const pending: Failure = { class: "timeout", reason, again: { everyMs: 30_000, mostMs: 3_600_000 } };
    const policy = { ...defaultRetryPolicy, attempts: 1, classes: [], maxAgeMs: 1 };
    expect(nextState(pending, { ...at, policy, attempt: 500, ageMs: 3_599_999 })).toEqual({
      state: "READY",
      waitMs: 30_000,
      burned: false,
      pauseConnection: false,
    });
    expect(nextState(pending, { ...at, ageMs: 3_600_000 })).toMatchObject({
      state: "DEAD",
      class: "timeout",
      reason: { code: "answer.jobTimeout" },
    });
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

const policies = fc.record({
  attempts: fc.integer({ min: 1, max: 100 }),
  backoff: fc.constantFrom<"exponential" | "fixed">("exponential", "fixed"),
  baseMs: fc.integer({ min: 0, max: 60_000 }),
  capMs: fc.integer({ min: 0, max: 3_600_000 }),
  classes: fc.subarray<RetryPolicy["classes"][number]>([...outcomeClasses]),
  maxAgeMs: fc.constantFrom(0, 1_000, 86_400_000),
});
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("nextState, whatever fails under whichever policy", () => {
  const failures = fc.record({
    class: fc.constantFrom(...outcomeClasses),
    reason: fc.constant(reason),
    retryAfterMs: fc.integer({ min: 0, max: 10_000_000 }),
  });
  const moments = fc.record({
    attempt: fc.integer({ min: 1, max: 200 }),
    ageMs: fc.integer({ min: 0, max: 100_000_000 }),
    random: unit,
    viaConnection: fc.boolean(),
  });
  const check = (verify: (failure: Failure, at: Moment, next: NextState, policy: RetryPolicy) => void) =>
    fc.assert(
      fc.property(failures, moments, policies, (failure, moment, policy) =>
        verify(failure, moment, nextState(failure, { ...moment, policy }), policy),
      ),
      { numRuns: 2_000 },
    );
  interface Moment {
    attempt: number;
    ageMs: number;
    viaConnection: boolean;
  }
  const pauses = (failure: Failure, { viaConnection }: Moment) => failure.class === "auth" && viaConnection;

  it("ends as a dead letter exactly where the policy has no other try", () => {
    check((failure, moment, next, policy) => {
      const spent = failure.class !== "rateLimited" && moment.attempt >= policy.attempts;
      const old = policy.maxAgeMs > 0 && moment.ageMs > policy.maxAgeMs;
      const ends = !pauses(failure, moment) && (!policy.classes.includes(failure.class) || old || spent);
      expect(next.state).toBe(ends ? "DEAD" : "READY");
      if (next.state === "DEAD") expect(next).toEqual({ state: "DEAD", class: failure.class, reason });
    });
  });

  it("burns an attempt for every other try but after rateLimited and auth, and pauses a connection for auth alone", () => {
    check((failure, moment, next) => {
      if (next.state === "DEAD") return;
      const paused = pauses(failure, moment);
      expect([next.pauseConnection, next.burned]).toEqual([paused, !paused && failure.class !== "rateLimited"]);
    });
  });

  it("waits as long as the target asked, up to an hour, and never longer than that or the policy's cap", () => {
    check((failure, moment, next, policy) => {
      if (next.state === "DEAD" || pauses(failure, moment)) return;
      const asked = Math.min(failure.retryAfterMs ?? 0, 3_600_000);
      expect(next.waitMs).toBeGreaterThanOrEqual(asked);
      expect(next.waitMs).toBeLessThanOrEqual(Math.max(asked, policy.capMs, 1_500));
    });
  });
});

describe("backoffMs", () => {
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

  it("is longer the larger its chance, and may be longer the more tries there were", () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 200 }), unit, unit, (policy, attempt, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(backoffMs(policy, attempt, less)).toBeLessThanOrEqual(backoffMs(policy, attempt, more));
        expect(longestWaitMs(policy, attempt)).toBeLessThanOrEqual(longestWaitMs(policy, attempt + 1));
        if (policy.backoff === "exponential") expect(backoffMs(policy, attempt, 0)).toBe(0);
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
