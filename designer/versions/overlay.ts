import type { FlowDiff } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Live } from "../canvas/live.ts";
import { places } from "../canvas/places.ts";

export type Mark = "added" | "removed" | "changed";

/** Two versions on one drawing: the later one, and in their old places the nodes and edges that are gone. */
export function overlayOf(before: Flow, after: Flow, { nodes, edges }: FlowDiff): Flow {
  const layout = { nodes: { ...places(before), ...places(after) } };
  return {
    ...after,
    nodes: [...after.nodes, ...nodes.removed],
    // An edge that joins other ports now keeps its id: the old one is drawn under another.
    edges: [...after.edges, ...edges.removed.map((edge) => ({ ...edge, id: removedId(edge.id) }))],
    layout,
  };
}

const removedId = (id: string): string => `${id}-removed`;

/** What each node and edge of the overlay is marked with. */
export function marksOf({ nodes, edges }: FlowDiff): Live {
  const mark = (ids: readonly string[], as: Mark) => ids.map((id) => [id, { kind: "change", change: as }] as const);
  return {
    nodes: Object.fromEntries([
      ...mark(
        nodes.added.map(({ id }) => id),
        "added",
      ),
      ...mark(
        nodes.removed.map(({ id }) => id),
        "removed",
      ),
      ...mark(
        nodes.changed.map(({ id }) => id),
        "changed",
      ),
    ]),
    edges: Object.fromEntries([
      ...edges.added.map(({ id }) => [id, { count: 0, active: false, change: "added" as const }] as const),
      ...edges.removed.map(({ id }) => [removedId(id), { count: 0, active: false, change: "removed" as const }] as const),
    ]),
  };
}

/** The node to begin at where the whole does not fit. */
export const firstChanged = ({ nodes: { changed, added, removed } }: FlowDiff): string | null =>
  [...changed, ...added, ...removed][0]?.id ?? null;

/** How many cards stand elsewhere; told apart, because it makes no version. */
export const movedCards = (before: Flow, after: Flow): number => {
  const [old, now] = [before.layout?.nodes ?? {}, after.layout?.nodes ?? {}];
  return after.nodes.filter(({ id }) => {
    const [a, b] = [old[id], now[id]];
    return before.nodes.some((node) => node.id === id) && (a?.x !== b?.x || a?.y !== b?.y);
  }).length;
};
