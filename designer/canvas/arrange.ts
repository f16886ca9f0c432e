import { Graph, layout } from "@dagrejs/dagre";
import type { Flow } from "#schemas/flow.ts";
import type { Position } from "./operations.ts";

export const cardWidth = 240;
const cardHeight = 136;
const grid = 8;

const onGrid = (value: number): number => Math.round(value / grid) * grid;

/** A place for every node, left to right along the edges. */
export function arrange(flow: Flow): Record<string, Position> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 72 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of flow.nodes) graph.setNode(id, { width: cardWidth, height: cardHeight });
  for (const { from, to } of flow.edges) {
    if (graph.hasNode(from.node) && graph.hasNode(to.node)) graph.setEdge(from.node, to.node);
  }
  layout(graph);
  return Object.fromEntries(
    flow.nodes.map(({ id }) => {
      const { x = 0, y = 0 } = graph.node(id);
      return [id, { x: onGrid(x - cardWidth / 2), y: onGrid(y - cardHeight / 2) }];
    }),
  );
}

/** Where every node stands: its place in the layout, or an arranged one when the layout does not know it. */
export function places(flow: Flow): Record<string, Position> {
  const known = flow.layout?.nodes ?? {};
  if (flow.nodes.every(({ id }) => known[id])) return known;
  if (flow.nodes.every(({ id }) => !known[id])) return arrange(flow);
  const lowest = Math.max(0, ...Object.values(known).map(({ y }) => y)) + cardHeight + 40;
  let column = 0;
  return Object.fromEntries(flow.nodes.map(({ id }) => [id, known[id] ?? { x: (cardWidth + 40) * column++, y: onGrid(lowest) }]));
}
