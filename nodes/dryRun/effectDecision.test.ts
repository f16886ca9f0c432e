import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideEffect, type EffectDecision, type LedgerEntry } from "./effectDecision.ts";

const entry: LedgerEntry = {
  state: "INTENDED",
  requestHash: "a",
  taskId: "t1",
  sentAgoMs: 10_000,
  unsureAgoMs: Number.POSITIVE_INFINITY,
  firstAgoMs: 10_000,
  heldByOther: false,
  otherDueInMs: 0,
  ofNewer: false,
};
const wanted = { requestHash: "a", mode: "natural" as const, taskId: "t1", quietPeriodMs: 60_000, keptMs: 3_600_000 };

const entries = fc.record<LedgerEntry>({
  state: fc.constantFrom("INTENDED", "CONFIRMED", "REFUSED", "IN_DOUBT"),
  requestHash: fc.constantFrom("a", "b"),
  taskId: fc.constantFrom("t1", "t2"),
  sentAgoMs: fc.integer({ min: 0, max: 120_000 }),
  unsureAgoMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 120_000 })),
  firstAgoMs: fc.integer({ min: 0, max: 7_200_000 }),
  heldByOther: fc.boolean(),
  otherDueInMs: fc.integer({ min: 0, max: 600_000 }),
  ofNewer: fc.boolean(),
});
const wishes = fc.record({
  requestHash: fc.constantFrom("a", "b"),
  mode: fc.constantFrom<"key" | "natural" | "lookup" | "none">("key", "natural", "lookup", "none"),
  taskId: fc.constantFrom("t1", "t2"),
  quietPeriodMs: fc.constantFrom(0, 60_000),
  keptMs: fc.constantFrom(3_600_000, Number.POSITIVE_INFINITY),
});

type Doing = EffectDecision["do"];

/**
 * The promise as a table, written apart from the code: what may be done when the ledger says so, by mode and by whether
 * the request is the one that stands there. Nothing that may have been applied is sent, unless the target makes that harmless.
 */
const promised: Record<LedgerEntry["state"], (mode: string, same: boolean, known: boolean) => Doing[]> = {
  CONFIRMED: (mode, same) => (same ? ["useResult"] : mode === "natural" ? ["wait", "send"] : ["park"]),
  REFUSED: (_mode, same) => (same ? ["send"] : ["wait", "send"]),
  IN_DOUBT: () => ["park"],
  INTENDED: (mode, same, known) => {
    if (mode === "natural") return same ? ["send"] : ["wait", "send"];
    if (mode === "key") return same && known ? ["send"] : ["park"];
    return mode === "lookup" ? ["wait", "lookup"] : ["park"];
  },
};

describe("decideEffect", () => {
  it("does in every case what the table of promises allows", () => {
    fc.assert(
      fc.property(entries, wishes, (held, wish) => {
        const decision = decideEffect(held, wish);
        const same = held.requestHash === wish.requestHash;
        const stands = held.state === "INTENDED" || held.state === "CONFIRMED";
        const others = held.state === "INTENDED" && held.heldByOther && held.taskId !== wish.taskId;
        const older = held.ofNewer && !same && stands;
        const may: Doing[] = others
          ? ["wait"]
          : older
            ? ["park"]
            : promised[held.state](wish.mode, same, held.firstAgoMs < wish.keptMs);
        expect(may).toContain(decision.do);
        if (decision.do === "send" || decision.do === "lookup") expect(decision.revision).toBe(!same);
        if (decision.do === "wait") expect(decision.waitMs).toBeGreaterThan(0);
        // Before the quiet period is over nothing that the target says can be trusted.
        if (decision.do === "lookup") expect(held.sentAgoMs).toBeGreaterThanOrEqual(wish.quietPeriodMs);
      }),
      { numRuns: 5_000 },
    );
  });

  it("never sends what may have been applied unless the target makes that harmless", () => {
    fc.assert(
      fc.property(entries, wishes, (held, wish) => {
        const decision = decideEffect(held, wish);
        if (decision.do !== "send" || held.state === "REFUSED") return;
        expect(["natural", "key"]).toContain(wish.mode);
        if (wish.mode !== "key") return;
        expect(held.requestHash).toBe(wish.requestHash);
        expect(held.firstAgoMs).toBeLessThan(wish.keptMs);
      }),
    );
  });

  it("takes the recorded result for the same request, in every mode", () => {
    fc.assert(
      fc.property(wishes, (wish) => {
        const held: LedgerEntry = { ...entry, state: "CONFIRMED", requestHash: wish.requestHash };
        expect(decideEffect(held, wish)).toEqual({ do: "useResult" });
      }),
    );
  });

  it("sends a revision of a confirmed effect only by external id", () => {
    const confirmed: LedgerEntry = { ...entry, state: "CONFIRMED", requestHash: "old" };
    expect(decideEffect(confirmed, wanted)).toEqual({ do: "send", revision: true });
    for (const mode of ["key", "lookup", "none"] as const) {
      expect(decideEffect(confirmed, { ...wanted, mode })).toEqual({ do: "park", class: "duplicate" });
    }
  });

  it("writes over an earlier request only once that one can no longer arrive", () => {
    const confirmed: LedgerEntry = { ...entry, state: "CONFIRMED", requestHash: "old", unsureAgoMs: 59_000 };
    expect(decideEffect(confirmed, wanted)).toEqual({ do: "wait", waitMs: 1_000 });
    expect(decideEffect({ ...confirmed, unsureAgoMs: 60_000 }, wanted)).toEqual({ do: "send", revision: true });
    const underWay: LedgerEntry = { ...entry, requestHash: "old", sentAgoMs: 59_000 };
    expect(decideEffect(underWay, wanted)).toEqual({ do: "wait", waitMs: 1_000 });
    expect(decideEffect({ ...underWay, requestHash: "a" }, wanted)).toEqual({ do: "send", revision: false });
  });

  it("never sends an older version over a newer one, confirmed or under way, in any mode", () => {
    fc.assert(
      fc.property(entries, wishes, (held, wish) => {
        if (!held.ofNewer || held.requestHash === wish.requestHash || held.state === "REFUSED") return;
        expect(["park", "wait"]).toContain(decideEffect(held, wish).do);
      }),
    );
  });

  it("asks the target only after the quiet period, counted from sending", () => {
    const lookup = { ...wanted, mode: "lookup" as const };
    expect(decideEffect({ ...entry, sentAgoMs: 59_000 }, lookup)).toEqual({ do: "wait", waitMs: 1_000 });
    expect(decideEffect({ ...entry, sentAgoMs: 60_000 }, lookup)).toEqual({ do: "lookup", revision: false });
    const other = { ...entry, sentAgoMs: 60_000, requestHash: "of another request" };
    expect(decideEffect(other, lookup)).toEqual({ do: "lookup", revision: true });
  });

  it("sends again under a key only while the target surely knows it, whenever it was sent last", () => {
    const key = { ...wanted, mode: "key" as const };
    expect(decideEffect({ ...entry, firstAgoMs: 3_599_999 }, key)).toEqual({ do: "send", revision: false });
    expect(decideEffect({ ...entry, sentAgoMs: 0, firstAgoMs: 3_600_000 }, key)).toEqual({ do: "park", class: "inDoubt" });
    const forEver = { ...key, keptMs: Number.POSITIVE_INFINITY };
    expect(decideEffect({ ...entry, firstAgoMs: 1e12 }, forEver)).toEqual({ do: "send", revision: false });
    // What was refused was not done: nothing is there that could be done twice.
    expect(decideEffect({ ...entry, state: "REFUSED", firstAgoMs: 1e12 }, key)).toEqual({ do: "send", revision: false });
  });

  it("parks an intent without outcome when the target offers no help", () => {
    expect(decideEffect(entry, { ...wanted, mode: "none" })).toEqual({ do: "park", class: "inDoubt" });
  });

  it("leaves another live task alone", () => {
    const held: LedgerEntry = { ...entry, taskId: "t2", heldByOther: true };
    expect(decideEffect(held, wanted)).toEqual({ do: "wait", waitMs: 1_000 });
  });

  it("leaves an effect to the task that is at it, until that one is due again, but asks now and then", () => {
    const held: LedgerEntry = { ...entry, taskId: "t2", heldByOther: true };
    expect(decideEffect(held, wanted)).toEqual({ do: "wait", waitMs: 1_000 });
    expect(decideEffect({ ...held, otherDueInMs: 5_000 }, wanted)).toEqual({ do: "wait", waitMs: 6_000 });
    expect(decideEffect({ ...held, otherDueInMs: 300_000 }, wanted)).toEqual({ do: "wait", waitMs: 30_000 });
  });
});
