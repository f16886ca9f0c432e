import type { Flow, FlowGroup } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import { around, type Box } from "./align.ts";
import { boardId, foldedPort, standingOf } from "./boardIds.ts";
import type { LayoutOperation, Position } from "./layoutOperations.ts";
import { nodeNames } from "./names.ts";
import { cardHeight, cardWidth, places } from "./places.ts";

/** Room between a frame and the cards in it; its title stands in the room above. */
const framePadding = { side: 24, top: 48 };

/** The frame around the boxes of a group's nodes. */
export function frameAround(boxes: readonly Box[]): Box | null {
  const inner = around(boxes);
  if (!inner) return null;
  const { side, top } = framePadding;
  return { x: inner.x - side, y: inner.y - top, width: inner.width + 2 * side, height: inner.height + top + side };
}

export const groupsOf = (flow: Flow): readonly FlowGroup[] => flow.layout?.groups ?? [];

/** The folded group in whose card each node is hidden. */
export const foldedNodes = (flow: Flow): ReadonlyMap<string, FlowGroup> =>
  new Map(groupsOf(flow).flatMap((group) => (group.folded ? group.nodes.map((id) => [id, group] as const) : [])));

/** Where a folded group's card stands: at the upper left corner of what it hides. */
export function foldedPlace(group: FlowGroup, at: Readonly<Record<string, Position>>): Position {
  const places = group.nodes.map((id) => at[id] ?? { x: 0, y: 0 });
  return { x: Math.min(...places.map(({ x }) => x)), y: Math.min(...places.map(({ y }) => y)) };
}

/** The boxes of what stands on the board, by what the flow knows of it: cards have their least size. A frame has none of its own. */
export function boxesOf(flow: Flow, board: readonly string[]): Record<string, Box> {
  const at = places(flow);
  const card = { width: cardWidth, height: cardHeight };
  const boxes = board.flatMap((id): [string, Box][] => {
    const standing = standingOf(id);
    const note = flow.layout?.notes?.find((one) => standing.kind === "note" && one.id === standing.id);
    if (note) return [[id, note]];
    const group = groupsOf(flow).find((one) => standing.kind === "group" && one.id === standing.id);
    const place = group ? (group.folded ? foldedPlace(group, at) : undefined) : at[standing.id];
    return place ? [[id, { ...place, ...card }]] : [];
  });
  return Object.fromEntries(boxes);
}

/** A port through which an edge crosses into a folded group, or out of it. */
export interface FoldedPort {
  /** The node's and the port's own names in one: unique on the group's card. */
  handle: string;
  side: "in" | "out";
  title: string;
}

/** The ports of a folded group's card: those of its nodes that are joined with the outside, in the order of the nodes. */
export function foldedPorts(flow: Flow, group: FlowGroup, manifests: ReadonlyMap<string, NodeManifest>): FoldedPort[] {
  const inside = new Set(group.nodes);
  const name = nodeNames(flow.nodes, manifests);
  const ports = new Map<string, FoldedPort>();
  for (const { from, to } of flow.edges) {
    if (inside.has(from.node) === inside.has(to.node)) continue;
    const out = inside.has(from.node);
    const end = out ? from : to;
    const handle = foldedPort(end.node, end.port);
    const title = out && isOneOfMany(flow, end.node, manifests) ? `${name(end.node)}: ${end.port}` : name(end.node);
    ports.set(`${out} ${handle}`, { handle, side: out ? "out" : "in", title });
  }
  return [...ports.values()];
}

function isOneOfMany(flow: Flow, id: string, manifests: ReadonlyMap<string, NodeManifest>): boolean {
  const node = flow.nodes.find((one) => one.id === id);
  const manifest = node && manifests.get(node.type);
  return manifest !== undefined && outputPorts(manifest, node).length > 1;
}

/**
 * The move that brings what stands on the board to these places. A folded group takes its hidden nodes along; nodes
 * that have no place in the layout yet get the one where they are drawn, or they would follow the others about.
 */
export function moveOnBoard(flow: Flow, to: Readonly<Record<string, Position>>): Extract<LayoutOperation, { kind: "move" }> {
  const at = places(flow);
  const known = flow.layout?.nodes ?? {};
  const nodes: Record<string, Position> = Object.fromEntries(Object.entries(at).filter(([id]) => !known[id]));
  const notes: Record<string, Position> = {};
  for (const [board, place] of Object.entries(to)) {
    const { kind, id } = standingOf(board);
    if (kind === "node") nodes[id] = place;
    else if (kind === "note") notes[id] = place;
    else Object.assign(nodes, movedFold(flow, id, place, at));
  }
  return { kind: "move", to: nodes, ...(Object.keys(notes).length > 0 ? { notes } : {}) };
}

function movedFold(flow: Flow, id: string, to: Position, at: Readonly<Record<string, Position>>): Record<string, Position> {
  const group = groupsOf(flow).find((one) => one.id === id);
  if (!group?.folded) return {};
  const from = foldedPlace(group, at);
  return Object.fromEntries(
    group.nodes.map((node) => {
      const { x, y } = at[node] ?? { x: 0, y: 0 };
      return [node, { x: x + to.x - from.x, y: y + to.y - from.y }];
    }),
  );
}

/** Everything on the board shifted by as much: for the arrow keys. A frame is shifted with its nodes. */
export function shiftOnBoard(flow: Flow, board: readonly string[], by: Position): LayoutOperation {
  const at = places(flow);
  const to: Record<string, Position> = {};
  const shifted = ({ x, y }: Position) => ({ x: x + by.x, y: y + by.y });
  for (const one of board) {
    const { kind, id } = standingOf(one);
    const note = kind === "note" ? flow.layout?.notes?.find((each) => each.id === id) : undefined;
    const members =
      kind === "group" ? (groupsOf(flow).find((group) => group.id === id)?.nodes ?? []) : kind === "node" ? [id] : [];
    if (note) to[one] = shifted(note);
    for (const node of members) if (at[node]) to[boardId({ kind: "node", id: node })] = shifted(at[node]);
  }
  return { ...moveOnBoard(flow, to), nudged: true };
}
