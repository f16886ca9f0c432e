import type { Flow } from "#schemas/flow.ts";

/** The flow with only those edges that lead, over however many nodes, into one node; whole where that node is not in it. */
export function upTo(flow: Flow, node: string | undefined): Flow {
  if (node === undefined || !flow.nodes.some(({ id }) => id === node)) return flow;
  const before = new Set([node]);
  // A set grows while it is walked: what is added is walked too.
  for (const id of before) for (const { from, to } of flow.edges) if (to.node === id) before.add(from.node);
  return { ...flow, edges: flow.edges.filter(({ from, to }) => from.node !== node && before.has(to.node)) };
}
