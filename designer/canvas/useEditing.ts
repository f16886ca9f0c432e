import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { tell } from "../elements/tell.ts";
import { fits, type Spot } from "./adding.ts";
import { sorted } from "./boardIds.ts";
import type { Catalogue } from "./catalogue.ts";
import { copy, nodeReferences, pasteInto } from "./clipboard.ts";
import { selectDispatch, selectFlow, useDraftStore } from "./draft.ts";
import type { Editing, Point } from "./editing.ts";
import { moveOnBoard } from "./groups.ts";
import { edgeId } from "./ids.ts";
import type { Position } from "./layoutOperations.ts";
import { apply } from "./operations.ts";
import { cardHeight, cardWidth } from "./places.ts";
import type { AddAt } from "./useAddNode.ts";
import { type Refusal, refusal, refusingNodes } from "./validity.ts";

/** What the hand may do on the canvas; stable, so that a keystroke in the inspector does not redraw the cards. */
export function useEditing(catalogue: Catalogue, addAt: AddAt, onQuickAdd: (spot: Spot, at: Point) => void): Editing {
  const store = useDraftStore();
  const { t } = useTranslation();
  const { screenToFlowPosition } = useReactFlow();
  return useMemo(() => {
    const flow = () => selectFlow(store.getState());
    const dispatch = selectDispatch(store.getState());
    const tellWhy = (why: Refusal) => tell({ about: `refused-${why}`, color: "yellow", message: t(`canvas.refused.${why}`) });
    return {
      dispatch,
      onMove: (to, copies) => dispatch(copies ? copyTo(to) : moveOnBoard(flow(), to)),
      mayLink: (link, edge) => refusal(flow(), link, edge ?? undefined) === null,
      refusing: (node, side, edge) => refusingNodes(flow(), node, side, edge),
      onLink: (link, edge) => {
        const why = refusal(flow(), link, edge);
        if (why) tellWhy(why);
        else if (edge) dispatch({ kind: "reconnect", edge: { id: edge, ...link } });
        else dispatch({ kind: "connect", edge: { id: edgeId(flow(), link.from, link.to), ...link } });
      },
      onRefused: (link, edge) => tellWhy(link === null ? "ports" : (refusal(flow(), link, edge ?? undefined) ?? "ports")),
      fitsOnEdge: (type) => {
        const manifest = catalogue.manifests.get(type);
        return manifest !== undefined && fits(manifest, { kind: "edge", edge: "" });
      },
      onDrop: (type, { clientX, clientY }, edge) => {
        const { x, y } = screenToFlowPosition({ x: clientX, y: clientY });
        addAt(type, { x: x - cardWidth / 2, y: y - cardHeight / 5 }, edge === null ? { kind: "free" } : { kind: "edge", edge });
      },
      onQuickAdd,
    };

    /** Copies at these places, the originals where they were. */
    function copyTo(to: Record<string, Position>) {
      const moved = apply(flow(), moveOnBoard(flow(), to));
      const part = copy(moved, sorted(Object.keys(to)));
      if (!part) return moveOnBoard(flow(), {});
      const corner = cornerAt(to);
      return pasteInto(flow(), part, corner, nodeReferences(catalogue.manifests)).operation;
    }
  }, [store, catalogue, screenToFlowPosition, addAt, onQuickAdd, t]);
}

const cornerAt = (to: Record<string, Position>): Position => ({
  x: Math.min(...Object.values(to).map(({ x }) => x)),
  y: Math.min(...Object.values(to).map(({ y }) => y)),
});
