import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { compareRuns } from "./compare.ts";
import { upTo } from "./upTo.ts";

type Nodes = Parameters<typeof compareRuns>[1]["nodes"];

const flow = validFlow();
const run = (outputs: Record<string, unknown[]>): { nodes: Nodes } => ({
  nodes: Object.fromEntries(
    flow.nodes.map(({ id }) => {
      const ports = flow.edges.filter(({ from }) => from.node === id).map(({ from }) => [from.port, outputs[id] ?? []]);
      return [id, { status: "done" as const, inputs: {}, outputs: Object.fromEntries(ports) }];
    }),
  ),
});

describe("two samples side by side", () => {
  it("differ nowhere from themselves, and by the same places either way round", () => {
    const items = fc.array(fc.jsonValue(), { maxLength: 3 });
    fc.assert(
      fc.property(items, items, (left, right) => {
        const [first] = flow.nodes;
        const [a, b] = [run({ [first?.id ?? ""]: left }), run({ [first?.id ?? ""]: right })];
        for (const { counts, fields } of compareRuns(flow, a, a)) expect([counts[0], fields]).toEqual([counts[1], []]);
        const there = compareRuns(flow, a, b);
        const back = compareRuns(flow, b, a);
        expect(back.map(({ counts }) => [...counts].reverse())).toEqual(there.map(({ counts }) => [...counts]));
        expect(back.map(({ fields }) => fields.map(({ pointer }) => pointer).sort())).toEqual(
          there.map(({ fields }) => fields.map(({ pointer }) => pointer).sort()),
        );
      }),
    );
  });

  it("tell counts and fields of each edge", () => {
    const [edge] = flow.edges;
    if (!edge) throw new Error("The flow has no edge.");
    const left = run({ [edge.from.node]: [{ total: "1.00", lines: [{ sku: "A" }] }] });
    const right = run({ [edge.from.node]: [{ total: "2.00", lines: [{ sku: "A" }, { sku: "B" }] }, {}] });
    expect(compareRuns(flow, left, right)[0]).toMatchObject({
      counts: [1, 2],
      fields: [
        { pointer: "/0/total", left: "1.00", right: "2.00" },
        { pointer: "/0/lines/1", left: undefined, right: { sku: "B" } },
      ],
    });
  });
});

describe("a run up to a node", () => {
  it("keeps all that leads there and nothing that leads on", () => {
    for (const { id } of flow.nodes) {
      const { edges } = upTo(flow, id);
      expect(edges.some(({ from }) => from.node === id)).toBe(false);
      const kept = new Set(edges.map(({ to }) => to.node));
      for (const into of flow.edges.filter(({ to }) => to.node === id || kept.has(to.node))) expect(edges).toContainEqual(into);
    }
    expect(upTo(flow, "nowhere")).toBe(flow);
    expect(upTo(flow, undefined)).toBe(flow);
  });
});
