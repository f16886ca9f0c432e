import type { Flow, FlowEdge, FlowNode, FlowSlot } from "#schemas/flow.ts";
import type { FlowPart } from "#schemas/flowPart.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { freeEdgeId, freeId } from "./ids.ts";
import type { Position } from "./layoutOperations.ts";
import type { Operation } from "./operations.ts";
import { places } from "./places.ts";
import { propertiesOf } from "./summary.ts";

/** What is picked on the canvas. */
export interface Picked {
  nodes: readonly string[];
  notes?: readonly string[];
  groups?: readonly string[];
}

/**
 * What is picked of a flow, with what belongs to it: the nodes of picked groups, the edges among the nodes, groups whose
 * nodes all come along, the slots they use. Null when nothing is picked.
 */
export function copy(flow: Flow, picked: Picked): FlowPart | null {
  const layout = flow.layout ?? { nodes: {} };
  const groupsPicked = new Set(picked.groups);
  const members = (layout.groups ?? []).flatMap(({ id, nodes }) => (groupsPicked.has(id) ? nodes : []));
  const ids = new Set([...picked.nodes, ...members]);
  const nodes = flow.nodes.filter(({ id }) => ids.has(id));
  const notes = layout.notes?.filter(({ id }) => picked.notes?.includes(id)) ?? [];
  if (nodes.length + notes.length === 0) return null;
  const edges = flow.edges.filter(({ from, to }) => ids.has(from.node) && ids.has(to.node));
  const groups = layout.groups?.filter((group) => group.nodes.every((id) => ids.has(id))) ?? [];
  const slots = new Set(nodes.flatMap(({ slot }) => slot ?? []));
  const at = places(flow);
  const labels = edges.flatMap(({ id }) => (layout.edges?.[id] ? [[id, layout.edges[id]] as const] : []));
  return {
    kind: "flowPart",
    formatVersion: 1,
    slots: flow.slots.filter(({ name }) => slots.has(name)),
    nodes,
    edges,
    layout: {
      nodes: Object.fromEntries(nodes.map(({ id }) => [id, at[id] ?? { x: 0, y: 0 }])),
      ...(labels.length > 0 ? { edges: Object.fromEntries(labels) } : {}),
      ...(notes.length > 0 ? { notes } : {}),
      ...(groups.length > 0 ? { groups } : {}),
    },
  };
}

/** All of a flow as a part, to be set into another. */
export const wholeOf = (flow: Flow): FlowPart | null =>
  copy(flow, {
    nodes: flow.nodes.map(({ id }) => id),
    notes: flow.layout?.notes?.map(({ id }) => id) ?? [],
  });

/** The new ids of what was pasted, by the old ones. */
export interface Renamed {
  nodes: ReadonlyMap<string, string>;
  edges: ReadonlyMap<string, string>;
  notes: ReadonlyMap<string, string>;
  groups: ReadonlyMap<string, string>;
  /** Slots keep their name where the flow has the same one. */
  slots: ReadonlyMap<string, string>;
}

/** Which settings of a node name other nodes, as a join names its split. */
export type NodeReferences = (node: FlowNode) => readonly string[];

/**
 * The operation that sets a part into a flow with its upper left corner at a place, under ids that are free there, and
 * the ids it gives. References among the pasted nodes follow them; a reference to a node that stayed behind stays.
 */
export function pasteInto(
  flow: Flow,
  part: FlowPart,
  corner: Position,
  references: NodeReferences = () => [],
): { operation: Operation; ids: Renamed } {
  const ids = renamed(flow, part, references);
  const from = cornerOf(part);
  const moved = <At extends Position>(at: At): At => ({ ...at, x: at.x + corner.x - from.x, y: at.y + corner.y - from.y });
  const node = (id: string) => ids.nodes.get(id) ?? id;
  const edge = ({ id, from: source, to: target }: FlowEdge): FlowEdge => ({
    id: ids.edges.get(id) ?? id,
    from: { ...source, node: node(source.node) },
    to: { ...target, node: node(target.node) },
  });
  const { layout } = part;
  const pasted: FlowPart = {
    ...part,
    slots: part.slots.map((slot) => ({ ...slot, name: ids.slots.get(slot.name) ?? slot.name })),
    nodes: part.nodes.map((one) => renamedNode(one, ids, references(one))),
    edges: part.edges.map(edge),
    layout: {
      nodes: Object.fromEntries(part.nodes.map(({ id }) => [node(id), moved(layout.nodes[id] ?? { x: 0, y: 0 })])),
      edges: Object.fromEntries(Object.entries(layout.edges ?? {}).map(([id, label]) => [ids.edges.get(id) ?? id, label])),
      notes: (layout.notes ?? []).map((note) => moved({ ...note, id: ids.notes.get(note.id) ?? note.id })),
      groups: (layout.groups ?? []).map((group) => ({
        ...group,
        id: ids.groups.get(group.id) ?? group.id,
        nodes: group.nodes.map(node),
      })),
    },
  };
  return { operation: { kind: "paste", part: pasted }, ids };
}

/** The settings that name nodes, as the manifests say. */
export const nodeReferences =
  (manifests: ReadonlyMap<string, NodeManifest>): NodeReferences =>
  ({ type }) =>
    Object.entries(propertiesOf(manifests.get(type)?.config ?? {})).flatMap(([name, schema]) =>
      schema["x-widget"] === "node" ? [name] : [],
    );

/** How far beside its original a copy stands. */
const BESIDE = 48;

/** The operation that sets copies of what is picked beside the originals; null when nothing is. */
export function duplicate(flow: Flow, picked: Picked, references: NodeReferences): Operation | null {
  const part = copy(flow, picked);
  return part && pasteInto(flow, part, besideOriginal(flow, part), references).operation;
}

/** Where a part is set when nobody shows a place: beside where it came from, and beside the copies that stand there already. */
export function besideOriginal(flow: Flow, part: FlowPart): Position {
  const taken = new Set([...Object.values(places(flow)), ...(flow.layout?.notes ?? [])].map(({ x, y }) => `${x} ${y}`));
  const first = [...part.nodes.map(({ id }) => part.layout.nodes[id]), ...(part.layout.notes ?? [])].filter(
    (at) => at !== undefined,
  );
  let by = BESIDE;
  while (first.some(({ x, y }) => taken.has(`${x + by} ${y + by}`))) by += BESIDE;
  const { x, y } = cornerOf(part);
  return { x: x + by, y: y + by };
}

/** The upper left corner of all that stands in a part. */
export function cornerOf({ nodes, layout }: FlowPart): Position {
  const at = [...nodes.map(({ id }) => layout.nodes[id] ?? { x: 0, y: 0 }), ...(layout.notes ?? [])];
  return { x: Math.min(...at.map(({ x }) => x)), y: Math.min(...at.map(({ y }) => y)) };
}

function renamedNode(node: FlowNode, { nodes, slots }: Renamed, references: readonly string[]): FlowNode {
  const config = node.config && { ...node.config };
  for (const name of references) {
    const named = config?.[name];
    if (config && typeof named === "string") config[name] = nodes.get(named) ?? named;
  }
  return {
    ...node,
    id: nodes.get(node.id) ?? node.id,
    ...(config ? { config } : {}),
    ...(node.slot === undefined ? {} : { slot: slots.get(node.slot) ?? node.slot }),
  };
}

function renamed(flow: Flow, { slots, nodes, edges, layout }: FlowPart, references: NodeReferences): Renamed {
  // No copy may take the name of a node that another one still means and that stayed behind.
  const meant = nodes.flatMap((node) => references(node).map((name) => ({ id: String(node.config?.[name]) })));
  const behind = meant.filter(({ id }) => !nodes.some((node) => node.id === id));
  const newNodes = freeIds(nodes, [...flow.nodes, ...behind]);
  const takenEdges = new Set(flow.edges.map(({ id }) => id));
  const newEdges = new Map<string, string>();
  for (const { id, from, to } of edges) {
    const source = { ...from, node: newNodes.get(from.node) ?? from.node };
    const fresh = freeEdgeId(source, { node: newNodes.get(to.node) ?? to.node }, takenEdges);
    takenEdges.add(fresh);
    newEdges.set(id, fresh);
  }
  return {
    nodes: newNodes,
    edges: newEdges,
    notes: freeIds(layout.notes ?? [], flow.layout?.notes ?? []),
    groups: freeIds(layout.groups ?? [], flow.layout?.groups ?? []),
    slots: slotNames(flow.slots, slots),
  };
}

/** A free id for each: its own where that is free, else one with another number. */
function freeIds(wished: readonly { id: string }[], standing: readonly { id: string }[]): Map<string, string> {
  const taken = new Set(standing.map(({ id }) => id));
  const fresh = new Map<string, string>();
  for (const { id } of wished) {
    const free = taken.has(id) ? freeId(id.replace(/\d+$/, "").slice(0, 58) || id, taken) : id;
    taken.add(free);
    fresh.set(id, free);
  }
  return fresh;
}

/**
 * The slot of the flow that each pasted slot becomes: the one of the same name and connector; the only one of its
 * connector on both sides; else a new one. So two shops never become one.
 */
function slotNames(standing: readonly FlowSlot[], pasted: readonly FlowSlot[]): Map<string, string> {
  const taken = new Set(standing.map(({ name }) => name));
  const only = (slots: readonly FlowSlot[], connector: string) => {
    const [slot, second] = slots.filter((one) => one.connector === connector);
    return second ? undefined : slot;
  };
  const names = new Map<string, string>();
  for (const { name, connector } of pasted) {
    const same = standing.find((slot) => slot.name === name && slot.connector === connector);
    const alone = only(pasted, connector) && only(standing, connector);
    const found = same ?? alone;
    const free = found?.name ?? freeId(name, taken);
    taken.add(free);
    names.set(name, free);
  }
  return names;
}
