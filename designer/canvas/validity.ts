import type { Flow, FlowEdge } from "#schemas/flow.ts";
import { graphOf, reachable } from "#schemas/graph.ts";
import { sameEnds } from "./operations.ts";

export type Link = Pick<FlowEdge, "from" | "to">;

/** Why no edge may join two ports: a node to itself, one that stands already, one that would close a circle, or two ports of one kind. */
export type Refusal = "self" | "stands" | "circle" | "ports";

/** Null when the edge may be drawn. `ignore` is the id of an edge on its way to another port. */
export function refusal(flow: Flow, link: Link, ignore?: string): Refusal | null {
  if (link.from.node === link.to.node) return "self";
  const edges = flow.edges.filter(({ id }) => id !== ignore);
  if (edges.some((edge) => sameEnds(edge, link))) return "stands";
  return reachable(graphOf({ nodes: flow.nodes, edges }), [link.to.node]).has(link.from.node) ? "circle" : null;
}
