import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSettings } from "#runtime/settings.ts";
import type { Breaker } from "#schemas/admission.ts";
import { type BreakerEvent, closedBreaker, breaker as next, openForMs } from "./breaker.ts";

const breakerLimits = readSettings({}).breaker;
const breaker = (state: Breaker, event: BreakerEvent, now: number): Breaker => next(state, event, now, breakerLimits);

const event = fc.oneof(
  fc.record({ event: fc.constant("answered" as const), probe: fc.boolean() }),
  fc.record({ event: fc.constant("failed" as const), probe: fc.boolean() }),
  fc.record({ event: fc.constant("asked" as const), by: fc.constantFrom("a", "b") }),
  fc.constant({ event: "probeLost" as const }),
);
const steps = fc.array(fc.record({ event, afterMs: fc.nat(30_000) }), { maxLength: 60 });

/** Every state on the way, with the event that led to it and its time. */
function play(given: readonly { event: BreakerEvent; afterMs: number }[]) {
  let now = 1_000_000;
  let before: Breaker = closedBreaker;
  return given.map(({ event: each, afterMs }) => {
    now += afterMs;
    const step = { before, event: each, now, after: breaker(before, each, now) };
    before = step.after;
    return step;
  });
}

const failed: BreakerEvent = { event: "failed", probe: false };
const down = (): Breaker =>
  Array.from({ length: breakerLimits.failures }).reduce<Breaker>((s) => breaker(s, failed, 0), closedBreaker);

describe("the circuit breaker", () => {
  it("opens at the tenth failure in a row, not before", () => {
    const nine = Array.from({ length: 9 }).reduce<Breaker>((state) => breaker(state, failed, 0), closedBreaker);
    expect(nine).toMatchObject({ state: "closed", failures: 9 });
    expect(breaker(nine, failed, 7)).toMatchObject({ state: "open", since: 7, retryAt: 5_007 });
    expect(breaker(nine, { event: "answered", probe: false }, 7)).toEqual(closedBreaker);
  });

  it("gives one probe once its time has come, and that alone closes it or opens it for twice as long", () => {
    const open = down();
    expect(breaker(open, { event: "asked", by: "a" }, 4_999)).toBe(open);
    const probing = breaker(open, { event: "asked", by: "a" }, 5_000);
    expect(probing).toMatchObject({ state: "halfOpen", probe: "a" });
    expect(breaker(probing, { event: "asked", by: "b" }, 90_000)).toBe(probing);
    expect(breaker(probing, { event: "answered", probe: false }, 5_001)).toBe(probing);
    expect(breaker(probing, { event: "answered", probe: true }, 5_001)).toEqual(closedBreaker);
    expect(breaker(probing, { event: "failed", probe: true }, 5_001)).toMatchObject({ state: "open", retryAt: 15_001, since: 0 });
  });

  it("whatever happens: at most one probe, none while it is closed or open, and never open without an end", () => {
    fc.assert(
      fc.property(steps, (given) => {
        for (const { before, event: each, now, after } of play(given)) {
          expect(after.probe !== null).toBe(after.state === "halfOpen");
          if (before.state === "halfOpen" && after.state === "halfOpen") expect(after.probe).toBe(before.probe);
          if (before.state !== "halfOpen" && after.state === "halfOpen") {
            expect([before.state, each.event, now >= before.retryAt]).toEqual(["open", "asked", true]);
          }
          if (before.state === "closed" && after.state === "open") expect(after.failures).toBe(breakerLimits.failures);
          if (after.state === "open") expect(after.retryAt - now).toBeLessThanOrEqual(breakerLimits.mostOpenMs);
          if (after.state === "closed") expect(after.openings).toBe(0);
        }
      }),
    );
  });

  it("from whatever state, a probe that is answered closes it", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const state = play(given).at(-1)?.after ?? closedBreaker;
        const later = Number.MAX_SAFE_INTEGER;
        const asked = breaker(breaker(state, { event: "probeLost" }, later), { event: "asked", by: "a" }, later);
        expect(breaker(asked, { event: "answered", probe: true }, later)).toEqual(closedBreaker);
      }),
    );
  });

  it("stays open for 5, 10, 20, 40 and then 60 seconds", () => {
    expect([1, 2, 3, 4, 5, 60].map((openings) => openForMs(openings, breakerLimits) / 1000)).toEqual([5, 10, 20, 40, 60, 60]);
  });
});
