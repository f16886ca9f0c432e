import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffFlows } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { anyFlow, operation, operationKinds } from "./anyFlow.fixture.ts";
import { redo, startHistory, step, undo } from "./history.ts";
import { edgeId, freeId } from "./ids.ts";
import { apply, type Operation } from "./operations.ts";

/** Deep-frozen: an operation that changed its input would throw. */
const frozen = <Value>(value: Value): Value => {
  if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
};

const dangling = ({ nodes, edges }: Flow) => {
  const known = new Set(nodes.map((node) => node.id));
  return edges.filter(({ from, to }) => !known.has(from.node) || !known.has(to.node));
};

/** Every id that the layout names besides places: they may not outlive what they name. */
const danglingInLayout = ({ nodes, edges, layout }: Flow) => {
  const known = new Set([...nodes, ...edges].map((one) => one.id));
  return [...Object.keys(layout?.edges ?? {}), ...(layout?.groups ?? []).flatMap((group) => group.nodes)].filter(
    (id) => !known.has(id),
  );
};

describe("operations on a flow", () => {
  it("are of every kind in these laws", () => {
    const seen = new Set(fc.sample(operation, { numRuns: 2_000, seed: 1 }).map(({ kind }) => kind));
    expect([...seen].sort()).toEqual([...operationKinds].sort());
  });

  it("are a difference when and only when they are a step: what changes nothing gives back the very same flow", () => {
    fc.assert(
      fc.property(anyFlow, operation, (before, one) => {
        const after = apply(before, one);
        expect(diffFlows(before, after).identical).toBe(after === before);
        expect(apply(after, one)).toEqual(after);
      }),
      { numRuns: 1_000 },
    );
  });

  it("are undone to the very flow before, whatever they are", () => {
    fc.assert(
      fc.property(anyFlow, operation, (before, one) => {
        const history = step(startHistory(before), one, 0);
        expect(undo(history).present).toBe(before);
        expect(redo(undo(history)).present).toBe(history.present);
      }),
      { numRuns: 500 },
    );
  });

  it("never change the flow given, leave no dangling edge and no doubled id, whatever is done", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), (operations) => {
        const after = operations.reduce((flow, one) => frozen(apply(flow, one)), frozen(validFlow()));
        expect(dangling(after)).toEqual([]);
        expect(danglingInLayout(after)).toEqual([]);
        const members = (after.layout?.groups ?? []).flatMap((group) => group.nodes);
        expect(new Set(members).size).toBe(members.length);
        expect(new Set(after.nodes.map((node) => node.id)).size).toBe(after.nodes.length);
        expect(new Set(after.edges.map((one) => one.id)).size).toBe(after.edges.length);
      }),
    );
  });

  it("are all undone one by one back to the start, and redone to the end", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        // Two seconds apart, so that no two steps join.
        const end = operations.reduce((history, one, index) => step(history, one, index * 2_000), startHistory(validFlow()));
        let back = end;
        for (let left = end.past.length; left > 0; left -= 1) back = undo(back);
        expect(back.present).toEqual(validFlow());
        expect(undo(back)).toBe(back);
        let forth = back;
        for (let left = back.future.length; left > 0; left -= 1) forth = redo(forth);
        expect(forth.present).toEqual(end.present);
        expect(redo(forth)).toBe(forth);
      }),
    );
  });

  it("are undone together only while one types or nudges on: a second drag, choice or alignment is another step", () => {
    const steps = (...operations: Operation[]) =>
      operations.reduce((history, one, index) => step(history, one, index * 200), startHistory(validFlow())).past.length;
    const drag = (x: number): Operation => ({ kind: "move", to: { erp: { x, y: 0 } } });
    const nudge = (x: number): Operation => ({ kind: "move", to: { erp: { x, y: 0 } }, nudged: true });
    const name = (to: string): Operation => ({ kind: "setNode", node: "erp", change: { name: to } });
    const error = (onError: "route" | "deadLetter"): Operation => ({ kind: "setNode", node: "erp", change: { onError } });
    const config = (limit: number, whole?: true): Operation => ({
      kind: "setConfig",
      node: "erp",
      change: { limit },
      ...(whole ? { whole } : {}),
    });
    expect(steps(drag(8), drag(16))).toBe(2);
    expect(steps(nudge(8), nudge(16))).toBe(1);
    expect(steps(name("a"), name("ab"), name("abc"))).toBe(1);
    expect(steps(error("route"), error("deadLetter"))).toBe(2);
    expect(steps(config(1), config(12))).toBe(1);
    expect(steps(config(1, true), config(12, true))).toBe(2);
    const tags = (...all: string[]): Operation => ({ kind: "setFlow", change: { tags: all } });
    expect(steps(tags("a"), tags("a", "b"))).toBe(2);
  });

  it("fold several groups as one step", () => {
    const group = (id: string, node: string): Operation => ({ kind: "addGroup", group: { id, title: "", nodes: [node] } });
    const grouped = [group("one", "orders"), group("two", "erp")].reduce(apply, validFlow());
    const folded = step(startHistory(grouped), { kind: "fold", groups: ["one", "two"], folded: true }, 0);
    expect(folded.present.layout?.groups?.map((one) => one.folded)).toEqual([true, true]);
    expect(undo(folded).present).toBe(grouped);
  });

  it("take a node's edges and its place away with it", () => {
    const after = apply(validFlow(), { kind: "remove", nodes: ["orders"], edges: [] });
    expect(after.edges.map((one) => one.id)).toEqual(["e2", "e3", "e4", "e5"]);
    expect(after.layout?.nodes).toEqual({});
  });

  it("change only the layout when a card is moved", () => {
    const before = validFlow();
    const after = apply(before, { kind: "move", to: { erp: { x: 8, y: 16 }, gone: { x: 0, y: 0 } } });
    expect(diffFlows(before, after).layoutOnly).toBe(true);
    expect(after.layout?.nodes).toEqual({ orders: { x: 0, y: 0 }, erp: { x: 8, y: 16 } });
  });

  it("give the same object back when nothing changes", () => {
    const flow = validFlow();
    expect(apply(flow, { kind: "move", to: { orders: { x: 0, y: 0 } } })).toBe(flow);
    expect(apply(flow, { kind: "setConfig", node: "erp", change: { subsidiary: "1" } })).toBe(flow);
    expect(
      apply(flow, {
        kind: "connect",
        edge: { id: "x", from: { node: "orders", port: "out" }, to: { node: "canonical", port: "in" } },
      }),
    ).toBe(flow);
  });

  it("take a setting away when its value is undefined", () => {
    const after = apply(validFlow(), { kind: "setConfig", node: "erp", change: { subsidiary: undefined } });
    const erp = after.nodes.find((node) => node.id === "erp");
    expect(erp?.config).toEqual({});
    expect(
      apply(after, { kind: "setNode", node: "erp", change: { retry: undefined } }).nodes.find((node) => node.id === "erp"),
    ).not.toHaveProperty("retry");
  });

  it("add a node with its slot and its link in one step", () => {
    const after = apply(validFlow(), {
      kind: "addNode",
      node: { id: "wms", type: "wms.createOrder", slot: "wms" },
      at: { x: 0, y: 0 },
      slot: { name: "wms", connector: "wms" },
      edge: { id: "l", from: { node: "erp", port: "out" }, to: { node: "wms", port: "in" } },
    });
    expect(after.slots.at(-1)).toEqual({ name: "wms", connector: "wms" });
    expect(after.edges.at(-1)?.id).toBe("l");
  });

  it("find free ids", () => {
    expect(freeId("map", new Set())).toBe("map");
    expect(freeId("map", new Set(["map", "map2"]))).toBe("map3");
    expect(edgeId(validFlow(), { node: "a", port: "out" }, { node: "b", port: "in" })).toBe("a_out_b");
  });
});

describe("history", () => {
  const type = (expression: string): Operation => ({
    kind: "setConfig",
    node: "canonical",
    change: { expression },
  });

  it("undoes what was typed on in one field in one go, and a pause begins a new step", () => {
    let history = startHistory(validFlow());
    history = step(history, type("a"), 0);
    history = step(history, type("ab"), 400);
    history = step(history, type("abc"), 900);
    history = step(history, type("abcd"), 5_000);
    expect(history.past).toHaveLength(2);
    expect(undo(undo(history)).present).toEqual(validFlow());
  });

  it("forgets the way forth when something new is done", () => {
    const there = step(undo(step(startHistory(validFlow()), type("a"), 0)), type("b"), 100);
    expect(there.future).toEqual([]);
  });
});

describe("update", () => {
  it("takes the place of several nodes in one step, with edges and places as they were", () => {
    const flow = validFlow();
    const [first, second] = flow.nodes;
    if (!first || !second) throw new Error("The flow has no nodes.");
    const nodes = [
      { ...first, version: 2 },
      { ...second, version: 2, config: { other: 1 } },
    ];
    const history = step(startHistory(flow), { kind: "update", nodes: [...nodes, { id: "gone", type: "map" }] }, 0);
    expect(history.present.nodes).toEqual([...nodes, ...flow.nodes.slice(2)]);
    expect([history.present.edges, history.present.layout]).toEqual([flow.edges, flow.layout]);
    expect(undo(history).present).toBe(flow);
  });
});
