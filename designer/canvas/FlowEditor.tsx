import { useReactFlow } from "@xyflow/react";
import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowDetail } from "#schemas/api.ts";
import { Separator, usePanelWidth } from "../elements/Separator.tsx";
import type { Picked } from "../outline/choosing.ts";
import { useView, type View } from "../outline/useView.ts";
import { ViewTool } from "../outline/ViewTool.tsx";
import { PreviewTool } from "../preview/PreviewTool.tsx";
import { type PreviewStore, selectShown, usePreview } from "../preview/preview.ts";
import { useLivePreview } from "../preview/useLivePreview.ts";
import { usePreviewGround } from "../preview/usePreviewGround.ts";
import { Board } from "./Board.tsx";
import type { Catalogue } from "./catalogue.ts";
import { type SaveState, selectFlow, useDraft } from "./draft.ts";
import { EditTools } from "./EditTools.tsx";
import { EmptyCanvas } from "./EmptyCanvas.tsx";
import classes from "./editor.module.css";
import type { Finding } from "./find.ts";
import {
  Announcer,
  ConflictDialog,
  EdgePanel,
  fetchPanels,
  Inspector,
  Outline,
  Palette,
  PreviewBar,
  SelectedPanel,
} from "./late.ts";
import { useMayDraw } from "./mayDraw.ts";
import type { PaletteFocus } from "./Palette.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { useCanvas } from "./useCanvas.tsx";
import { useSelection } from "./useSelection.ts";
import { useStatus } from "./useStatus.ts";

const bounds = { least: 320, most: 720 };

/** What a bar leads to. */
interface BarWays {
  /** Opens the list of problems. */
  onProblems: () => void;
  /** Opens the choice between two drafts again. */
  onConflict: () => void;
}

export interface FlowEditorProps {
  detail: FlowDetail;
  catalogue: Catalogue;
  preview: PreviewStore;
  /** What stands over the canvas. */
  bar: (ways: BarWays) => ReactNode;
  /** Whether its numbers below tell of what runs: a version is only looked at. */
  runs: boolean;
}

/** The editor of a flow: bar on top, node types at the left, the canvas, the inspector beside it, numbers below. */
export function FlowEditor({ detail, catalogue, preview, bar, runs }: FlowEditorProps) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const problems = useDraft((state) => state.problems);
  const may = useMayDraw();
  const [palette, setPalette] = useState(may && flow.nodes.length === 0);
  const [focus, setFocus] = useState<PaletteFocus>({ on: null, asked: 0 });
  const [listed, setListed] = useState(false);
  // The conflict that was put off; the next one is told again.
  const [putOff, setPutOff] = useState<SaveState | null>(null);
  const conflicts = useDraft((state) => state.save.kind === "conflict");
  const { setNodes, setEdges } = useReactFlow();
  const [width, setWidth] = usePanelWidth("inspector", 384, bounds);
  const { node, edge, select } = useSelection();
  const [view, turn] = useView();
  const turned = useTurned(view, node);
  // The node whose settings the keyboard asked for, until it goes elsewhere.
  const [entered, setEntered] = useState<string | null>(null);
  const [several, setSeveral] = useState(false);
  const shown = usePreview(selectShown);
  const status = useStatus(flow.id, { asked: runs, shown: !shown });
  usePreviewGround(preview, flow, detail, catalogue);
  useLivePreview(preview, flow.edges);
  const picked = flow.nodes.find(({ id }) => id === node);
  const link = picked ? undefined : flow.edges.find(({ id }) => id === edge);
  const gone = picked || link ? undefined : (node ?? edge ?? undefined);
  const opened = useRef(true);
  useEffect(() => {
    const byLink = opened.current;
    opened.current = false;
    if (gone === undefined) return;
    select(null, null);
    // What is removed here goes by itself; a link to it has to be answered.
    if (byLink) void import("./tellGone.ts").then(({ tellGone }) => tellGone(gone));
  }, [gone, select]);
  useEffect(fetchPanels, []);
  const openPalette = (on: PaletteFocus["on"]) => {
    if (!may) return;
    setPalette(true);
    setFocus(({ asked }) => ({ on, asked: asked + 1 }));
  };
  const leave = () => {
    if (palette && document.activeElement?.closest("[data-palette]")) {
      setPalette(false);
      focusOn('[data-testid="add-node"]');
      return;
    }
    if (node === null && edge === null) setPalette(false);
    setEntered(null);
    setSeveral(false);
    if (node) focusOn(`.react-flow__node[data-id="${CSS.escape(node)}"], [data-row="node ${CSS.escape(node)}"]`);
    if (edge) focusOn(`[data-row="edge ${CSS.escape(edge)}"]`);
    setNodes((cards) => cards.map((card) => (card.selected ? { ...card, selected: false } : card)));
    setEdges((links) => links.map((link) => (link.selected ? { ...link, selected: false } : link)));
    select(null, null);
  };
  const pick = (one: string | null, link: string | null) => {
    setSeveral(false);
    setEntered(null);
    select(one, link);
  };
  const enter = (id: string) => {
    setEntered(id);
    select(id, null);
  };
  const rowsPicked = useRef<Picked>({ board: [], edges: [] });
  const [sought, setSought] = useState<{ at: Finding["at"] } | null>(null);
  const goTo = (at: Finding["at"]) => {
    const isNode = at.kind === "board" && flow.nodes.some(({ id }) => id === at.id);
    select(isNode ? at.id : null, at.kind === "edge" ? at.id : null);
    setSought({ at });
  };
  const canvas = useCanvas(catalogue, {
    may,
    view,
    picked: rowsPicked,
    goTo,
    leave,
    enter,
    show: (what) => {
      if (what === "palette") openPalette("search");
      else if (what === "preview") preview.show(!shown);
      else if (what === "outline") turn(view === "outline" ? "canvas" : "outline");
      else setListed(!listed);
    },
  });
  return (
    <div className={classes.page}>
      {bar({ onProblems: () => setListed(true), onConflict: () => setPutOff(null) })}
      <div className={classes.row}>
        {palette && view === "canvas" && (
          <Suspense fallback={<aside className={classes.palette} />}>
            <Palette catalogue={catalogue} onAdd={canvas.addNext} onClose={() => setPalette(false)} focus={focus} />
          </Suspense>
        )}
        <div className={classes.middle}>
          {shown && (
            <Suspense>
              <PreviewBar preview={preview} flow={flow} catalogue={catalogue} onNode={(id) => select(id, null)} />
            </Suspense>
          )}
          {view === "outline" ? (
            <Suspense>
              <Outline
                flow={flow}
                catalogue={catalogue}
                problems={problems}
                may={may}
                selected={{ node, edge }}
                onSelect={select}
                onEnter={enter}
                onRow={() => setEntered(null)}
                picked={rowsPicked}
                sought={sought}
                onMenu={canvas.onMenu}
                previewed={shown}
                onPreview={preview.show}
                takesFocus={turned}
              >
                {canvas.panel}
              </Outline>
            </Suspense>
          ) : (
            <Board
              flow={flow}
              catalogue={catalogue}
              problems={problems}
              label={t("canvas.label", { name: flow.name })}
              selected={node ?? edge}
              onSelect={pick}
              onSeveral={() => setSeveral(true)}
              {...(may ? { editing: canvas.editing, onImport: canvas.onImport } : {})}
              onMenu={canvas.onMenu}
              tools={
                <>
                  <EditTools
                    actions={canvas.actions}
                    may={may}
                    palette={palette}
                    onPalette={() => setPalette(!palette)}
                    onMore={canvas.onMenu}
                  />
                  <PreviewTool shown={shown} onShow={preview.show} />
                  <ViewTool />
                </>
              }
            >
              {canvas.panel}
              {flow.nodes.length === 0 && <EmptyCanvas onAdd={() => openPalette("source")} />}
            </Board>
          )}
          {runs && (
            <StatusBar
              problems={problems}
              catalogue={catalogue}
              status={status}
              listed={listed}
              onListed={setListed}
              onPlace={canvas.reveal}
            />
          )}
        </div>
        {picked && (
          <>
            <Separator width={width} onWidth={setWidth} {...bounds} />
            <Suspense fallback={<aside style={{ width, flex: "none" }} />}>
              <Inspector
                key={picked.id}
                node={picked}
                catalogue={catalogue}
                width={width}
                takesFocus={entered === picked.id}
                onClose={leave}
              />
            </Suspense>
          </>
        )}
        {several && !picked && !link && view === "canvas" && (
          <Suspense>
            <SelectedPanel actions={canvas.actions} width={width} onWidth={setWidth} bounds={bounds} onClose={leave} />
          </Suspense>
        )}
        {link && (
          <>
            <Separator width={width} onWidth={setWidth} {...bounds} />
            <Suspense fallback={<aside style={{ width, flex: "none" }} />}>
              <EdgePanel
                edge={link}
                flow={flow}
                catalogue={catalogue}
                preview={preview}
                width={width}
                onClose={() => select(null, null)}
              />
            </Suspense>
          </>
        )}
      </div>
      <Suspense>
        <Announcer catalogue={catalogue} />
      </Suspense>
      {canvas.dialogs}
      {conflicts && (
        <Suspense>
          <ConflictDialog putOff={putOff} onLater={setPutOff} />
        </Suspense>
      )}
    </div>
  );
}

/** Whether somebody has turned from one view to the other since the page was opened; then the focus follows to the canvas. */
function useTurned(view: View, node: string | null): boolean {
  const shown = useRef(view);
  const turned = useRef(false);
  if (view !== shown.current) turned.current = true;
  const chosen = useRef(node);
  chosen.current = node;
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    const id = chosen.current;
    if (view !== "canvas" || id === null) return;
    // A frame later, when the cards are drawn.
    const frame = requestAnimationFrame(() => focusOn(`.react-flow__node[data-id="${CSS.escape(id)}"]`));
    return () => cancelAnimationFrame(frame);
  }, [view]);
  return turned.current;
}

/** Focus must not fall to the ground when what had it goes away. */
const focusOn = (place: string): void => document.querySelector<HTMLElement>(place)?.focus({ preventScroll: true });
