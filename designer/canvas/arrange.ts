import { Graph, layout } from "@dagrejs/dagre";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { cardBoxes, nearestFree } from "./adding.ts";
import type { Box } from "./align.ts";
import type { Position } from "./layoutOperations.ts";
import { cardHeight, cardWidth, onGrid, places } from "./places.ts";

/**
 * A place for every node, left to right along the edges, branches from top to bottom in the order of their ports.
 * `ports` names a node's outputs in the order drawn. Loaded only when asked for: dagre is large.
 */
export function arrange(flow: Flow, ports: (node: FlowNode) => readonly string[]): Record<string, Position> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 40, ranksep: 72 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of flow.nodes) graph.setNode(id, { width: cardWidth, height: cardHeight });
  for (const { from, to } of flow.edges) {
    if (graph.hasNode(from.node) && graph.hasNode(to.node)) graph.setEdge(from.node, to.node);
  }
  layout(graph);
  const at = Object.fromEntries(
    flow.nodes.map(({ id }) => {
      const { x = 0, y = 0 } = graph.node(id);
      return [id, { x: onGrid(x - cardWidth / 2), y: onGrid(y - cardHeight / 2) }];
    }),
  );
  return inOrder(at, readingOrder(flow, ports));
}

/** New places for these nodes alone: the edges among them count, and their upper left corner stays where it is. */
export function arrangePart(
  flow: Flow,
  ids: readonly string[],
  ports: (node: FlowNode) => readonly string[],
): Record<string, Position> {
  const chosen = new Set(ids);
  const nodes = flow.nodes.filter(({ id }) => chosen.has(id));
  const edges = flow.edges.filter(({ from, to }) => chosen.has(from.node) && chosen.has(to.node));
  const to = arrange({ ...flow, nodes, edges }, ports);
  const before = corner(nodes.flatMap(({ id }) => places(flow)[id] ?? []));
  const after = corner(Object.values(to));
  return Object.fromEntries(
    Object.entries(to).map(([id, { x, y }]) => [id, { x: x + before.x - after.x, y: y + before.y - after.y }]),
  );
}

/**
 * Where the notes go as cards go to these places: each along with the card it is nearest to, and beside what it would
 * cover there. A note whose card stays gives way too.
 */
export function notesAlong(flow: Flow, to: Readonly<Record<string, Position>>): Record<string, Position> {
  const before = places(flow);
  const after = { ...before, ...to };
  const taken = cardBoxes(after);
  const along: Record<string, Position> = {};
  if (!Object.entries(after).some(([id, at]) => at.x !== before[id]?.x || at.y !== before[id]?.y)) return along;
  for (const note of flow.layout?.notes ?? []) {
    const card = nearestCard(note, before);
    const [was, now] = [before[card], after[card]];
    if (!was || !now) continue;
    const { x, y } = nearestFree(taken, { x: note.x + now.x - was.x, y: note.y + now.y - was.y }, note);
    along[note.id] = { x: onGrid(x), y: onGrid(y) };
    taken.push({ ...note, x: onGrid(x), y: onGrid(y) });
  }
  return along;
}

function nearestCard(note: Box, at: Readonly<Record<string, Position>>): string {
  const between = ({ x, y }: Position) =>
    Math.hypot(
      Math.max(0, x - note.x - note.width, note.x - x - cardWidth),
      Math.max(0, y - note.y - note.height, note.y - y - cardHeight),
    );
  const [nearest = ""] = Object.keys(at).sort((a, b) => between(at[a] ?? note) - between(at[b] ?? note));
  return nearest;
}

const corner = (at: readonly Position[]): Position => ({
  x: Math.min(...at.map(({ x }) => x)),
  y: Math.min(...at.map(({ y }) => y)),
});

/** Within each column the places stay and the nodes trade them, so that they stand in the order given. */
function inOrder(at: Record<string, Position>, order: readonly string[]): Record<string, Position> {
  const columns = new Map<number, string[]>();
  for (const id of order) {
    const x = at[id]?.x ?? 0;
    columns.set(x, [...(columns.get(x) ?? []), id]);
  }
  const placed: Record<string, Position> = {};
  for (const [x, ids] of columns) {
    const heights = ids.map((id) => at[id]?.y ?? 0).sort((a, b) => a - b);
    for (const [index, id] of ids.entries()) placed[id] = { x, y: heights[index] ?? 0 };
  }
  return placed;
}

/** All nodes as one reads them: from each start along its first branch to the end, then the next branch. */
function readingOrder({ nodes, edges }: Flow, ports: (node: FlowNode) => readonly string[]): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<string>();
  const visit = (id: string): void => {
    const node = byId.get(id);
    if (!node || seen.has(id)) return;
    seen.add(id);
    const order = ports(node);
    const rank = (port: string) => (order.includes(port) ? order.indexOf(port) : order.length);
    const leaving = edges.filter(({ from }) => from.node === id).sort((a, b) => rank(a.from.port) - rank(b.from.port));
    for (const { to } of leaving) visit(to.node);
  };
  const reached = new Set(edges.map(({ to }) => to.node));
  for (const { id } of nodes) if (!reached.has(id)) visit(id);
  for (const { id } of nodes) visit(id);
  return [...seen];
}
