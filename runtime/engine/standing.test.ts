import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSettings } from "#runtime/settings.ts";
import type { Rate, Standing } from "#schemas/admission.ts";
import { type Ask, fairParts, leave as leaves, newStanding, shutUntil, TOKENS_HOLD_MS, visit as visits } from "./standing.ts";

const LEASE_MS = 1_000;

const limits = readSettings({}).breaker;
const visit = (standing: Standing, by: Ask, now: number) => visits(standing, by, now, limits);
const leave = (standing: Standing, by: Ask, now: number) => leaves(standing, by, now, limits);

const ask = (worker: string, more: Partial<Ask> = {}): Ask => ({
  worker,
  concurrency: 4,
  most: 4,
  taken: 0,
  waiting: false,
  leaseMs: LEASE_MS,
  needs: {},
  events: [],
  closeForMs: 0,
  probing: false,
  wants: false,
  ...more,
});

describe("places", () => {
  it("one worker has all; a second gets its part once the first has given it back, a third what is left", () => {
    const first = visit(newStanding(4), ask("a"), 0);
    expect(first.grant.places).toBe(4);
    const second = visit(first.standing, ask("b"), 10);
    expect(second.grant.places).toBe(0);
    const again = visit(second.standing, ask("a", { taken: 3 }), 20);
    // Three are in use: one is the other's already, the next when it falls free.
    expect(again.grant.places).toBe(2);
    expect(visit(again.standing, ask("b"), 30).grant.places).toBe(1);
    expect(fairParts(4, { a: { most: 4 }, b: { most: 4 }, c: { most: 4 } })).toEqual({ a: 2, b: 1, c: 1 });
    expect(fairParts(4, { a: { most: 4 }, poll: { most: 1 } })).toEqual({ a: 3, poll: 1 });
  });

  it("come back with a lease that ran out, and at once from a worker that leaves", () => {
    const { standing } = visit(newStanding(4), ask("a", { taken: 4 }), 0);
    expect(visit(standing, ask("b"), LEASE_MS - 1).grant.places).toBe(0);
    expect(visit(standing, ask("b"), LEASE_MS).grant.places).toBe(4);
    expect(visit(leave(standing, ask("a"), 5), ask("b"), 6).grant.places).toBe(4);
  });

  const step = fc.record({
    worker: fc.constantFrom("a", "b", "c"),
    afterMs: fc.nat(600),
    use: fc.nat(6),
    leaves: fc.boolean(),
  });

  it("whatever workers do and whichever vanish, no more requests are under way than the connection allows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (concurrency, steps) => {
        let now = 0;
        let standing: Standing = newStanding(concurrency);
        const known = new Map<string, { places: number; taken: number; until: number }>();
        for (const { worker, afterMs, use, leaves } of steps) {
          now += afterMs;
          for (const [name, { until }] of known) if (until <= now) known.delete(name);
          const mine = known.get(worker);
          // Some of its requests have ended, others may have begun within what it was granted.
          const taken = mine ? Math.min(use, mine.places) : 0;
          if (leaves) {
            standing = leave(standing, ask(worker, { concurrency, most: concurrency }), now);
            known.delete(worker);
            continue;
          }
          const visited = visit(standing, ask(worker, { concurrency, most: concurrency, taken }), now);
          standing = visited.standing;
          known.set(worker, { places: Math.max(taken, visited.grant.places), taken, until: now + LEASE_MS });
          const most = [...known.values()].reduce((sum, { places }) => sum + places, 0);
          expect(most).toBeLessThanOrEqual(concurrency);
        }
      }),
    );
  });
});

describe("tokens", () => {
  const rate: Rate = { perSecond: 20, burst: 10 };

  it("the target never sees more than the burst and what the rate gives, in whatever time and by however many workers", () => {
    const asks = fc.array(
      fc.record({ worker: fc.constantFrom("a", "b", "c"), afterMs: fc.nat(300), lateMs: fc.nat(TOKENS_HOLD_MS) }),
      {
        minLength: 1,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(asks, (given) => {
        let now = 0;
        let standing: Standing = newStanding(4);
        const seen: number[] = [];
        for (const { worker, afterMs, lateMs } of given) {
          now += afterMs;
          const visited = visit(standing, ask(worker, { needs: { "": rate } }), now);
          standing = visited.standing;
          for (let token = 0; token < (visited.grant.tokens[""]?.count ?? 0); token++) seen.push(now + lateMs);
        }
        seen.sort((a, b) => a - b);
        seen.forEach((from, first) => {
          seen.slice(first).forEach((to, more) => {
            expect(more + 1).toBeLessThanOrEqual(rate.burst + ((to - from) * rate.perSecond) / 1000 + 1e-6);
          });
        });
      }),
    );
  });

  it("an operation has a bucket of its own, and an empty one says when to come again", () => {
    const slow: Rate = { perSecond: 2, burst: 1 };
    const first = visit(newStanding(4), ask("a", { needs: { "": rate, createOrder: slow } }), 0);
    expect(first.grant.tokens).toMatchObject({ createOrder: { count: 1, nextMs: 500 } });
    const second = visit(first.standing, ask("b", { needs: { createOrder: slow } }), 100);
    expect(second.grant.tokens).toEqual({ createOrder: { count: 0, nextMs: 400 } });
    expect(visit(second.standing, ask("b", { needs: { createOrder: slow } }), 500).grant.tokens.createOrder?.count).toBe(1);
  });

  it("a target that asks to be left alone gets nothing from any worker until then", () => {
    const { standing } = visit(newStanding(4), ask("a", { closeForMs: 3_000 }), 0);
    const other = visit(standing, ask("b", { needs: { "": rate } }), 1_000);
    expect(other.grant).toMatchObject({ closedForMs: 2_000, tokens: { "": { count: 0 } } });
    expect(shutUntil(other.standing)).toBe(3_000);
    expect(visit(other.standing, ask("b", { needs: { "": rate } }), 3_000).grant.closedForMs).toBe(0);
  });
});

describe("the probe", () => {
  const events: Ask["events"] = Array.from({ length: 10 }, () => ({ event: "failed", probe: false }));

  it("is given to one worker, and to another only when that one is gone or came to nothing", () => {
    const open = visit(newStanding(4), ask("a", { events }), 0);
    expect(open.grant).toMatchObject({ breaker: "open", probeInMs: 5_000, probe: false });
    const probing = visit(open.standing, ask("a", { wants: true }), 5_000);
    expect(probing.grant.probe).toBe(true);
    const other = visit(probing.standing, ask("b", { wants: true }), 5_500);
    expect(other.grant).toMatchObject({ breaker: "halfOpen", probe: false });
    const kept = visit(other.standing, ask("a", { probing: true }), 5_900);
    expect(visit(kept.standing, ask("b", { wants: true }), 6_800).grant.probe).toBe(false);
    expect(visit(kept.standing, ask("b", { wants: true }), 6_900).grant.probe).toBe(true);
    const nothing = visit(kept.standing, ask("a", { probing: false }), 6_000);
    expect(visit(nothing.standing, ask("b", { wants: true }), 6_000).grant.probe).toBe(true);
    const closed = visit(kept.standing, ask("a", { events: [{ event: "answered", probe: true }] }), 6_000);
    expect(closed.grant).toMatchObject({ breaker: "closed", probe: false, troubled: false });
  });
});
