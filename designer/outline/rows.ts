import type { Flow, FlowEdge, FlowGroup, FlowNode, FlowNote } from "#schemas/flow.ts";
import { type Graph, graphOf } from "#schemas/graph.ts";
import type { Port } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import { boardId, standingOf } from "../canvas/boardIds.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { groupsOf } from "../canvas/groups.ts";
import { places } from "../canvas/places.ts";

type Manifests = Catalogue["manifests"];

/** A row of what the flow does: a node; below it, when it is unfolded, its edges and each output that leads nowhere yet. */
export type PathRow = NodeRow | EdgeRow | FreeRow;
/** A row of the outline. After the nodes come the groups and the notes, which only say something of the drawing. */
export type Row = PathRow | GroupRow | NoteRow;

export interface NodeRow {
  kind: "node";
  key: string;
  node: FlowNode;
  /** Its place among the nodes, from 1. */
  place: number;
  ports: Port[];
  /** Rows it can be unfolded to. */
  below: number;
}

export interface EdgeRow {
  kind: "edge";
  key: string;
  node: FlowNode;
  place: number;
  port: Port;
  edge: FlowEdge;
}

export interface FreeRow {
  kind: "free";
  key: string;
  node: FlowNode;
  place: number;
  port: Port;
}

export interface GroupRow {
  kind: "group";
  key: string;
  group: FlowGroup;
  place: number;
}

export interface NoteRow {
  kind: "note";
  key: string;
  note: FlowNote;
  place: number;
}

export const nodeKey = (id: string): string => `node ${id}`;
export const edgeKey = (id: string): string => `edge ${id}`;

/** The row of what stands on the board. */
export function boardKey(board: string): string {
  const { kind, id } = standingOf(board);
  return `${kind} ${id}`;
}

/** What of the board a row is; null for an edge and an output. */
export function boardOf(row: Row): string | null {
  switch (row.kind) {
    case "node":
      return row.node.id;
    case "group":
      return boardId({ kind: "group", id: row.group.id });
    case "note":
      return boardId({ kind: "note", id: row.note.id });
    default:
      return null;
  }
}

export const isOfNode = (row: Row): row is PathRow => "node" in row;

/** The rows as they stand under each other: nodes in reading order, each unfolded one with what lies below it. */
export function rowsOf(flow: Flow, manifests: Manifests, unfolded: ReadonlySet<string>): Row[] {
  const { outgoing } = graphOf(flow);
  const nodes = readingOrder(flow, manifests).flatMap((node, at): Row[] => {
    const ports = portsOf(node, manifests);
    const below = rowsBelow(node, ports, outgoing.get(node.id) ?? []);
    const row: NodeRow = { kind: "node", key: nodeKey(node.id), node, place: at + 1, ports, below: below.length };
    return unfolded.has(node.id) ? [row, ...below] : [row];
  });
  const groups = groupsOf(flow);
  const notes = flow.layout?.notes ?? [];
  const first = flow.nodes.length + 1;
  return [
    ...nodes,
    ...groups.map((group, at): GroupRow => ({ kind: "group", key: `group ${group.id}`, group, place: first + at })),
    ...notes.map((note, at): NoteRow => ({ kind: "note", key: `note ${note.id}`, note, place: first + groups.length + at })),
  ];
}

function rowsBelow(node: FlowNode, ports: readonly Port[], leaving: readonly FlowEdge[]): (EdgeRow | FreeRow)[] {
  const known = new Set(ports.map(({ name }) => name));
  // An edge whose port is gone is still there, and must be seen to be taken away.
  const lost = leaving.filter(({ from }) => !known.has(from.port)).map(({ from }) => ({ name: from.port, title: from.port }));
  const all = [...ports, ...lost].flatMap((port): (Omit<EdgeRow, "place"> | Omit<FreeRow, "place">)[] => {
    const edges = leaving.filter(({ from }) => from.port === port.name);
    if (edges.length === 0) return [{ kind: "free", key: `free ${node.id} ${port.name}`, node, port }];
    return edges.map((edge) => ({ kind: "edge", key: edgeKey(edge.id), node, port, edge }));
  });
  return all.map((row, at) => ({ ...row, place: at + 1 }));
}

/** A node's outputs, each once: two cases of a switch may name the same port. */
export function portsOf(node: FlowNode, manifests: Manifests): Port[] {
  const manifest = manifests.get(node.type);
  const ports = manifest ? outputPorts(manifest, node) : [];
  return ports.filter(({ name }, at) => ports.findIndex((port) => port.name === name) === at);
}

/**
 * The nodes as one reads a flow: from each start along its edges, one branch after the other, and never a node before
 * all that leads to it. Starts come from top to bottom of the canvas; what lies on a circle comes last.
 */
export function readingOrder(flow: Flow, manifests: Manifests): FlowNode[] {
  const graph = graphOf(flow);
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const at = places(flow);
  const height = (id: string) => at[id]?.y ?? 0;
  const left = new Map(graph.ids.map((id) => [id, graph.incoming.get(id)?.length ?? 0]));
  const starts = graph.ids.filter((id) => left.get(id) === 0).sort((a, b) => height(a) - height(b));
  const open = starts.reverse();
  const order: string[] = [];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    order.push(id);
    const free = successors(graph, nodes.get(id), manifests).filter((next) => {
      const rest = (left.get(next) ?? 0) - 1;
      left.set(next, rest);
      return rest === 0;
    });
    open.push(...free.reverse());
  }
  const read = new Set(order);
  return [...order, ...graph.ids.filter((id) => !read.has(id))].flatMap((id) => nodes.get(id) ?? []);
}

/** What a node leads to, in the order of its ports; once for each edge. */
function successors({ outgoing }: Graph, node: FlowNode | undefined, manifests: Manifests): string[] {
  if (!node) return [];
  const names = portsOf(node, manifests).map(({ name }) => name);
  return [...(outgoing.get(node.id) ?? [])]
    .sort((a, b) => names.indexOf(a.from.port) - names.indexOf(b.from.port))
    .map(({ to }) => to.node);
}
