import type { Flow } from "#schemas/flow.ts";

/** A flow larger than any that people draw: so many nodes that whatever a canvas does for each of them is felt. */
export function largeFlow(id: string, nodes: number, edges: number): Flow {
  const rows = 20;
  const at = (index: number) => ({ x: Math.floor(index / rows) * 320, y: (index % rows) * 176 });
  const name = (index: number) => `n${index}`;
  // First along each row, then from one row into the next: always forward.
  const pairs = [rows, rows + 1, 2 * rows].flatMap((step) =>
    Array.from({ length: nodes - step }, (_, index) => [index, index + step] as const),
  );
  if (pairs.length < edges) throw new Error(`${nodes} nodes are drawn with at most ${pairs.length} edges.`);
  return {
    kind: "flow",
    formatVersion: 1,
    id,
    name: `Large: ${nodes} nodes`,
    slots: [],
    nodes: Array.from({ length: nodes }, (_, index) =>
      index < rows
        ? { id: name(index), type: "schedule", name: `Start ${index}`, config: { cron: "0 6 * * *" } }
        : { id: name(index), type: "map", name: `Step ${index}`, config: { expression: `{ "step": ${index}, "id": id }` } },
    ),
    edges: pairs.slice(0, edges).map(([from, to]) => ({
      id: `e${from}_${to}`,
      from: { node: name(from), port: "out" },
      to: { node: name(to), port: "in" },
    })),
    layout: { nodes: Object.fromEntries(Array.from({ length: nodes }, (_, index) => [name(index), at(index)])) },
  };
}
