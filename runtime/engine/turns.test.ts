import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choose, newTurns, type Share, turnCost } from "./turns.ts";

const share = (flow: string, count: number, lane = 0): Share & { items: string[] } => ({
  lane,
  source: "shop",
  flow,
  items: Array.from({ length: count }, (_, place) => `${flow}${lane}-${place}`),
});

/** Serves `rounds` times one at a time from queues that never end. */
function serve(shares: (Share & { items: string[] })[], rounds: number, turns = newTurns()): string[] {
  return Array.from({ length: rounds }, () => choose(shares, 1, turns)[0]?.split("-")[0] ?? "");
}

const countOf = (served: string[], name: string): number => served.filter((each) => each === name).length;

describe("fair turns", () => {
  it("a newcomer is next, however long the queue of another flow is", () => {
    const turns = newTurns();
    choose([share("a", 10_000)], 5_000, turns);
    expect(choose([share("a", 5_000), share("b", 1)], 2, turns)).toContain("b0-0");
  });

  it("one that was away does not claim the past", () => {
    const turns = newTurns();
    choose([share("a", 10), share("b", 1)], 2, turns);
    choose([share("a", 10_000)], 5_000, turns);
    const served = serve([share("a", 1_000), share("b", 1_000)], 100, turns);
    expect(Math.abs(countOf(served, "a0") - countOf(served, "b0"))).toBeLessThanOrEqual(1);
  });

  it("live goes before replay, and replay before backfill, and none of them starves", () => {
    const served = serve([share("a", 1, 0), share("a", 1, 1), share("a", 1, 2)], 1_000);
    expect(served.slice(0, 7)).toEqual(Array(7).fill("a0"));
    const [live, replay, backfill] = ["a0", "a1", "a2"].map((name) => countOf(served, name)) as [number, number, number];
    expect(live / replay).toBeCloseTo(turnCost(1), 0);
    expect(replay / backfill).toBeCloseTo(turnCost(2) / turnCost(1), 0);
  });

  const queues = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 30 })), {
    minLength: 1,
    maxLength: 8,
  });

  it("chooses as many as there is room for, each once, in the order of its share", () => {
    fc.assert(
      fc.property(queues, fc.nat(100), (given, room) => {
        const shares = given.map(([lane, count], place) => share(`f${place}`, count, lane));
        const chosen = choose(shares, room, newTurns());
        const all = shares.flatMap(({ items }) => items);
        expect(chosen).toHaveLength(Math.min(room, all.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const { items } of shares) {
          const own = chosen.filter((each) => items.includes(each));
          expect(own).toEqual(items.slice(0, own.length));
        }
      }),
    );
  });

  it("while shares wait, each is served in proportion to its lane, to within one turn", () => {
    fc.assert(
      fc.property(queues, (given) => {
        const shares = given.map(([lane], place) => share(`f${place}`, 1, lane));
        const rounds = 2_000;
        const served = serve(shares, rounds);
        const weight = given.reduce((sum, [lane]) => sum + 1 / turnCost(lane), 0);
        given.forEach(([lane], place) => {
          const expected = rounds / turnCost(lane) / weight;
          expect(Math.abs(countOf(served, `f${place}${lane}`) - expected)).toBeLessThanOrEqual(2 + given.length);
        });
      }),
      { numRuns: 30 },
    );
  });
});
