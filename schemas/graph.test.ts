import fc from "fast-check";
import { expect, test } from "vitest";
import { cycles, type GraphInput, graphOf, reachable, sourcesOf, topologicalOrder } from "./graph.ts";
import { manifests, validFlow } from "./sampleFlow.fixture.ts";

const link = (from: string, to: string) => ({
  id: `${from}-${to}`,
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});
const draw = (nodes: string, links: string): GraphInput => ({
  nodes: [...nodes].map((id) => ({ id })),
  edges: links
    .split(" ")
    .filter(Boolean)
    .map((pair) => link(pair[0] ?? "", pair[1] ?? "")),
});

test("knows what leads out of and into each node, dangling edges left out", () => {
  const graph = graphOf(draw("abc", "ab ac bx yb"));
  expect(graph.outgoing.get("a")?.map((edge) => edge.to.node)).toEqual(["b", "c"]);
  expect(graph.incoming.get("b")?.map((edge) => edge.from.node)).toEqual(["a"]);
  expect(graph.outgoing.get("b")).toEqual([]);
});

test("finds sources, what they reach, and an order in which every edge leads forward", () => {
  const graph = graphOf(validFlow());
  expect(sourcesOf(validFlow(), manifests)).toEqual(["orders"]);
  expect(reachable(graph, ["route"])).toEqual(new Set(["route", "erp", "review"]));
  expect(topologicalOrder(graph)).toEqual(["orders", "canonical", "invariants", "route", "erp", "review"]);
});

test("names one shortest way round for each knot", () => {
  expect(cycles(graphOf(draw("abcdef", "ab bc ca cd de ed ff")))).toEqual([["a", "b", "c"], ["d", "e"], ["f"]]);
  expect(topologicalOrder(graphOf(draw("ab", "ab ba")))).toBeUndefined();
});

test("a chain of 20,000 nodes does not exhaust the stack", () => {
  const nodes = Array.from({ length: 20_000 }, (_, i) => ({ id: `n${i}` }));
  const edges = nodes.map((node, i) => link(node.id, `n${(i + 1) % nodes.length}`));
  expect(cycles(graphOf({ nodes, edges }))[0]).toHaveLength(20_000);
  expect(reachable(graphOf({ nodes, edges }), ["n0"]).size).toBe(20_000);
});

test("there is an order exactly when there is no cycle, and each cycle is one", () => {
  const name = fc.constantFrom(..."abcdefg");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 14 }), (pairs) => {
      const graph = graphOf(draw("abcdefg", pairs.map(([from, to]) => from + to).join(" ")));
      const found = cycles(graph);
      const order = topologicalOrder(graph);
      expect(order === undefined).toBe(found.length > 0);
      for (const [from, to] of order ? pairs : []) expect(order?.indexOf(from)).toBeLessThan(order?.indexOf(to) ?? -1);
      for (const cycle of found) {
        cycle.forEach((id, i) => {
          expect(pairs).toContainEqual([id, cycle[(i + 1) % cycle.length]]);
        });
      }
    }),
  );
});
