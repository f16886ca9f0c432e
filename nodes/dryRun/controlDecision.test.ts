import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChildRun, decideJoin, decideSubFlow } from "./controlDecision.ts";

describe("a join", () => {
  const arrived = { expected: 3, dead: 0, open: 0, items: ["1", "2"] };

  test("goes on with what arrived, though an item was let go on the way", () => {
    expect(decideJoin(arrived, true)).toEqual({ go: "on", port: "out", item: [1, 2] });
    expect(decideJoin({ ...arrived, items: [] }, false)).toEqual({ go: "on", port: "out", item: [] });
  });

  test("says what is missing where something follows that", () => {
    const item = { items: [1, 2], expected: 3, arrived: 2, timedOut: false };
    expect(decideJoin({ ...arrived, dead: 1 }, true)).toEqual({ go: "on", port: "incomplete", item });
    expect(decideJoin({ ...arrived, open: 1 }, true)).toEqual({
      go: "on",
      port: "incomplete",
      item: { ...item, timedOut: true },
    });
  });

  test("is a dead letter otherwise: whether time ran out or an item is lost decides over its class", () => {
    expect(decideJoin({ ...arrived, dead: 1 }, false)).toMatchObject({
      go: "fail",
      class: "rejected",
      reason: { code: "join.incomplete" },
    });
    expect(decideJoin({ ...arrived, dead: 1, open: 1 }, false)).toMatchObject({
      go: "fail",
      class: "timeout",
      reason: { code: "join.timedOut" },
    });
  });
});

test("a join goes on with every item that arrived, or fails; nothing arrived is ever left out", () => {
  const counts = fc.nat(5);
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 5 }),
      counts,
      counts,
      counts,
      fc.boolean(),
      (items, dead, open, more, wired) => {
        const gathered = { expected: items.length + dead + more, dead, open, items: items.map((item) => JSON.stringify(item)) };
        const decision = decideJoin(gathered, wired);
        const kept: unknown = JSON.parse(JSON.stringify(items));
        const whole = dead === 0 && open === 0;
        expect(decision.go).toBe(whole || wired ? "on" : "fail");
        if (decision.go !== "on") return;
        expect(decision.port).toBe(whole ? "out" : "incomplete");
        expect(whole ? decision.item : (decision.item as { items: unknown }).items).toEqual(kept);
      },
    ),
  );
});

describe("a sub-flow", () => {
  const child = (change: Partial<ChildRun>): ChildRun => ({
    id: "r1",
    state: "SUCCEEDED",
    response: null,
    failedNode: null,
    failedClass: null,
    ...change,
  });
  const response = JSON.stringify({ status: 200, body: { ok: true } });

  test("waits while the run below goes on, and no longer than until it has answered", () => {
    expect(decideSubFlow(child({ state: "RUNNING" }), 1)).toEqual({ go: "wait" });
    expect(decideSubFlow(child({ state: "RUNNING", response }), 1)).toEqual({ go: "on", port: "out", item: { ok: true } });
  });

  test("is not waited for when the run below is no longer kept", () => {
    expect(decideSubFlow(undefined, 1)).toMatchObject({ go: "fail", class: "invalid", reason: { code: "subFlow.gone" } });
  });

  test("goes on with the answer, or with its own item where there is none", () => {
    expect(decideSubFlow(child({ response }), 1)).toEqual({ go: "on", port: "out", item: { ok: true } });
    expect(decideSubFlow(child({}), 1)).toEqual({ go: "on", port: "out", item: 1 });
  });

  test("fails as the run below failed, and names it", () => {
    const failed = child({ state: "PARTIAL", failedNode: "erp", failedClass: "transient", response });
    expect(decideSubFlow(failed, 1)).toMatchObject({
      go: "fail",
      class: "transient",
      reason: { code: "subFlow.failed", message: expect.stringContaining('"erp"'), params: { run: "r1" } },
    });
    expect(decideSubFlow(child({ state: "CANCELLED", failedClass: "bug" }), 1)).toMatchObject({ go: "fail", class: "cancelled" });
  });
});
