import type { Flow } from "#schemas/flow.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { errorPort } from "#schemas/ports.ts";

/**
 * Never routed: whether the target has it is for a person to find out, and a cancelled item goes nowhere. A flow that
 * went on by itself would act on what nobody knows.
 */
const neverRouted: readonly OutcomeClass[] = ["inDoubt", "duplicate", "cancelled"];

const wired = (flow: Flow, node: string, port: string): boolean =>
  flow.edges.some((edge) => edge.from.node === node && edge.from.port === port);

/**
 * Where an item goes on that node `failed` failed on for good: the node's own error port, else the flow's exception
 * route, else nowhere (a dead letter). What fails behind an exception route is not caught by it again.
 */
export function errorRoute(flow: Flow, failed: string, kind: OutcomeClass): { node: string; port: string } | undefined {
  if (neverRouted.includes(kind)) return undefined;
  const node = flow.nodes.find((each) => each.id === failed);
  if (node?.onError === "route" && wired(flow, failed, errorPort.name)) return { node: failed, port: errorPort.name };
  const caught = flow.nodes.find((each) => each.type === "exception-route" && !each.disabled && catches(each.config, kind));
  if (!caught || !wired(flow, caught.id, "out") || behind(flow, caught.id).has(failed)) return undefined;
  return { node: caught.id, port: "out" };
}

const catches = (config: Readonly<Record<string, unknown>> | undefined, kind: OutcomeClass): boolean =>
  !Array.isArray(config?.classes) || config.classes.length === 0 || config.classes.includes(kind);

/** Node ids that can be reached from `start`, itself included. */
function behind(flow: Flow, start: string): Set<string> {
  const seen = new Set([start]);
  for (const id of seen) for (const edge of flow.edges) if (edge.from.node === id) seen.add(edge.to.node);
  return seen;
}

/** What an error route carries. */
export const errorItem = (item: unknown, node: string, kind: OutcomeClass, reason: Reason) => ({
  item: item ?? null,
  error: { node, class: kind, code: reason.code, message: reason.message },
});
