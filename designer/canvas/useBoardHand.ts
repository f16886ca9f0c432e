import { type Edge, type OnSelectionChangeFunc, useStoreApi } from "@xyflow/react";
import { type FocusEvent, type MouseEvent, use, useMemo, useRef } from "react";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { BoardNode } from "./cards.ts";
import type { Point } from "./editing.ts";
import { HandContext } from "./hand.ts";
import { type Place, selectionOf, take } from "./inHand.ts";

interface Told {
  onSelect: (node: string | null, edge: string | null) => void;
  /** Several are selected, and none of them is named by `onSelect` any more. */
  onSeveral: (() => void) | undefined;
  /** Absent where there is no menu. */
  onMenu: ((at: Point) => void) | undefined;
  readOnly: boolean;
}

/**
 * What React Flow is told to listen to: selecting, dragging, pointing at edges, asking for the menu. They stay the same
 * ones for as long as the canvas does, because React Flow draws every edge anew when one of them is another function.
 * `copies` says whether what is dragged right now stays, and is copied to where it is let go; `several` whether more is
 * selected than an address can name.
 */
export function useBoardHand(told: Told) {
  const hand = use(HandContext);
  const board = useStoreApi<BoardNode, CountedEdgeType>();
  const latest = useRef(told);
  latest.current = told;
  const copies = useRef(false);
  const several = useRef(false);
  const { readOnly } = told;
  const hasMenu = told.onMenu !== undefined;
  const listeners = useMemo(() => {
    let dragging = false;
    // What was selected as a drag began is told when it ends: a panel that opens under way would take the hand's room.
    let untold: (() => void) | null = null;
    const onSelectionChange: OnSelectionChangeFunc<BoardNode, CountedEdgeType> = ({ nodes: picked, edges: links }) => {
      const selected = picked.length + links.length;
      // An empty selection also comes while cards are redrawn; only a click on the ground clears the address.
      if (selected === 0) return;
      several.current = selected > 1;
      const [one] = picked;
      const tell = () => {
        if (selected === 1) return latest.current.onSelect(one?.type === "card" ? one.id : null, links[0]?.id ?? null);
        latest.current.onSelect(null, null);
        latest.current.onSeveral?.();
      };
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
    // On something that is not among what is selected, the menu is about that alone.
    const menuOn =
      (kind: Place["kind"]) =>
      (event: MouseEvent, { id, selected }: { id: string; selected?: boolean }) => {
        if (!selected) take(board, { kind, id });
        menu(event);
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
      onSelectionStart: begin,
      onSelectionEnd: end,
      onEdgeMouseEnter: (_: MouseEvent, { id }: Edge) => hand.setState({ edge: id }),
      onEdgeMouseLeave: () => hand.setState({ edge: null }),
      ...(readOnly ? {} : { onEdgeDoubleClick: (_: MouseEvent, { id }: Edge) => hand.setState({ labelled: id }) }),
      ...(hasMenu
        ? {
            onPaneContextMenu: menu,
            onSelectionContextMenu: menu,
            onNodeContextMenu: menuOn("board"),
            onEdgeContextMenu: menuOn("edge"),
          }
        : {}),
    };
  }, [hand, board, readOnly, hasMenu]);
  const onFocus = ({ target }: FocusEvent) => hand.setState({ arrived: { at: target, selected: selectionOf(board.getState()) } });
  return { listeners, copies, several, onFocus };
}
