import { expect, test } from "vitest";
import { diffFlows } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { marksOf, movedCards, overlayOf } from "./overlay.ts";

const before: Flow = {
  kind: "flow",
  formatVersion: 1,
  id: "f",
  name: "F",
  slots: [],
  nodes: [
    { id: "in", type: "schedule" },
    { id: "shape", type: "map", config: { expression: "a" } },
    { id: "old", type: "map" },
  ],
  edges: [
    { id: "e1", from: { node: "in", port: "out" }, to: { node: "shape", port: "in" } },
    { id: "e2", from: { node: "shape", port: "out" }, to: { node: "old", port: "in" } },
  ],
  layout: { nodes: { in: { x: 0, y: 0 }, shape: { x: 320, y: 0 }, old: { x: 640, y: 0 } } },
};
const after: Flow = {
  ...before,
  nodes: [
    { id: "in", type: "schedule" },
    { id: "shape", type: "map", config: { expression: "b" } },
    { id: "new", type: "map" },
  ],
  edges: [
    { id: "e1", from: { node: "in", port: "out" }, to: { node: "shape", port: "in" } },
    { id: "e2", from: { node: "shape", port: "out" }, to: { node: "new", port: "in" } },
  ],
  layout: { nodes: { in: { x: 0, y: 80 }, shape: { x: 320, y: 0 }, new: { x: 640, y: 160 } } },
};
const diff = diffFlows(before, after);

test("the overlay has the nodes and edges of both, and each id once", () => {
  const flow = overlayOf(before, after, diff);
  expect(flow.nodes.map(({ id }) => id)).toEqual(["in", "shape", "new", "old"]);
  expect(flow.edges.map(({ id, to }) => [id, to.node])).toEqual([
    ["e1", "shape"],
    ["e2", "new"],
    ["e2-removed", "old"],
  ]);
  expect(flow.layout?.nodes?.old).toEqual({ x: 640, y: 0 });
});

test("marks what was added, removed and changed, and nothing else", () => {
  expect(marksOf(diff)).toEqual({
    nodes: {
      new: { kind: "change", change: "added" },
      old: { kind: "change", change: "removed" },
      shape: { kind: "change", change: "changed" },
    },
    edges: {
      e2: { count: 0, active: false, change: "added" },
      "e2-removed": { count: 0, active: false, change: "removed" },
    },
  });
});

test("cards that stand elsewhere are counted apart from changes", () => {
  expect(movedCards(before, after)).toBe(1);
});
