import { useReactFlow } from "@xyflow/react";
import { lazy, type ReactNode, type RefObject, Suspense, useCallback, useMemo, useRef, useState } from "react";
import type { Flow } from "#schemas/flow.ts";
import { type Action, type Destination, useActions } from "../actions/actions.ts";
import type { Picked } from "../outline/choosing.ts";
import type { View } from "../outline/useView.ts";
import type { Spot } from "./adding.ts";
import { canvasActions, type Desk } from "./canvasActions.ts";
import type { Catalogue } from "./catalogue.ts";
import { selectFlow, useDraft, useDraftStore } from "./draft.ts";
import type { Editing, Point } from "./editing.ts";
import type { Finding } from "./find.ts";
import { CanvasMenu, FindPanel, QuickAdd } from "./late.ts";
import type { Position } from "./layoutOperations.ts";
import { titleOf } from "./names.ts";
import { cardWidth, places } from "./places.ts";
import type { QuickAddWish } from "./QuickAdd.tsx";
import { useAddNode } from "./useAddNode.ts";
import { useClipboardEvents } from "./useClipboardEvents.ts";
import { useDesk } from "./useDesk.ts";
import { useEditing } from "./useEditing.ts";
import { usePaste } from "./usePaste.ts";
import { useReveal } from "./useReveal.ts";

const ImportDialog = lazy(async () => ({ default: (await import("./transfer/ImportDialog.tsx")).ImportDialog }));

/** What the page does itself. */
interface Page {
  may: boolean;
  view: View;
  /** In the outline: what is done is done to this. */
  picked: RefObject<Picked>;
  /** In the outline: goes to the row of a place. */
  goTo: (at: Finding["at"]) => void;
  show: (what: "palette" | "preview" | "problems" | "outline") => void;
  leave: () => void;
  /** Goes to a node's settings. */
  enter: (node: string) => void;
}

interface Canvas {
  editing: Editing;
  actions: readonly Action[];
  /** Adds a node behind what is selected. */
  addNext: (type: string) => void;
  onMenu: (at: Point) => void;
  reveal: (at: Finding["at"]) => void;
  /** Takes a file that was dropped, or any text. */
  onImport: (text: string) => void;
  /** Stands on the board. */
  panel: ReactNode;
  /** Stands over the page. */
  dialogs: ReactNode;
}

/** The canvas' tools: its actions with their keys, the clipboard, and what opens on it. */
export function useCanvas(catalogue: Catalogue, page: Page): Canvas {
  const flow = useDraft(selectFlow);
  const [wish, setWish] = useState<QuickAddWish | null>(null);
  const [menu, setMenu] = useState<Point | null>(null);
  const [finding, setFinding] = useState(false);
  const [imported, setImported] = useState<{ flow?: Flow; text?: string } | null>(null);
  const { addAt, addNext } = useAddNode(catalogue);
  const placeOf = useQuickPlace();
  const editing = useEditing(
    catalogue,
    addAt,
    useCallback((spot: Spot, { clientX, clientY }: Point) => setWish({ spot, at: { clientX, clientY } }), []),
  );
  const { insert, paste } = usePaste(catalogue, (pasted) => setImported({ flow: pasted }));
  const show: Desk["show"] = (what) => {
    if (what === "find") setFinding(true);
    else if (what === "import") setImported({});
    else if (what === "export") void import("./transfer/flowFile.ts").then(({ exportFlow }) => exportFlow(flow));
    else page.show(what);
  };
  const leave = () => {
    if (finding) setFinding(false);
    else page.leave();
  };
  const desk = useDesk(catalogue, { ...page, show, leave, onPaste: paste });
  useClipboardEvents(desk, paste);
  const actions = useMemo(() => canvasActions(desk), [desk]);
  const reveal = useRevealIn(page);
  // The outline has its own way of doing the rest.
  const offered = useMemo(
    () => (page.view === "canvas" ? actions : actions.filter(({ canvasOnly }) => !canvasOnly)),
    [actions, page.view],
  );
  useActions("canvas", offered, useNodes(catalogue, reveal));
  return {
    editing,
    actions,
    addNext,
    reveal,
    onMenu: ({ clientX, clientY }) => setMenu({ clientX, clientY }),
    onImport: (text) => setImported({ text }),
    panel: finding && (
      <Suspense>
        <FindPanel flow={flow} catalogue={catalogue} onGo={({ at }) => reveal(at)} onClose={() => setFinding(false)} />
      </Suspense>
    ),
    dialogs: (
      <Suspense>
        {wish && (
          <QuickAdd
            {...wish}
            catalogue={catalogue}
            onAdd={(type) => {
              addAt(type, placeOf(wish), wish.spot);
              setWish(null);
            }}
            onClose={() => setWish(null)}
          />
        )}
        {menu && <CanvasMenu at={menu} onClose={() => setMenu(null)} />}
        {imported && <ImportDialog {...imported} catalogue={catalogue} onInsert={insert} onClose={() => setImported(null)} />}
      </Suspense>
    ),
  };
}

/** Goes to a place in the view that is shown; the same function for both. */
function useRevealIn(page: Page): (at: Finding["at"]) => void {
  const latest = useRef(page);
  latest.current = page;
  const onBoard = useReveal(page.may);
  return useCallback((at) => (latest.current.view === "canvas" ? onBoard(at) : latest.current.goTo(at)), [onBoard]);
}

/** The nodes as places to go to. */
function useNodes({ manifests }: Catalogue, reveal: (at: Finding["at"]) => void): () => Destination[] {
  const store = useDraftStore();
  return useCallback(
    () =>
      selectFlow(store.getState()).nodes.map((node) => ({
        id: node.id,
        kind: "node",
        title: titleOf(node, manifests),
        hint: node.id,
        go: () => reveal({ kind: "board", id: node.id }),
      })),
    [store, manifests, reveal],
  );
}

/** The least room that a new card leaves to the one it is joined to. */
const ROOM = 56;
/** From the upper side of a card to its first port, about. */
const TO_PORT = 72;

/** Where a card goes that was asked for at a point: its port to the point, and not too close to the other card. */
function useQuickPlace(): (wish: QuickAddWish) => Position {
  const store = useDraftStore();
  const { screenToFlowPosition } = useReactFlow();
  return ({ spot, at }) => {
    const { x, y } = screenToFlowPosition({ x: at.clientX, y: at.clientY });
    const other = "node" in spot ? places(selectFlow(store.getState()))[spot.node] : undefined;
    if (spot.kind === "input") return { x: Math.min(x, (other?.x ?? x) - ROOM) - cardWidth, y: y - TO_PORT };
    if (spot.kind === "output") return { x: Math.max(x, (other?.x ?? x) + cardWidth + ROOM), y: y - TO_PORT };
    return { x, y };
  };
}
