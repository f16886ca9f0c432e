import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { tell } from "../elements/tell.ts";
import type { Editing } from "./Board.tsx";
import { selectDispatch, selectFlow, useDraftStore } from "./draft.ts";
import { edgeId } from "./ids.ts";
import { type Refusal, refusal } from "./validity.ts";

/** What the hand may do on the canvas; stable, so that a keystroke in the inspector does not redraw the cards. */
export function useEditing(addAt: (type: string, at: { x: number; y: number }) => void): Editing {
  const store = useDraftStore();
  const { t } = useTranslation();
  const { screenToFlowPosition, getNodes } = useReactFlow();
  return useMemo(() => {
    const flow = () => selectFlow(store.getState());
    const dispatch = selectDispatch(store.getState());
    const tellWhy = (why: Refusal) => tell({ about: `refused-${why}`, color: "yellow", message: t(`canvas.refused.${why}`) });
    return {
      onMove: (to) => {
        const known = flow().layout?.nodes ?? {};
        const unplaced = getNodes().filter(({ id }) => !known[id]);
        dispatch({ kind: "move", to: { ...Object.fromEntries(unplaced.map(({ id, position }) => [id, position])), ...to } });
      },
      mayLink: (link) => refusal(flow(), link) === null,
      onLink: (link, edge) => {
        const why = refusal(flow(), link, edge);
        if (why) tellWhy(why);
        else if (edge) dispatch({ kind: "reconnect", edge: { id: edge, ...link } });
        else dispatch({ kind: "connect", edge: { id: edgeId(flow(), link.from, link.to), ...link } });
      },
      onRefused: (link) => tellWhy(link === null ? "ports" : (refusal(flow(), link) ?? "ports")),
      onRemove: (nodes, edges) => dispatch({ kind: "remove", nodes, edges }),
      onDrop: (type, { clientX, clientY }) => addAt(type, screenToFlowPosition({ x: clientX - 120, y: clientY - 24 })),
    };
  }, [store, screenToFlowPosition, getNodes, addAt, t]);
}
