import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type RefObject, use, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import { outputPorts } from "#schemas/ports.ts";
import { keysText } from "../actions/keys.ts";
import { say } from "../actions/say.ts";
import { tell } from "../elements/tell.ts";
import type { Picked } from "../outline/choosing.ts";
import type { View } from "../outline/useView.ts";
import { freePlace } from "./adding.ts";
import type { Box } from "./align.ts";
import { standingOf } from "./boardIds.ts";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import { copied, type Desk, removal } from "./canvasActions.ts";
import { type BoardNode, boxOf } from "./cards.ts";
import type { Catalogue } from "./catalogue.ts";
import { nodeReferences } from "./clipboard.ts";
import { selectFlow, useDraftStore } from "./draft.ts";
import { fit } from "./framing.tsx";
import { boxesOf } from "./groups.ts";
import { HandContext } from "./hand.ts";
import { inHand, selectionOf, take, underKeys } from "./inHand.ts";
import { onGrid } from "./places.ts";

/** What the page around the canvas does for the actions. */
export interface Page {
  may: boolean;
  view: View;
  /** What is picked in the outline. */
  picked: RefObject<Picked>;
  show: Desk["show"];
  leave: () => void;
  /** Goes to a node's settings, its name first. */
  enter: (node: string) => void;
  /** Takes a text that is pasted, at the place the pointer is at. */
  onPaste: (text: string) => void;
}

/** The canvas' actions get at the draft, the drawing and the clipboard by this; it stays the same. */
export function useDesk(catalogue: Catalogue, page: Page): Desk {
  const store = useDraftStore();
  const { t } = useTranslation();
  const hand = use(HandContext);
  const board = useReactFlow<BoardNode, CountedEdgeType>();
  const shown = useStoreApi<BoardNode, CountedEdgeType>();
  const latest = useRef(page);
  latest.current = page;
  return useMemo(() => {
    const flow = () => selectFlow(store.getState());
    const keyed = () => underKeys(hand.getState().arrived, selectionOf(shown.getState()));
    const held = () => inHand(board.getNodes(), board.getEdges(), keyed());
    const drawn = () => latest.current.view === "canvas";
    const picked = (): Picked =>
      drawn()
        ? { board: held().nodes.map(({ id }) => id), edges: held().edges.map(({ id }) => id) }
        : latest.current.picked.current;
    const { dispatch, undo, redo } = store.getState();
    const desk: Desk = {
      may: () => latest.current.may,
      flow,
      picked,
      boxes: () =>
        drawn()
          ? Object.fromEntries(
              held().nodes.flatMap((node): [string, Box][] =>
                node.type === "frame" ? [] : boxOf(node).map((box) => [node.id, box]),
              ),
            )
          : boxesOf(flow(), picked().board),
      canUndo: () => store.getState().history.past.length > 0,
      canRedo: () => store.getState().history.future.length > 0,
      undo,
      redo,
      dispatch,
      references: nodeReferences(catalogue.manifests),
      copy: (cut) => {
        const text = copied(flow(), picked().board);
        if (!text) return;
        void write(text.text).then((done) => {
          if (!done) return tell({ color: "yellow", message: say("refused.noCopy", { keys: keysText("Mod+C") }) });
          if (cut) dispatch(removal(flow(), picked()));
          else tell({ about: "copied", message: say("done.copied", { count: text.count }) });
        });
      },
      paste: () =>
        void read().then((text) => {
          if (text === null) tell({ color: "yellow", message: say("refused.noClipboard", { keys: keysText("Mod+V") }) });
          else latest.current.onPaste(text);
        }),
      roomFor: (size) => {
        const seen = boardBox();
        const middle = board.screenToFlowPosition({ x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 });
        const at = { x: onGrid(middle.x - size.width / 2), y: onGrid(middle.y - size.height / 2) };
        return freePlace(board.getNodes().flatMap(boxOf), at, size);
      },
      selectAll: () => board.setNodes((nodes) => nodes.map((node) => (node.selected ? node : { ...node, selected: true }))),
      arrange: (nodes) =>
        void import("./arrange.ts").then(({ arrange, arrangePart, notesAlong }) => {
          const ports = (node: FlowNode) => {
            const manifest = catalogue.manifests.get(node.type);
            return manifest ? outputPorts(manifest, node).map(({ name }) => name) : [];
          };
          const whole = nodes.length === flow().nodes.length;
          const to = whole ? arrange(flow(), ports) : arrangePart(flow(), nodes, ports);
          dispatch({ kind: "move", to, notes: notesAlong(flow(), to) });
          if (whole && drawn()) requestAnimationFrame(() => void board.fitView(fit));
        }),
      writeLabel: (edge) => hand.setState({ labelled: edge }),
      write: (one) => {
        if (standingOf(one).kind === "node") latest.current.enter(one);
        else hand.setState({ written: one });
      },
      zoom: (to) => {
        if (to === "in") void board.zoomIn();
        else if (to === "out") void board.zoomOut();
        else void board.fitView(to === "all" ? fit : { ...fit, nodes: held().nodes });
      },
      tellSaved: () => tell({ about: "saves-itself", message: t("canvas.savedAlready") }),
      show: (what) => {
        const at = drawn() && what === "palette" ? keyed() : null;
        // What is added then is joined to it.
        if (at) take(shown, at);
        latest.current.show(what);
      },
      leave: () => latest.current.leave(),
    };
    return desk;
  }, [store, board, shown, catalogue, hand, t]);
}

export const boardBox = (): DOMRect => (document.querySelector(".react-flow") ?? document.body).getBoundingClientRect();

/** False where the browser does not allow it: over plain HTTP from another machine, or by its settings. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

async function read(): Promise<string | null> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return null;
  }
}
