import { useReactFlow } from "@xyflow/react";
import { useCallback, useRef } from "react";
import { boardId } from "./boardIds.ts";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import { type BoardNode, boxOf } from "./cards.ts";
import { selectFlow, useDraftStore } from "./draft.ts";
import type { Finding } from "./find.ts";
import { foldedNodes } from "./groups.ts";
import { useSelection } from "./useSelection.ts";

/** The zoom at which the words on a card are read with ease. */
const readable = 0.8;

/** Goes to a place in the flow: out of its folded group where it is hidden in one, into sight, and selected. */
export function useReveal(may: boolean): (at: Finding["at"]) => void {
  const store = useDraftStore();
  const board = useReactFlow<BoardNode, CountedEdgeType>();
  const { select } = useSelection();
  const latest = useRef({ select, may });
  latest.current = { select, may };
  return useCallback(
    ({ kind, id }) => {
      const { history, dispatch } = store.getState();
      const flow = selectFlow({ ...store.getState(), history });
      const ends =
        kind === "edge" ? flow.edges.filter((edge) => edge.id === id).flatMap(({ from, to }) => [from.node, to.node]) : [id];
      const hidden = foldedNodes(flow);
      const groups = new Set(ends.flatMap((one) => hidden.get(one) ?? []));
      if (latest.current.may) dispatch({ kind: "fold", groups: [...groups].map((group) => group.id), folded: false });
      const isNode = flow.nodes.some((node) => node.id === id);
      latest.current.select(kind === "board" && isNode ? id : null, kind === "edge" ? id : null);
      if (kind === "board" && !isNode) board.setNodes((nodes) => nodes.map((node) => ({ ...node, selected: node.id === id })));
      // Frames later, when what was folded is drawn and a panel has taken its room.
      requestAnimationFrame(() => requestAnimationFrame(() => centre(ends)));

      function centre(ids: readonly string[]): void {
        const shown = ids.map((one) => {
          const group = latest.current.may ? undefined : hidden.get(one);
          return group ? boardId({ kind: "group", id: group.id }) : one;
        });
        const boxes = shown.flatMap((one) => boxOf(board.getNode(one)));
        if (boxes.length === 0) return;
        const x = boxes.reduce((sum, box) => sum + box.x + box.width / 2, 0) / boxes.length;
        const y = boxes.reduce((sum, box) => sum + box.y + box.height / 2, 0) / boxes.length;
        void board.setCenter(x, y, { zoom: Math.max(board.getZoom(), readable) });
      }
    },
    [store, board],
  );
}
