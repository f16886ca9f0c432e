import { useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useRef } from "react";
import type { Flow } from "#schemas/flow.ts";
import type { FlowPart } from "#schemas/flowPart.ts";
import { keysText } from "../actions/keys.ts";
import { say } from "../actions/say.ts";
import { tell } from "../elements/tell.ts";
import type { Catalogue } from "./catalogue.ts";
import { besideOriginal, nodeReferences, pasteInto } from "./clipboard.ts";
import { selectFlow, useDraftStore } from "./draft.ts";
import type { Position } from "./layoutOperations.ts";
import { onGrid } from "./places.ts";

/** Sets a part into the draft, and takes pasted text: nodes land where the pointer is, a whole flow asks how it is meant. */
export function usePaste({ manifests }: Catalogue, onFlow: (flow: Flow) => void) {
  const store = useDraftStore();
  const { screenToFlowPosition } = useReactFlow();
  const pointer = usePointer();
  const insert = useCallback(
    (part: FlowPart) => {
      const { history, dispatch } = store.getState();
      const over = pointer.current?.over ? screenToFlowPosition(pointer.current.at) : undefined;
      const corner = over ? { x: onGrid(over.x), y: onGrid(over.y) } : besideOriginal(history.present, part);
      dispatch(pasteInto(selectFlow(store.getState()), part, corner, nodeReferences(manifests)).operation);
    },
    [store, manifests, screenToFlowPosition, pointer],
  );
  const told = useRef(onFlow);
  told.current = onFlow;
  const paste = useCallback(
    (text: string) =>
      void import("./pastedText.ts").then(({ readPastedText }) => {
        const read = readPastedText(text);
        if (read.kind === "part") return insert(read.part);
        if (read.kind === "flow") return told.current(read.flow);
        if (read.kind !== "broken") return tell({ color: "yellow", message: say(`refused.${read.kind}`) });
        tell({ color: "yellow", message: say("refused.broken", { keys: keysText("Mod+O") }) });
      }),
    [insert],
  );
  return { insert, paste };
}

/** Where the pointer was last, and whether that was over the canvas. */
function usePointer() {
  const pointer = useRef<{ at: Position; over: boolean } | null>(null);
  useEffect(() => {
    const move = ({ clientX, clientY, target }: PointerEvent) => {
      const over = target instanceof Element && target.closest(".react-flow") !== null;
      pointer.current = { at: { x: clientX, y: clientY }, over };
    };
    window.addEventListener("pointermove", move, { passive: true });
    return () => window.removeEventListener("pointermove", move);
  }, []);
  return pointer;
}
