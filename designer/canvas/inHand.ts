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
  selected?: boolean;
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

/** The card or edge that the keyboard has gone to: it has the focus, and shows so. */
export function underKeys(): Place | null {
  const at = document.activeElement;
  const id = at?.matches(".react-flow__node:focus-visible, .react-flow__edge:focus-visible") ? at.getAttribute("data-id") : null;
  return at && id !== null ? { kind: at.matches(".react-flow__edge") ? "edge" : "board", id } : null;
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
