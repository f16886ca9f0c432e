import type { Flow, FlowEdge, FlowNode, PortRef } from "#schemas/flow.ts";
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

/** The nodes that cannot take an edge out of a node (or into it): itself, and those that would close a circle. */
export function refusingNodes(flow: Flow, node: string, side: "out" | "in", ignore?: string | null): ReadonlySet<string> {
  const edges = flow.edges.filter(({ id }) => id !== ignore);
  const turned = side === "in" ? edges : edges.map((edge) => ({ ...edge, from: edge.to, to: edge.from }));
  // An edge out of a node may not lead to what leads to it; one into a node may not come from what it leads to.
  return reachable(graphOf({ nodes: flow.nodes, edges: turned }), [node]);
}

/** Every edge that may be drawn out of a port; the graph is walked once for all of them. */
export function openLinks(flow: Flow, from: PortRef, inputsOf: (node: FlowNode) => readonly string[]): Link[] {
  const refusing = refusingNodes(flow, from.node, "out");
  const standing = flow.edges.filter((edge) => edge.from.node === from.node && edge.from.port === from.port);
  return flow.nodes
    .filter(({ id }) => !refusing.has(id))
    .flatMap((node) => inputsOf(node).map((port) => ({ from, to: { node: node.id, port } })))
    .filter((link) => !standing.some((edge) => sameEnds(edge, link)));
}
