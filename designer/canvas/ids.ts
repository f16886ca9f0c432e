import type { Flow, FlowEdge } from "#schemas/flow.ts";

/** The longest base of an edge's id: with a number behind it, an id has at most 64 characters. */
const LONGEST_BASE = 58;

/** A free id made from `base`: `map`, `map2`, `map3` ... */
export function freeId(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}${number}`)) number += 1;
  return `${base}${number}`;
}

/** The id of an edge between two ports: readable in the flow's file, free among `taken`. */
export const freeEdgeId = (from: FlowEdge["from"], to: Pick<FlowEdge["to"], "node">, taken: ReadonlySet<string>): string =>
  freeId(`${from.node}_${from.port}_${to.node}`.slice(0, LONGEST_BASE), taken);

/** The id of an edge between two ports: readable in the flow's file, free in this flow. */
export const edgeId = (flow: Flow, from: FlowEdge["from"], to: FlowEdge["to"]): string =>
  freeEdgeId(from, to, new Set(flow.edges.map(({ id }) => id)));
