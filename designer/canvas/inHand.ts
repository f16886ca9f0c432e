import type { useStoreApi } from "@xyflow/react";
import { flushSync } from "react-dom";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { BoardNode } from "./cards.ts";

/** Something on the canvas: by its id on the board, or an edge. */
export interface Place {
  kind: "board" | "edge";
  id: string;
}

interface Item {
  id: string;
  selected?: boolean | undefined;
}

/** What is done is done to what is selected; or to what the keyboard stands on alone, where that is not among it. */
export function inHand<Node extends Item, Edge extends Item>(
  nodes: readonly Node[],
  edges: readonly Edge[],
  at: Place | null,
): { nodes: Node[]; edges: Edge[] } {
  const alone = (kind: Place["kind"]) => (one: Item) => at?.kind === kind && one.id === at.id && !one.selected;
  const [node, edge] = [nodes.find(alone("board")), edges.find(alone("edge"))];
  if (node) return { nodes: [node], edges: [] };
  if (edge) return { nodes: [], edges: [edge] };
  return { nodes: nodes.filter(({ selected }) => selected), edges: edges.filter(({ selected }) => selected) };
}

/** Where the focus has arrived on the canvas, and what was selected then. */
export interface Arrival {
  at: Element;
  selected: string;
}

/** What is selected, as text: the same while it is. */
export const selectionOf = ({ nodes, edges }: { nodes: readonly Item[]; edges: readonly Item[] }): string =>
  [...nodes, ...edges].flatMap(({ id, selected }) => (selected ? [id] : [])).join(" ");

/**
 * The card or edge that the keyboard has gone to. Where something else was selected since (by a click, or the group that was
 * made of it), the hand has left it.
 */
export function underKeys(arrived: Arrival | null, selected: string): Place | null {
  const at = document.activeElement;
  if (!at || arrived?.at !== at || arrived.selected !== selected) return null;
  const id = at.matches(".react-flow__node, .react-flow__edge") ? at.getAttribute("data-id") : null;
  return id === null ? null : { kind: at.matches(".react-flow__edge") ? "edge" : "board", id };
}

/** Selects this alone, whatever keys are held, and at once: what is asked for next sees it so. */
export function take(board: ReturnType<typeof useStoreApi<BoardNode, CountedEdgeType>>, { kind, id }: Place): void {
  const { nodes, edges, triggerNodeChanges, triggerEdgeChanges } = board.getState();
  const changes = (items: readonly Item[], kept: string | null) =>
    items.flatMap((one) => {
      const selected = one.id === kept;
      return (one.selected ?? false) === selected ? [] : [{ type: "select" as const, id: one.id, selected }];
    });
  flushSync(() => {
    triggerNodeChanges(changes(nodes, kind === "board" ? id : null));
    triggerEdgeChanges(changes(edges, kind === "edge" ? id : null));
  });
}
