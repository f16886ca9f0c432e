import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { FlowPart } from "#schemas/flowPart.ts";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { anyFlow } from "./anyFlow.fixture.ts";
import { copy, cornerOf, pasteInto, type Renamed, wholeOf } from "./clipboard.ts";
import { apply } from "./operations.ts";
import { readPastedText } from "./pastedText.ts";

/** As the manifests say of `x-widget: node`. */
const references = (node: FlowNode): string[] => (node.type === "join" ? ["split"] : []);

/** What a part says, whatever its ids are called and wherever its corner stands: ids by the place of what they name. */
function told(part: FlowPart) {
  const { x, y } = cornerOf(part);
  const index = new Map(part.nodes.map(({ id }, at) => [id, `#${at}`]));
  const nameOf = (id: string) => index.get(id) ?? id;
  const slot = new Map(part.slots.map(({ name }, at) => [name, `slot ${at}`]));
  const ends = new Map(
    part.edges.map(({ id, from, to }) => [id, [nameOf(from.node), from.port, nameOf(to.node), to.port].join(" ")]),
  );
  const shifted = (at: { x: number; y: number } | undefined) => at && { x: at.x - x, y: at.y - y };
  return {
    slots: part.slots.map(({ name: _name, ...rest }) => rest),
    nodes: part.nodes.map((node) => {
      const config = { ...node.config };
      for (const name of references(node)) if (typeof config[name] === "string") config[name] = nameOf(config[name]);
      return { ...node, id: nameOf(node.id), config, slot: slot.get(node.slot ?? "") };
    }),
    edges: [...ends.values()].sort(),
    labels: Object.entries(part.layout.edges ?? {}).map(([id, { label }]) => [ends.get(id), label]),
    at: part.nodes.map(({ id }) => shifted(part.layout.nodes[id])),
    notes: (part.layout.notes ?? []).map(({ id: _id, ...note }) => ({ ...note, ...shifted(note) })),
    groups: (part.layout.groups ?? []).map(({ id: _id, ...group }) => ({ ...group, nodes: group.nodes.map(nameOf) })),
  };
}

const pickedFrom = ({ nodes, layout }: Flow) =>
  fc.record({
    nodes: fc.subarray(nodes.map(({ id }) => id)),
    notes: fc.subarray((layout?.notes ?? []).map(({ id }) => id)),
    groups: fc.subarray((layout?.groups ?? []).map(({ id }) => id)),
  });

const valuesOf = (ids: ReadonlyMap<string, string>) => [...ids.values()];
const pastedPart = (flow: Flow, ids: Renamed): FlowPart | null =>
  copy(flow, { nodes: valuesOf(ids.nodes), notes: valuesOf(ids.notes), groups: valuesOf(ids.groups) });

describe("copy and paste", () => {
  it("give the same again up to ids, in the same flow and in another, and leave alone what stood there", () => {
    const cases = fc
      .tuple(anyFlow, anyFlow, fc.boolean())
      .chain(([from, other, same]) => pickedFrom(from).map((picked) => ({ from, into: same ? from : other, picked })));
    fc.assert(
      fc.property(cases, ({ from, into, picked }) => {
        const part = copy(from, picked);
        if (!part) return;
        // Through the clipboard it goes as text.
        const read = readPastedText(JSON.stringify(part));
        if (read.kind !== "part") throw new Error(JSON.stringify(read));
        const { operation, ids } = pasteInto(into, read.part, { x: 800, y: 160 }, references);
        const after = apply(into, operation);
        const again = pastedPart(after, ids);
        expect(again && told(again)).toEqual(told(part));
        expect(again && cornerOf(again)).toEqual({ x: 800, y: 160 });
        expect(after.nodes.slice(0, into.nodes.length)).toEqual(into.nodes);
        expect(after.edges.slice(0, into.edges.length)).toEqual(into.edges);
        expect(after.slots.slice(0, into.slots.length)).toEqual(into.slots);
      }),
    );
  });

  it("bring edges among the nodes along, and no edge that leads out", () => {
    const flow = validFlow();
    const part = copy(flow, { nodes: ["canonical", "invariants"] });
    if (!part) throw new Error("There should be something to copy.");
    const { operation } = pasteInto(flow, part, { x: 48, y: 48 });
    const after = apply(flow, operation);
    expect(after.nodes.slice(-2).map((node) => node.id)).toEqual(["canonical2", "invariants2"]);
    expect(after.edges.slice(flow.edges.length).map(({ from, to }) => [from.node, to.node])).toEqual([
      ["canonical2", "invariants2"],
    ]);
    expect(copy(flow, { nodes: [] })).toBeNull();
  });

  it("let a copied join name the copied split, and one copied alone the split it named", () => {
    const join = { id: "all", type: "join", config: { split: "lines" } };
    const flow: Flow = { ...validFlow(), nodes: [{ id: "lines", type: "split", config: {} }, join], edges: [] };
    const pasted = (nodes: string[]) => {
      const part = copy(flow, { nodes });
      if (!part) throw new Error("nothing");
      return apply(flow, pasteInto(flow, part, { x: 0, y: 0 }, references).operation).nodes.at(-1);
    };
    expect(pasted(["lines", "all"])).toMatchObject({ id: "all2", config: { split: "lines2" } });
    expect(pasted(["all"])).toMatchObject({ id: "all2", config: { split: "lines" } });
  });

  it("take the flow's only slot of a connector, and never make two shops one", () => {
    const flow = validFlow();
    const shops = (names: string[]): FlowPart => ({
      kind: "flowPart",
      formatVersion: 1,
      slots: names.map((name) => ({ name, connector: "shop" })),
      nodes: names.map((name) => ({ id: `from-${name}`, type: "shop.orderCreated", slot: name })),
      edges: [],
      layout: { nodes: {} },
    });
    const slotsAfter = (part: FlowPart) => {
      const after = apply(flow, pasteInto(flow, part, { x: 0, y: 0 }).operation);
      return { slots: after.slots.map(({ name }) => name), used: after.nodes.slice(6).map(({ slot }) => slot) };
    };
    expect(slotsAfter(shops(["store"]))).toEqual({ slots: ["shop", "erp"], used: ["shop"] });
    expect(slotsAfter(shops(["store", "outlet"]))).toEqual({
      slots: ["shop", "erp", "store", "outlet"],
      used: ["store", "outlet"],
    });
    // The name is taken by another system.
    expect(slotsAfter({ ...shops(["erp", "shop"]) })).toEqual({ slots: ["shop", "erp", "erp2"], used: ["erp2", "shop"] });
  });
});

describe("a pasted text", () => {
  it("is a part, a flow, or not ours", () => {
    expect(readPastedText(JSON.stringify(validFlow())).kind).toBe("flow");
    expect(readPastedText(JSON.stringify(wholeOf(validFlow()))).kind).toBe("part");
    for (const text of ["https://example.com", "hello", "[1, 2]", '{"kind":"order"}', "42"])
      expect(readPastedText(text)).toEqual({ kind: "foreign" });
    expect(readPastedText(" \n")).toEqual({ kind: "empty" });
  });

  it("says at which place it is broken", () => {
    const flow = { ...validFlow(), nodes: [{ id: "erp", type: 7 }] };
    const broken = readPastedText(JSON.stringify(flow));
    expect(broken).toMatchObject({ kind: "broken", faults: [{ place: "/nodes/0/type (erp)" }] });
    expect(readPastedText('{\n  "kind": "flow",,\n}')).toMatchObject({ kind: "broken", faults: [{ place: "2:18" }] });
    const hostile = `{"kind":"flow","nodes":[{"__proto__":{}}]}`;
    expect(readPastedText(hostile)).toMatchObject({ kind: "broken", faults: [{ place: "/nodes/0/__proto__" }] });
  });
});
