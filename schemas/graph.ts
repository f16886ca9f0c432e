import type { Flow, FlowEdge } from "./flow.ts";
import type { NodeManifest } from "./manifest.ts";

/** A flow's edges by the nodes they join. Every node has an entry; edges to nodes that do not exist are left out. */
export interface Graph {
  /** Node ids in the order of the file. */
  ids: string[];
  outgoing: Map<string, FlowEdge[]>;
  incoming: Map<string, FlowEdge[]>;
}

/** What of a flow the graph needs; lets a half-valid flow be looked at too. */
export interface GraphInput {
  nodes: readonly { id: string }[];
  edges: readonly FlowEdge[];
}

export function graphOf(flow: GraphInput): Graph {
  const ids = [...new Set(flow.nodes.map((node) => node.id))];
  const outgoing = new Map<string, FlowEdge[]>(ids.map((id) => [id, []]));
  const incoming = new Map<string, FlowEdge[]>(ids.map((id) => [id, []]));
  for (const edge of flow.edges) {
    const out = outgoing.get(edge.from.node);
    const into = incoming.get(edge.to.node);
    if (!out || !into) continue;
    out.push(edge);
    into.push(edge);
  }
  return { ids, outgoing, incoming };
}

/** Ids of the nodes of kind `source`, in the order of the file. */
export const sourcesOf = (flow: Pick<Flow, "nodes">, manifests: Readonly<Record<string, NodeManifest>>): string[] =>
  flow.nodes
    .filter((node) => Object.hasOwn(manifests, node.type) && manifests[node.type]?.kind === "source")
    .map((node) => node.id);

const successors = (graph: Graph, id: string): string[] => (graph.outgoing.get(id) ?? []).map((edge) => edge.to.node);

/** Ids of all nodes that can be reached from `from`, themselves included. */
export function reachable(graph: Graph, from: Iterable<string>): Set<string> {
  const seen = new Set<string>();
  const open = [...from].filter((id) => graph.outgoing.has(id));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...successors(graph, id));
  }
  return seen;
}

/** Node ids so that every edge leads forward, ties in the order of the file; `undefined` when there is a cycle. */
export function topologicalOrder(graph: Graph): string[] | undefined {
  const waiting = new Map(graph.ids.map((id) => [id, graph.incoming.get(id)?.length ?? 0]));
  const order = graph.ids.filter((id) => waiting.get(id) === 0);
  for (const id of order) {
    for (const next of successors(graph, id)) {
      const left = (waiting.get(next) ?? 0) - 1;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  return order.length === graph.ids.length ? order : undefined;
}

/**
 * The cycles of the graph: one for each knot of nodes that can reach each other, as the shortest way round through
 * the knot's first node, without repeating that node at the end.
 */
export function cycles(graph: Graph): string[][] {
  const found: string[][] = [];
  for (const knot of knots(graph)) {
    const cycle = shortestWayRound(graph, knot);
    if (cycle) found.push(cycle);
  }
  return found;
}

/** Strongly connected components (Tarjan), without recursion: a chain of ten thousand nodes must not exhaust the stack. */
function knots(graph: Graph): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const found: string[][] = [];

  const enter = (id: string) => {
    index.set(id, index.size);
    low.set(id, index.size - 1);
    stack.push(id);
    onStack.add(id);
    return { id, rest: successors(graph, id) };
  };
  const lower = (id: string, value: number) => low.set(id, Math.min(low.get(id) ?? value, value));

  const close = (id: string) => {
    if (low.get(id) !== index.get(id)) return;
    const knot = stack.splice(stack.lastIndexOf(id));
    for (const member of knot) onStack.delete(member);
    found.push(knot);
  };

  for (const root of graph.ids) {
    if (index.has(root)) continue;
    const path = [enter(root)];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.shift();
      if (next === undefined) {
        path.pop();
        close(top.id);
        const parent = path.at(-1);
        if (parent) lower(parent.id, low.get(top.id) ?? 0);
      } else if (!index.has(next)) path.push(enter(next));
      else if (onStack.has(next)) lower(top.id, index.get(next) ?? 0);
    }
  }
  const place = new Map(graph.ids.map((id, at) => [id, at]));
  const first = (knot: string[]) => Math.min(...knot.map((id) => place.get(id) ?? 0));
  return found.sort((a, b) => first(a) - first(b));
}

function shortestWayRound(graph: Graph, knot: string[]): string[] | undefined {
  const members = new Set(knot);
  const start = graph.ids.find((id) => members.has(id));
  if (start === undefined) return undefined;
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (const id of open) {
    for (const next of successors(graph, id)) {
      if (next === start) return wayBack(cameFrom, id);
      if (!members.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      open.push(next);
    }
  }
  return undefined;
}

function wayBack(cameFrom: Map<string, string>, last: string): string[] {
  const way = [last];
  for (let id = cameFrom.get(last); id !== undefined; id = cameFrom.get(id)) way.unshift(id);
  return way;
}
