import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { evaluateSegment } from "./evaluate.ts";
import type { SegmentJob, SegmentResult } from "./plan.ts";
import { sampleClock, sampleFlow, samplePlan } from "./sample.fixture.ts";

/** orders -> lines (split) -> line -> both (join) -> done, and orders -> held (wait), whose message comes from `erp.result`. */
const flow: Flow = {
  ...sampleFlow,
  nodes: [
    ...sampleFlow.nodes.filter(({ id }) => id === "orders" || id === "erp"),
    { id: "lines", type: "split", config: { items: "lines" } },
    { id: "line", type: "map", config: { expression: "{ 'number': sku }" } },
    { id: "both", type: "join", config: { split: "lines" } },
    { id: "done", type: "map", config: { expression: "$count($)" } },
    { id: "held", type: "wait", config: { key: "id", messageKey: "id", timeoutSeconds: 5 } },
  ],
  edges: [
    { id: "e1", from: { node: "orders", port: "out" }, to: { node: "lines", port: "in" } },
    { id: "e2", from: { node: "lines", port: "item" }, to: { node: "line", port: "in" } },
    { id: "e3", from: { node: "line", port: "out" }, to: { node: "both", port: "in" } },
    { id: "e4", from: { node: "both", port: "out" }, to: { node: "done", port: "in" } },
    { id: "e5", from: { node: "orders", port: "out" }, to: { node: "held", port: "in" } },
    { id: "e6", from: { node: "erp", port: "result" }, to: { node: "held", port: "message" } },
    { id: "e7", from: { node: "line", port: "out" }, to: { node: "erp", port: "in" } },
  ],
};

const order = { id: 7, lines: [{ sku: "a" }, { sku: "b" }] };

const withNode = (id: string, change: Partial<FlowNode>): Flow => ({
  ...flow,
  nodes: flow.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
});

const run = (item: unknown, entry: SegmentJob["entry"], drawn: Flow = flow): Promise<SegmentResult> => {
  const plan = samplePlan(drawn);
  return evaluateSegment(plan, { planKey: plan.key, entry, item, clock: sampleClock, trace: true });
};

const source = { node: "orders", port: "out" };

describe("a control node in a segment", () => {
  it("ends evaluation: what it asks for is for the engine, and nothing behind it is reached", async () => {
    const result = await run(order, source);
    expect(result).toMatchObject({ ok: true, effects: [], edges: ["e1", "e5"] });
    expect(result.ok && result.controls).toEqual([
      { node: "lines", port: "in", item: order, act: { act: "split", items: order.lines } },
      { node: "held", port: "in", item: order, act: { act: "wait", side: "in", key: "7", waitMs: 5_000 } },
    ]);
    expect(result.ports?.lines).toEqual({ inputs: { in: [order] }, outputs: {} });
    expect(Object.keys(result.ports ?? {}).sort()).toEqual(["held", "lines", "orders"]);
  });

  it("and every other node can be where a segment begins: it is entered by its input port", async () => {
    const control = await run(order, { node: "lines", port: ">in" });
    expect(control.ok && control.controls).toMatchObject([{ node: "lines", act: { act: "split" } }]);
    const pure = await run(order.lines[0], { node: "line", port: ">in" });
    expect(pure.ok && [pure.controls.length, pure.effects.length]).toEqual([1, 1]);
    expect(pure.ports?.line).toEqual({ inputs: { in: [order.lines[0]] }, outputs: { out: [{ number: "a" }] } });
    const message = await run(order, { node: "held", port: ">message" });
    expect(message.ok && message.controls).toMatchObject([{ node: "held", port: "message" }]);
    expect(await run(order, { node: "nobody", port: ">in" })).toMatchObject({ ok: false, class: "bug" });
  });

  it("is where the next segment starts, beside effects and other control nodes", async () => {
    const result = await run(order.lines[0], { node: "lines", port: "item" });
    expect(result.ok && result.controls).toEqual([
      { node: "both", port: "in", item: { number: "a" }, act: { act: "join", split: "lines" } },
    ]);
    expect(result.ok && result.effects.map(({ node }) => node)).toEqual(["erp"]);
    expect(await run([1, 2], { node: "both", port: "out" })).toMatchObject({
      ok: true,
      ports: { done: { outputs: { out: [2] } } },
    });
  });

  it("knows through which input the item came", async () => {
    const result = await run({ id: 7 }, { node: "erp", port: "result" });
    expect(result.ok && result.controls).toMatchObject([{ node: "held", port: "message", act: { side: "message", key: "7" } }]);
  });

  it("fails the segment as a whole, with the item that it could not take", async () => {
    const broken = withNode("lines", { config: { items: "$error('no')" } });
    expect(await run(order, source, broken)).toMatchObject({
      ok: false,
      node: "lines",
      item: order,
      class: "invalid",
      reason: { path: "/config/items" },
    });
  });

  it("passes items on through its first output while it is disabled", async () => {
    const result = await run(order, source, withNode("lines", { disabled: true, config: {} }));
    expect(result.ports?.lines).toEqual({ inputs: { in: [order] }, outputs: { item: [order] } });
  });
});

describe("a flow's priority", () => {
  const priorityOf = async (priority: string, item: unknown = order, entry = source) => {
    const result = await run(item, entry, { ...flow, priority });
    return result.ok ? result.priority : "failed";
  };

  it("is an integer, cut to what the database takes, whatever number the expression gives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), async (value) => {
        const priority = await priorityOf("rank", { ...order, rank: value });
        // 0 and -0 are one number here.
        expect(priority === Math.round(Math.max(-1_000_000, Math.min(1_000_000, value)))).toBe(true);
      }),
      { numRuns: 50 },
    );
    expect(await priorityOf("'12'")).toBe(12);
  });

  it("never stops an order: an expression that fails or gives no number counts for nothing", async () => {
    for (const bad of ["$error('no')", "1 +", "missing.path", "'high'", "{}"]) expect(await priorityOf(bad)).toBeUndefined();
  });

  it("is asked for where the run begins, and only there", async () => {
    expect(await priorityOf("5")).toBe(5);
    expect(await priorityOf("5", [1], { node: "both", port: "out" })).toBeUndefined();
  });
});
