import { useReactFlow } from "@xyflow/react";
import { use, useMemo, useRef } from "react";
import { addition, fits, freePlace, gap, type Spot } from "./adding.ts";
import { type BoardNode, boxOf } from "./cards.ts";
import type { Catalogue } from "./catalogue.ts";
import { DraftContext, selectFlow } from "./draft.ts";
import type { Position } from "./layoutOperations.ts";
import { cardWidth, places } from "./places.ts";
import { selectedLast, useSelection } from "./useSelection.ts";

/** Adds a node of a type at a place, joined to a spot. */
export type AddAt = (type: string, at: Position, spot?: Spot) => void;

/** Adds nodes: at a place and joined to a spot, behind the selected node or onto the selected edge. The new node becomes the selected one. */
export function useAddNode({ manifests }: Catalogue) {
  const store = use(DraftContext);
  const { getNodes, screenToFlowPosition } = useReactFlow<BoardNode>();
  const { select } = useSelection();
  const tell = useRef(select);
  tell.current = select;
  return useMemo(() => {
    const add = (type: string, at: Position, spot: Spot) => {
      const manifest = manifests.get(type);
      if (!manifest || !store) return;
      const { operation, id } = addition(selectFlow(store.getState()), manifests, manifest, at, spot);
      store.getState().dispatch(operation);
      tell.current(id, null);
    };
    const addNext = (type: string) => {
      if (!store) return;
      // What was added a moment ago is drawn, and drawn as selected, only after this may be asked for.
      const { node, edge } = selectedLast();
      const before = node === null ? undefined : places(selectFlow(store.getState()))[node];
      const boxes = getNodes().flatMap(boxOf);
      if (node !== null && before) {
        const at = freePlace(boxes, { x: before.x + cardWidth + gap, y: before.y });
        return add(type, at, { kind: "behind", node });
      }
      const board = document.querySelector(".react-flow")?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
      const middle = screenToFlowPosition({ x: board.x + board.width / 2, y: board.y + board.height / 2 });
      const at = freePlace(boxes, { x: middle.x - cardWidth / 2, y: middle.y - 48 });
      const manifest = manifests.get(type);
      const onEdge: Spot | undefined = edge === null ? undefined : { kind: "edge", edge };
      add(type, at, onEdge && manifest && fits(manifest, onEdge) ? onEdge : { kind: "free" });
    };
    // What is let go inside a frame is meant to stand there.
    const unframed = () => getNodes().filter(({ type }) => type !== "frame");
    const addAt: AddAt = (type, at, spot = { kind: "free" }) => add(type, freePlace(unframed().flatMap(boxOf), at), spot);
    return { addAt, addNext };
  }, [manifests, store, getNodes, screenToFlowPosition]);
}
