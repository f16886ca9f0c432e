import { useReactFlow } from "@xyflow/react";
import { use, useMemo, useRef } from "react";
import { addition, freePlace, gap, type Spot } from "./adding.ts";
import type { Catalogue } from "./catalogue.ts";
import { DraftContext, selectFlow } from "./draft.ts";
import type { Position } from "./layoutOperations.ts";
import { cardWidth } from "./places.ts";
import { useSelection } from "./useSelection.ts";

/** Adds a node of a type at a place, joined to a spot. */
export type AddAt = (type: string, at: Position, spot?: Spot) => void;

/** Adds nodes: at a place and joined to a spot, or behind the selected node. The new node becomes the selected one. */
export function useAddNode({ manifests }: Catalogue) {
  const store = use(DraftContext);
  const { getNodes, screenToFlowPosition } = useReactFlow();
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
      const chosen = getNodes().filter(({ selected, type: kind }) => selected && kind === "card");
      const [card] = chosen;
      if (card && chosen.length === 1) {
        const at = freePlace(getNodes(), { x: card.position.x + cardWidth + gap, y: card.position.y });
        return add(type, at, { kind: "behind", node: card.id });
      }
      const board = document.querySelector(".react-flow")?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
      const middle = screenToFlowPosition({ x: board.x + board.width / 2, y: board.y + board.height / 2 });
      add(type, freePlace(getNodes(), { x: middle.x - cardWidth / 2, y: middle.y - 48 }), { kind: "free" });
    };
    const addAt: AddAt = (type, at, spot = { kind: "free" }) => add(type, freePlace(getNodes(), at), spot);
    return { addAt, addNext };
  }, [manifests, store, getNodes, screenToFlowPosition]);
}
