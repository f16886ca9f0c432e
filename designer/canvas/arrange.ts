import { Graph, layout } from "@dagrejs/dagre";
import type { Flow } from "#schemas/flow.ts";
import type { Position } from "./operations.ts";
import { cardHeight, cardWidth, onGrid } from "./places.ts";

/** A place for every node, left to right along the edges, with few crossings. Loaded only when asked for: it is large. */
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
