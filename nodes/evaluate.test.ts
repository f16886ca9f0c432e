import { describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { evaluateSegment, MAX_EVALUATIONS } from "./evaluate.ts";
import type { LockedSchema } from "./lockedSchema.ts";
import type { SegmentJob, SegmentResult } from "./plan.ts";
import { sampleClock, sampleFlow, samplePlan } from "./sample.fixture.ts";

const order = { id: 7, amounts: ["10.10", "0.20"], paid: true };

const run = (item: unknown, options: Partial<SegmentJob> = {}, flow: Flow = sampleFlow): Promise<SegmentResult> => {
  const plan = samplePlan(flow);
  return evaluateSegment(plan, {
    planKey: plan.key,
    entry: { node: "orders", port: "out" },
    item,
    clock: sampleClock,
    ...options,
  });
};

const withNode = (id: string, change: Partial<Flow["nodes"][number]>): Flow => ({
  ...sampleFlow,
  nodes: sampleFlow.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
});

describe("evaluateSegment", () => {
  it("checks documents by the schema that the version keeps, whatever is installed; by that one where it keeps a number alone", async () => {
    const checking: Flow = {
      ...sampleFlow,
      nodes: [
        ...sampleFlow.nodes.filter(({ id }) => id === "orders"),
        { id: "check", type: "validate", config: { schema: "canonical/order/1" } },
      ],
      edges: [{ id: "e1", from: { node: "orders", port: "out" }, to: { node: "check", port: "in" } }],
    };
    const drawn = samplePlan(checking);
    const by = (kept: LockedSchema) => {
      const plan = { ...drawn, lock: { ...drawn.lock, schemas: { "canonical/order/1": kept } } };
      const job = { planKey: plan.key, entry: { node: "orders", port: "out" }, item: { id: 7 }, clock: sampleClock };
      return evaluateSegment(plan, job);
    };
    const naming = (required: string[]) => ({ version: "1.0.0", schema: { type: "object", required } });
    // The invariants of an order are asked only of what has its shape.
    expect(await by(naming(["reference"]))).toMatchObject({ ok: false, class: "invalid", reason: { path: "/reference" } });
    expect(await by("1.0.0")).toMatchObject({ ok: false, reason: { code: "schema.required", path: "/schemaVersion" } });
    const kept = drawn.lock.schemas["canonical/order/1"] as LockedSchema;
    expect(await by(kept)).toMatchObject({ ok: false, reason: { code: "schema.required", path: "/schemaVersion" } });
  });

  it("walks to the effect and renders its request, key and lookup", async () => {
    const result = await run(order);
    expect(result).toEqual({
      ok: true,
      edges: ["e1", "e2", "e3"],
      controls: [],
      effects: [
        {
          node: "erp",
          item: { number: "7", amounts: ["10.10", "0.20"], paid: true },
          request: {
            method: "PUT",
            path: "/orders/A%2F1-7",
            query: { replace: "all" },
            headers: { accept: "application/json", "x-effect": "dev/book%2F1/book.post/7/create" },
            body: { number: "7", total: "10.30", from: "stall-1", run: "run-1" },
            timeoutMs: 30_000,
          },
          lookup: {
            method: "GET",
            path: "/orders",
            query: { q: "7" },
            headers: { accept: "application/json" },
            timeoutMs: 30_000,
          },
          documentKey: "7",
          effectKey: "dev/book%2F1/book.post/7/create",
          idempotency: "lookup",
          read: false,
        },
      ],
    });
  });

  it("gives reads no effect key", async () => {
    const result = await run({ ...order, paid: false });
    expect(result.ok && result.effects.map(({ node, effectKey, read }) => ({ node, effectKey, read }))).toEqual([
      { node: "read", effectKey: "", read: true },
    ]);
  });

  it("is the same every time, random numbers included, and differs between nodes", async () => {
    const flow = withNode("after", { config: { expression: "[$now(), $random(), $random()]" } });
    const entry = { node: "erp", port: "out" };
    const [first, second] = [await run({}, { entry, trace: true }, flow), await run({}, { entry, trace: true }, flow)];
    expect(first).toEqual(second);
    const [time, one, two] = (first.ports?.after?.outputs.out?.[0] ?? []) as unknown[];
    expect(time).toBe("2026-03-01T12:00:00.000Z");
    expect(one).not.toBe(two);
  });

  it("collects what every port carried", async () => {
    const result = await run(order, { trace: true });
    const shaped = { number: "7", amounts: ["10.10", "0.20"], paid: true };
    expect(result.ports).toEqual({
      orders: { inputs: {}, outputs: { out: [order] } },
      shape: { inputs: { in: [order] }, outputs: { out: [shaped] } },
      route: { inputs: { in: [shaped] }, outputs: { paid: [shaped] } },
      erp: { inputs: { in: [shaped] }, outputs: {} },
    });
  });

  it("fails as a whole at the node that fails, with the ports so far", async () => {
    const result = await run(
      { ...order, paid: "yes" },
      { trace: true },
      withNode("route", { config: { cases: [{ port: "paid", when: "paid" }] } }),
    );
    expect(result).toMatchObject({
      ok: false,
      node: "route",
      class: "invalid",
      reason: { code: "switch.noBoolean", found: "yes" },
      edges: ["e1", "e2"],
    });
    expect(result.ports?.route).toEqual({ inputs: { in: [expect.anything()] }, outputs: {} });
  });

  it("gives no effect at all when another branch fails", async () => {
    const flow = withNode("route", { disabled: false });
    const failing: Flow = {
      ...flow,
      nodes: [...flow.nodes, { id: "broken", type: "map", config: { expression: "missing.path" } }],
      edges: [...flow.edges, { id: "e9", from: { node: "route", port: "paid" }, to: { node: "broken", port: "in" } }],
    };
    expect(await run(order, {}, failing)).toMatchObject({ ok: false, node: "broken", reason: { code: "map.nothing" } });
  });

  it("fails as invalid when the document has no key or leaves a hole in the address", async () => {
    expect(await run({ amounts: [], paid: true })).toMatchObject({
      ok: false,
      node: "erp",
      class: "invalid",
      reason: { code: "effect.documentKey" },
    });
    expect(await run({ amounts: [], paid: false })).toMatchObject({
      ok: false,
      node: "read",
      class: "invalid",
      reason: { code: "request.path" },
    });
    expect(await run({ id: "..", paid: false })).toMatchObject({ ok: false, node: "read", reason: { code: "request.path" } });
  });

  it("lets items pass unchanged through a disabled pure node", async () => {
    const shaped = { number: "9", amounts: [], paid: true };
    const result = await run(shaped, {}, withNode("shape", { disabled: true }));
    expect(result.ok && result.effects.map((effect) => effect.item)).toEqual([shaped]);
  });

  it("sends everything to otherwise while a switch is disabled", async () => {
    const result = await run(order, {}, withNode("route", { disabled: true }));
    expect(result.ok && result.effects.map((effect) => effect.node)).toEqual(["read"]);
  });

  it("does nothing at a disabled effect", async () => {
    expect(await run(order, {}, withNode("erp", { disabled: true }))).toEqual({
      ok: true,
      effects: [],
      controls: [],
      edges: ["e1", "e2", "e3"],
    });
  });

  it("puts the answer only into objects", async () => {
    const flow = withNode("shape", { config: { expression: "$string(id)" } });
    const direct: Flow = {
      ...flow,
      edges: [{ id: "e2", from: { node: "orders", port: "out" }, to: { node: "erp", port: "in" } }],
    };
    expect(await run("7", {}, direct)).toMatchObject({ ok: false, class: "invalid", reason: { code: "effect.attach" } });
  });

  it("refuses line breaks from a document in a header", async () => {
    const flow = withNode("shape", { config: { expression: "{ 'number': '1\\nx-admin: yes' }" } });
    const direct: Flow = {
      ...flow,
      edges: flow.edges.map((edge) => (edge.id === "e2" ? { ...edge, to: { node: "erp", port: "in" } } : edge)),
    };
    expect(await run(order, {}, direct)).toMatchObject({ ok: false, class: "invalid", reason: { code: "request.header" } });
  });

  it("stops branches that multiply without end", async () => {
    const ids = Array.from({ length: 15 }, (_, index) => `n${index}`);
    const flow: Flow = {
      ...sampleFlow,
      nodes: [...sampleFlow.nodes.slice(0, 1), ...ids.map((id) => ({ id, type: "map", config: { expression: "$" } }))],
      edges: ids.flatMap((id, index) =>
        [1, 2].map((twin) => ({
          id: `${id}x${twin}`,
          from: { node: index === 0 ? "orders" : `n${index - 1}`, port: "out" },
          to: { node: id, port: "in" },
        })),
      ),
    };
    const result = await run(order, {}, flow);
    expect(result).toMatchObject({ ok: false, class: "bug" });
    expect(result.edges).toHaveLength(MAX_EVALUATIONS);
  });
});

describe("compilePlan", () => {
  it("has a key that changes with anything but the drawing", () => {
    const plan = samplePlan();
    expect(samplePlan({ ...sampleFlow, layout: { nodes: { erp: { x: 1, y: 2 } } } }).key).toBe(plan.key);
    expect(samplePlan({ ...sampleFlow, nodes: [...sampleFlow.nodes].reverse() }).key).toBe(plan.key);
    expect(samplePlan(withNode("shape", { config: { expression: "$" } })).key).not.toBe(plan.key);
  });
});
