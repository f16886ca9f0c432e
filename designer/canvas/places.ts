import type { Flow } from "#schemas/flow.ts";
import { graphOf, topologicalOrder } from "#schemas/graph.ts";
import type { Position } from "./layoutOperations.ts";

export const cardWidth = 240;
export const cardHeight = 136;
const gap = { x: 72, y: 40 };
const grid = 8;

export const onGrid = (value: number): number => Math.round(value / grid) * grid;

/** Where every node stands: its place in the layout, or one in columns along the edges when the layout does not know it. */
export function places(flow: Flow): Record<string, Position> {
  const known = flow.layout?.nodes ?? {};
  if (flow.nodes.every(({ id }) => known[id])) return known;
  const lowest = Math.max(...Object.values(known).map(({ y }) => y + cardHeight + gap.y), 0);
  return {
    ...columns(
      flow,
      flow.nodes.filter(({ id }) => !known[id]),
      onGrid(lowest),
    ),
    ...known,
  };
}

function columns(flow: Flow, nodes: readonly { id: string }[], top: number): Record<string, Position> {
  const column = columnsOf(flow);
  const filled = new Map<number, number>();
  return Object.fromEntries(
    nodes.map(({ id }) => {
      const x = column.get(id) ?? 0;
      const y = filled.get(x) ?? 0;
      filled.set(x, y + 1);
      return [id, { x: x * onGrid(cardWidth + gap.x), y: top + y * onGrid(cardHeight + gap.y) }];
    }),
  );
}

/** For each node, how many links lie on the longest way to it. A circle is drawn in the order of the file. */
function columnsOf(flow: Flow): Map<string, number> {
  const graph = graphOf(flow);
  const order = topologicalOrder(graph);
  if (!order) return new Map(graph.ids.map((id, at) => [id, at]));
  const column = new Map<string, number>();
  for (const id of order) {
    const before = (graph.incoming.get(id) ?? []).map(({ from }) => column.get(from.node) ?? 0);
    column.set(id, Math.max(-1, ...before) + 1);
  }
  return column;
}
