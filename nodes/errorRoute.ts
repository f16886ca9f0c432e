import type { Flow, FlowNode } from "#schemas/flow.ts";
import { type Graph, graphOf, reachable } from "#schemas/graph.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { errorPort } from "#schemas/ports.ts";

/**
 * Never routed: whether the target has it is for a person to find out, and a cancelled item goes nowhere. A flow that
 * went on by itself would act on what nobody knows.
 */
const neverRouted: readonly OutcomeClass[] = ["inDoubt", "duplicate", "cancelled"];

const isWired = (graph: Graph, node: string, port: string): boolean =>
  (graph.outgoing.get(node) ?? []).some((edge) => edge.from.port === port);

/**
 * Where an item goes on that node `failed` failed on for good: the node's own error port, else the exception route that
 * names the outcome, else the one that takes every outcome, else nowhere (a dead letter). What fails behind an exception
 * route is not caught by any: two that led to each other's failures would never end.
 */
export function errorRoute(flow: Flow, failed: string, kind: OutcomeClass): { node: string; port: string } | undefined {
  if (neverRouted.includes(kind)) return undefined;
  const graph = graphOf(flow);
  const node = flow.nodes.find((each) => each.id === failed);
  if (node?.onError === "route" && isWired(graph, failed, errorPort.name)) return { node: failed, port: errorPort.name };
  const routes = flow.nodes.filter((each) => each.type === "exception-route" && !each.disabled);
  const ids = routes.map(({ id }) => id);
  const taking = routes.find((each) => classesOf(each).includes(kind)) ?? routes.find((each) => classesOf(each).length === 0);
  if (!taking || !isWired(graph, taking.id, "out") || reachable(graph, ids).has(failed)) return undefined;
  return { node: taking.id, port: "out" };
}

/** The outcomes that an exception route names; none means every outcome. */
const classesOf = ({ config }: FlowNode): unknown[] => (Array.isArray(config?.classes) ? config.classes : []);

/** What an error route carries. */
export const errorItem = (item: unknown, node: string, kind: OutcomeClass, reason: Reason) => ({
  item: item ?? null,
  error: { node, class: kind, code: reason.code, message: reason.message },
});
