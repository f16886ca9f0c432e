import type { Flow, FlowEdge, FlowNode, FlowSlot } from "#schemas/flow.ts";
import { errorPort } from "#schemas/ports.ts";

/** Everything a person can do to a drawn flow, as plain data. The canvas, the inspector and undo speak only this. */
export type Operation =
  | { kind: "addNode"; node: FlowNode; at: Position; slot?: FlowSlot; edge?: FlowEdge }
  | { kind: "paste"; nodes: FlowNode[]; edges: FlowEdge[]; at: Record<string, Position> }
  | { kind: "remove"; nodes: string[]; edges: string[] }
  | { kind: "move"; to: Record<string, Position> }
  | { kind: "connect"; edge: FlowEdge }
  | { kind: "reconnect"; edge: FlowEdge }
  | { kind: "setNode"; node: string; change: NodeChange }
  | { kind: "setConfig"; node: string; property: string; value: unknown }
  | { kind: "setFlow"; change: FlowChange };

export interface Position {
  x: number;
  y: number;
}

/** `undefined` takes the setting away. */
export type NodeChange = { [K in "name" | "slot" | "retry" | "onError" | "disabled" | "notes"]?: FlowNode[K] | undefined };

/** A flow always has a name; `undefined` takes any other setting away. */
export type FlowChange = { name?: string } & {
  [K in "description" | "owner" | "tags" | "ordering" | "priority"]?: Flow[K] | undefined;
};

/**
 * The flow after one operation; the flow given is never changed. An operation that changes nothing (an unknown node, an
 * edge that stands already) gives back the very same object, so that callers can tell by identity.
 */
export function apply(flow: Flow, operation: Operation): Flow {
  switch (operation.kind) {
    case "addNode":
      return addNode(flow, operation);
    case "paste":
      return paste(flow, operation);
    case "remove":
      return remove(flow, new Set(operation.nodes), new Set(operation.edges));
    case "move":
      return move(flow, operation.to);
    case "connect":
      return connect(flow, operation.edge);
    case "reconnect":
      return reconnect(flow, operation.edge);
    case "setNode":
      return setNode(flow, operation.node, operation.change);
    case "setConfig":
      return changeNode(flow, operation.node, (node) => withConfig(node, operation.property, operation.value));
    case "setFlow":
      return withChange(flow, operation.change);
  }
}

function addNode(flow: Flow, { node, at, slot, edge }: Extract<Operation, { kind: "addNode" }>): Flow {
  if (flow.nodes.some(({ id }) => id === node.id)) return flow;
  const slots = slot && !flow.slots.some(({ name }) => name === slot.name) ? [...flow.slots, slot] : flow.slots;
  const added = placed({ ...flow, slots, nodes: [...flow.nodes, node] }, { [node.id]: at });
  return edge ? connect(added, edge) : added;
}

function paste(flow: Flow, { nodes, edges, at }: Extract<Operation, { kind: "paste" }>): Flow {
  const taken = new Set(flow.nodes.map(({ id }) => id));
  const fresh = nodes.filter(({ id }) => !taken.has(id));
  if (fresh.length === 0) return flow;
  const pasted = placed({ ...flow, nodes: [...flow.nodes, ...fresh] }, at);
  return edges.reduce(connect, pasted);
}

/** A node goes with every edge that touches it, and with its place in the layout. */
function remove(flow: Flow, nodes: ReadonlySet<string>, edges: ReadonlySet<string>): Flow {
  const keptNodes = flow.nodes.filter(({ id }) => !nodes.has(id));
  const keptEdges = flow.edges.filter(({ id, from, to }) => !edges.has(id) && !nodes.has(from.node) && !nodes.has(to.node));
  if (keptNodes.length === flow.nodes.length && keptEdges.length === flow.edges.length) return flow;
  const next: Flow = { ...flow, nodes: keptNodes, edges: keptEdges };
  if (flow.layout) {
    const places = Object.entries(flow.layout.nodes).filter(([id]) => !nodes.has(id));
    next.layout = { ...flow.layout, nodes: Object.fromEntries(places) };
  }
  return next;
}

function move(flow: Flow, to: Record<string, Position>): Flow {
  const known = new Set(flow.nodes.map(({ id }) => id));
  const moved = Object.entries(to).filter(([id, { x, y }]) => {
    const now = flow.layout?.nodes[id];
    return known.has(id) && !(now && now.x === x && now.y === y);
  });
  return moved.length === 0 ? flow : placed(flow, Object.fromEntries(moved));
}

const placed = (flow: Flow, at: Record<string, Position>): Flow => ({
  ...flow,
  layout: { ...flow.layout, nodes: { ...flow.layout?.nodes, ...at } },
});

function connect(flow: Flow, edge: FlowEdge): Flow {
  const stands = flow.edges.some((other) => other.id === edge.id || sameEnds(other, edge));
  return stands || !joinsNodes(flow, edge) ? flow : { ...flow, edges: [...flow.edges, edge] };
}

function reconnect(flow: Flow, edge: FlowEdge): Flow {
  const before = flow.edges.find(({ id }) => id === edge.id);
  if (!before || !joinsNodes(flow, edge) || flow.edges.some((other) => sameEnds(other, edge))) return flow;
  return { ...flow, edges: flow.edges.map((other) => (other.id === edge.id ? edge : other)) };
}

const joinsNodes = ({ nodes }: Flow, { from, to }: FlowEdge): boolean =>
  nodes.some(({ id }) => id === from.node) && nodes.some(({ id }) => id === to.node);

/** True when both edges link the same two ports. */
export const sameEnds = (a: Pick<FlowEdge, "from" | "to">, b: Pick<FlowEdge, "from" | "to">): boolean =>
  a.from.node === b.from.node && a.from.port === b.from.port && a.to.node === b.to.node && a.to.port === b.to.port;

/** A node that routes its errors no more has no error port: the edges that came out of it go too. */
function setNode(flow: Flow, id: string, change: NodeChange): Flow {
  const after = changeNode(flow, id, (node) => withChange(node, change));
  const routed = (one: Flow) => one.nodes.some((node) => node.id === id && node.onError === "route");
  if (!routed(flow) || routed(after)) return after;
  return { ...after, edges: after.edges.filter(({ from }) => from.node !== id || from.port !== errorPort.name) };
}

function changeNode(flow: Flow, id: string, change: (node: FlowNode) => FlowNode): Flow {
  const before = flow.nodes.find((node) => node.id === id);
  if (!before) return flow;
  const after = change(before);
  return after === before ? flow : { ...flow, nodes: flow.nodes.map((node) => (node === before ? after : node)) };
}

function withChange<Target extends object>(target: Target, change: { [K in keyof Target]?: Target[K] | undefined }): Target {
  const changed = Object.entries(change).filter(([name, value]) => !Object.is(Reflect.get(target, name), value));
  if (changed.length === 0) return target;
  const next = { ...target };
  for (const [name, value] of changed) {
    if (value === undefined) Reflect.deleteProperty(next, name);
    else Reflect.set(next, name, value);
  }
  return next;
}

function withConfig(node: FlowNode, property: string, value: unknown): FlowNode {
  const config = withChange<Record<string, unknown>>(node.config ?? {}, { [property]: value });
  return config === node.config || (node.config === undefined && value === undefined) ? node : { ...node, config };
}

/** A free id made from `base`: `map`, `map2`, `map3` ... */
export function freeId(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}${number}`)) number += 1;
  return `${base}${number}`;
}

/** The id of an edge between two ports: readable in the flow's file, free in this flow. */
export function edgeId(flow: Flow, from: FlowEdge["from"], to: FlowEdge["to"]): string {
  const base = `${from.node}_${from.port}_${to.node}`.slice(0, 58);
  return freeId(base, new Set(flow.edges.map(({ id }) => id)));
}

const duplicateOffset = 48;

/** The operation that sets copies of these nodes, and of the edges among them, beside the originals; null for none. */
export function duplicate(flow: Flow, ids: readonly string[], places: Record<string, Position>): Operation | null {
  const originals = flow.nodes.filter(({ id }) => ids.includes(id));
  if (originals.length === 0) return null;
  const taken = new Set(flow.nodes.map(({ id }) => id));
  const renamed = new Map<string, string>();
  for (const { id } of originals) {
    const fresh = freeId(id.replace(/\d+$/, "") || id, taken);
    taken.add(fresh);
    renamed.set(id, fresh);
  }
  const nodes = originals.map((node) => ({ ...structuredClone(node), id: renamed.get(node.id) ?? node.id }));
  const edges: FlowEdge[] = [];
  const edgeIds = new Set(flow.edges.map(({ id }) => id));
  for (const { from, to } of flow.edges) {
    const source = renamed.get(from.node);
    const target = renamed.get(to.node);
    if (!source || !target) continue;
    const id = freeId(`${source}_${from.port}_${target}`.slice(0, 58), edgeIds);
    edgeIds.add(id);
    edges.push({ id, from: { ...from, node: source }, to: { ...to, node: target } });
  }
  const at: Record<string, Position> = {};
  for (const { id } of originals) {
    const { x, y } = places[id] ?? flow.layout?.nodes[id] ?? { x: 0, y: 0 };
    at[renamed.get(id) ?? id] = { x: x + duplicateOffset, y: y + duplicateOffset };
  }
  return { kind: "paste", nodes, edges, at };
}
