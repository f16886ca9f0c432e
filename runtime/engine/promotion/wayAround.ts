import type { Lock } from "#nodes/plan.ts";
import type { Flow } from "#schemas/flow.ts";
import { graphOf, reachable } from "#schemas/graph.ts";

/** The port through which a validating node lets documents on. */
const PASSED = "valid";

/** Ids of the nodes that items come to only after a validating node has let them pass; one that is never reached is none. */
export function behind({ flow, lock }: { flow: Flow; lock: Lock }, check: string): Set<string> {
  const barred = flow.edges.filter(({ from }) => from.node !== check || from.port !== PASSED);
  // Sources, and what takes up errors of others.
  const begins = flow.nodes.filter(({ type, disabled }) => !disabled && lock.manifests[type]?.inputs.length === 0);
  const from = begins.map(({ id }) => id);
  const around = reachable(graphOf({ nodes: flow.nodes, edges: barred }), from);
  return new Set([...reachable(graphOf(flow), from)].filter((id) => id !== check && !around.has(id)));
}
