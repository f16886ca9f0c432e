import { changesBetween, diffFlows } from "#schemas/diff.ts";
import type { Flow, FlowEdge, FlowNode, FlowSlot } from "#schemas/flow.ts";
import type { FlowPart } from "#schemas/flowPart.ts";
import { errorPort } from "#schemas/ports.ts";
import { applyToLayout, type Gone, type LayoutOperation, layoutWithout, type Position, placed } from "./layoutOperations.ts";
import { withChange } from "./withChange.ts";

/** Everything a person can do to a drawn flow, as plain data. The canvas, the outline, the inspector and undo speak only this. */
export type Operation =
  | { kind: "addNode"; node: FlowNode; at: Position; slot?: FlowSlot; edge?: FlowEdge }
  /** Onto an edge, which gives way to one into the node and one out of it; `push` makes room. */
  | {
      kind: "insertNode";
      node: FlowNode;
      at: Position;
      slot?: FlowSlot;
      edge: string;
      into: FlowEdge;
      onward: FlowEdge;
      push?: Record<string, Position>;
    }
  /** Of the part, whatever has a free id. `pasteInto` gives a part such ids. */
  | { kind: "paste"; part: FlowPart }
  /** A group goes alone; its nodes stay. */
  | { kind: "remove"; nodes: readonly string[]; edges: readonly string[]; notes?: readonly string[]; groups?: readonly string[] }
  | { kind: "connect"; edge: FlowEdge }
  | { kind: "reconnect"; edge: FlowEdge }
  | { kind: "disable"; nodes: readonly string[]; disabled: boolean }
  /** Several edges take other ends at once, as when two nodes change places; their cards may go with them. */
  | { kind: "rewire"; edges: FlowEdge[]; at: Record<string, Position> }
  | { kind: "setNode"; node: string; change: NodeChange }
  /** Gives a node a slot, which the flow gets with it where it has none of that name. */
  | { kind: "giveSlot"; node: string; slot: FlowSlot }
  /** `undefined` takes a setting away. `whole`: a step of its own in the history, not typing that goes on. */
  | { kind: "setConfig"; node: string; change: Readonly<Record<string, unknown>>; whole?: true }
  /** Nodes become what a migration makes of them; their ids and edges stay. */
  | { kind: "update"; nodes: readonly FlowNode[] }
  | { kind: "setFlow"; change: FlowChange }
  /** Takes all of another flow but its id: an import over the draft. */
  | { kind: "replace"; flow: Flow }
  | LayoutOperation;

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
    case "insertNode":
      return insertNode(flow, operation);
    case "paste":
      return paste(flow, operation.part);
    case "remove":
      return remove(flow, operation);
    case "connect":
      return connect(flow, operation.edge);
    case "reconnect":
      return reconnect(flow, operation.edge);
    case "disable":
      return disable(flow, new Set(operation.nodes), operation.disabled);
    case "rewire":
      return rewire(flow, operation);
    case "setNode":
      return setNode(flow, operation.node, operation.change);
    case "giveSlot":
      return giveSlot(flow, operation.node, operation.slot);
    case "setConfig":
      return changeNode(flow, operation.node, (node) => withConfig(node, operation.change));
    case "update":
      return update(flow, operation.nodes);
    case "setFlow":
      return withChange(flow, operation.change);
    case "replace":
      return replace(flow, operation.flow);
    default:
      return applyToLayout(flow, operation);
  }
}

function addNode(flow: Flow, { node, at, slot, edge }: Extract<Operation, { kind: "addNode" }>): Flow {
  if (flow.nodes.some(({ id }) => id === node.id)) return flow;
  const added = placed({ ...flow, slots: withSlots(flow, slot ? [slot] : []), nodes: [...flow.nodes, node] }, { [node.id]: at });
  return edge ? connect(added, edge) : added;
}

const withSlots = ({ slots }: Flow, more: readonly FlowSlot[]): FlowSlot[] => {
  const fresh = more.filter(({ name }) => !slots.some((slot) => slot.name === name));
  return fresh.length === 0 ? slots : [...slots, ...fresh];
};

function giveSlot(flow: Flow, node: string, slot: FlowSlot): Flow {
  const given = changeNode(flow, node, (one) => withChange(one, { slot: slot.name }));
  const slots = flow.nodes.some(({ id }) => id === node) ? withSlots(flow, [slot]) : flow.slots;
  return slots === flow.slots ? given : { ...given, slots };
}

function insertNode(flow: Flow, operation: Extract<Operation, { kind: "insertNode" }>): Flow {
  const { node, at, slot, edge, into, onward, push } = operation;
  if (!flow.edges.some(({ id }) => id === edge) || flow.nodes.some(({ id }) => id === node.id)) return flow;
  const cut = remove(flow, { nodes: [], edges: [edge] });
  const added = addNode(cut, { kind: "addNode", node, at, edge: into, ...(slot ? { slot } : {}) });
  return applyToLayout(connect(added, onward), { kind: "move", to: push ?? {} });
}

function paste(flow: Flow, { slots, nodes, edges, layout }: FlowPart): Flow {
  const fresh = nodes.filter(({ id }) => !flow.nodes.some((node) => node.id === id));
  const withNodes = fresh.length === 0 ? flow : { ...flow, slots: withSlots(flow, slots), nodes: [...flow.nodes, ...fresh] };
  const at = Object.fromEntries(fresh.flatMap(({ id }) => (layout.nodes[id] ? [[id, layout.nodes[id]]] : [])));
  const drawn = edges.reduce(connect, fresh.length === 0 ? withNodes : placed(withNodes, at));
  const newEdges = edges.filter(({ id }) => !flow.edges.some((edge) => edge.id === id));
  return [
    ...newEdges.map(({ id }) => ({ kind: "setLabel" as const, edge: id, label: layout.edges?.[id]?.label })),
    ...(layout.notes ?? []).map((note) => ({ kind: "addNote" as const, note })),
    ...(layout.groups ?? []).map((group) => ({ kind: "addGroup" as const, group })),
  ].reduce<Flow>(applyToLayout, drawn);
}

/** A node goes with every edge that touches it. */
function remove(
  flow: Flow,
  { nodes, edges, notes = [], groups = [] }: Omit<Extract<Operation, { kind: "remove" }>, "kind">,
): Flow {
  const goneNodes = new Set(nodes);
  const goneEdges = new Set(edges);
  const keptNodes = flow.nodes.filter(({ id }) => !goneNodes.has(id));
  const keptEdges = flow.edges.filter(
    ({ id, from, to }) => !goneEdges.has(id) && !goneNodes.has(from.node) && !goneNodes.has(to.node),
  );
  const kept = new Set(keptEdges);
  const same = keptNodes.length === flow.nodes.length && keptEdges.length === flow.edges.length;
  const gone: Gone = {
    nodes: new Set(flow.nodes.flatMap(({ id }) => (goneNodes.has(id) ? [id] : []))),
    edges: new Set(flow.edges.flatMap((edge) => (kept.has(edge) ? [] : [edge.id]))),
    notes: new Set(notes),
    groups: new Set(groups),
  };
  const layout = flow.layout && layoutWithout(flow.layout, gone);
  if (same && layout === flow.layout) return flow;
  return { ...flow, nodes: keptNodes, edges: keptEdges, ...(layout ? { layout } : {}) };
}

function connect(flow: Flow, edge: FlowEdge): Flow {
  const stands = flow.edges.some((other) => other.id === edge.id || sameEnds(other, edge));
  return stands || !joinsNodes(flow, edge) ? flow : { ...flow, edges: [...flow.edges, edge] };
}

function reconnect(flow: Flow, edge: FlowEdge): Flow {
  const before = flow.edges.find(({ id }) => id === edge.id);
  if (!before || !joinsNodes(flow, edge) || flow.edges.some((other) => sameEnds(other, edge))) return flow;
  return { ...flow, edges: flow.edges.map((other) => (other.id === edge.id ? edge : other)) };
}

/** All of them or none: half of an exchange would leave a flow that nobody meant. */
function rewire(flow: Flow, { edges, at }: Extract<Operation, { kind: "rewire" }>): Flow {
  const moved = new Map(edges.map((edge) => [edge.id, edge]));
  const known = edges.every((edge) => joinsNodes(flow, edge) && flow.edges.some(({ id }) => id === edge.id));
  const after = flow.edges.map((edge) => moved.get(edge.id) ?? edge);
  const doubled = after.some((edge, index) => after.findIndex((other) => sameEnds(other, edge)) !== index);
  const changes = flow.edges.some((edge, index) => !sameEnds(edge, after[index] ?? edge));
  return !known || doubled || !changes ? flow : applyToLayout({ ...flow, edges: after }, { kind: "move", to: at });
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

function withConfig(node: FlowNode, change: Readonly<Record<string, unknown>>): FlowNode {
  const before: Record<string, unknown> = node.config ?? {};
  const config = withChange(before, change);
  return config === before || (node.config === undefined && Object.keys(config).length === 0) ? node : { ...node, config };
}

function update(flow: Flow, nodes: readonly FlowNode[]): Flow {
  const after = new Map(nodes.map((node) => [node.id, node]));
  const changed = flow.nodes.map((node) => {
    const now = after.get(node.id);
    return now === undefined || changesBetween(node, now).length === 0 ? node : now;
  });
  return changed.every((node, index) => node === flow.nodes[index]) ? flow : { ...flow, nodes: changed };
}

function disable(flow: Flow, nodes: ReadonlySet<string>, disabled: boolean): Flow {
  const after = flow.nodes.map((node) => (nodes.has(node.id) ? withChange(node, { disabled: disabled || undefined }) : node));
  return after.every((node, index) => node === flow.nodes[index]) ? flow : { ...flow, nodes: after };
}

function replace(flow: Flow, other: Flow): Flow {
  const next = { ...other, id: flow.id };
  return diffFlows(flow, next).identical ? flow : next;
}
