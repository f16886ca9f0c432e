import { type RefObject, useEffect, useRef } from "react";
import { selectedLast } from "./useSelection.ts";

/**
 * Where what had the focus on the canvas goes away (a card that is deleted, a panel that closes), the focus stays on the
 * canvas: at what is selected, else at the canvas itself. Whoever works by keyboard goes on from there.
 */
export function useKeptFocus(board: RefObject<HTMLElement | null>, selected: string | null): void {
  const inside = useRef(false);
  useEffect(() => {
    if (inside.current && document.activeElement === document.body) {
      // What was selected a moment ago, as what a search has found, may not be drawn so yet.
      const { node, edge } = selectedLast();
      focusOnBoard(board.current, node ?? edge ?? selected);
    }
    inside.current = board.current?.contains(document.activeElement) ?? false;
  });
}

/** Gives the focus to a card or an edge by its id, or to the canvas where there is none. */
export function focusOnBoard(board: ParentNode | null, id: string | null): void {
  const name = id === null ? null : CSS.escape(id);
  const one =
    name && board?.querySelector<HTMLElement>(`.react-flow__node[data-id="${name}"], .react-flow__edge[data-id="${name}"]`);
  (one || board?.querySelector<HTMLElement>(".react-flow"))?.focus({ preventScroll: true });
}
