import type { Edge, OnSelectionChangeFunc } from "@xyflow/react";
import { type MouseEvent, use, useMemo, useRef } from "react";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { BoardNode } from "./cards.ts";
import type { Point } from "./editing.ts";
import { HandContext } from "./hand.ts";

interface Told {
  onSelect: (node: string | null, edge: string | null) => void;
  /** Absent where there is no menu. */
  onMenu: ((at: Point) => void) | undefined;
  readOnly: boolean;
}

/**
 * What React Flow is told to listen to: selecting, dragging, pointing at edges, asking for the menu. They stay the same
 * ones for as long as the canvas does, because React Flow draws every edge anew when one of them is another function.
 * `copies` says whether what is dragged right now stays, and is copied to where it is let go.
 */
export function useBoardHand(told: Told) {
  const hand = use(HandContext);
  const latest = useRef(told);
  latest.current = told;
  const copies = useRef(false);
  const { readOnly } = told;
  const hasMenu = told.onMenu !== undefined;
  const listeners = useMemo(() => {
    let dragging = false;
    // What was selected as a drag began is told when it ends: a panel that opens under way would take the hand's room.
    let untold: (() => void) | null = null;
    const onSelectionChange: OnSelectionChangeFunc<BoardNode, CountedEdgeType> = ({ nodes: picked, edges: links }) => {
      // An empty selection also comes while cards are redrawn; only a click on the ground clears the address.
      if (picked.length + links.length !== 1) return;
      const [one] = picked;
      const tell = () => latest.current.onSelect(one?.type === "card" ? one.id : null, links[0]?.id ?? null);
      if (dragging) untold = tell;
      else tell();
    };
    const begin = () => {
      dragging = true;
    };
    const drag = ({ altKey }: { altKey: boolean }) => {
      copies.current = altKey;
    };
    const end = () => {
      copies.current = false;
      dragging = false;
      untold?.();
      untold = null;
    };
    const menu = (event: MouseEvent | globalThis.MouseEvent) => {
      event.preventDefault();
      latest.current.onMenu?.(event);
    };
    return {
      onSelectionChange,
      onPaneClick: () => latest.current.onSelect(null, null),
      onNodeDragStart: begin,
      onNodeDrag: drag,
      onNodeDragStop: end,
      onSelectionDragStart: begin,
      onSelectionDrag: drag,
      onSelectionDragStop: end,
      onEdgeMouseEnter: (_: MouseEvent, { id }: Edge) => hand.setState({ edge: id }),
      onEdgeMouseLeave: () => hand.setState({ edge: null }),
      ...(readOnly ? {} : { onEdgeDoubleClick: (_: MouseEvent, { id }: Edge) => hand.setState({ labelled: id }) }),
      ...(hasMenu
        ? { onPaneContextMenu: menu, onSelectionContextMenu: menu, onNodeContextMenu: menu, onEdgeContextMenu: menu }
        : {}),
    };
  }, [hand, readOnly, hasMenu]);
  return { listeners, copies };
}
