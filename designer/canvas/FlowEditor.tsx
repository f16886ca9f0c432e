import { notifications } from "@mantine/notifications";
import { useReactFlow } from "@xyflow/react";
import { Copy, LayoutDashboard, Plus, Redo2, Trash2, Undo2 } from "lucide-react";
import { use, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowDetail } from "#schemas/api.ts";
import { Separator, usePanelWidth } from "../elements/Separator.tsx";
import { Inspector } from "../inspector/Inspector.tsx";
import { Board, type Editing } from "./Board.tsx";
import { Tool } from "./BoardTools.tsx";
import { ConflictDialog } from "./ConflictDialog.tsx";
import type { Catalogue } from "./catalogue.ts";
import { DraftContext, type DraftStore, selectDispatch, selectFlow, useDraft } from "./draft.ts";
import { EmptyCanvas } from "./EmptyCanvas.tsx";
import classes from "./editor.module.css";
import { FlowBar } from "./FlowBar.tsx";
import { fit } from "./framing.tsx";
import { duplicate, edgeId } from "./operations.ts";
import { Palette } from "./Palette.tsx";
import { StatusBar } from "./StatusBar.tsx";
import { useAddNode } from "./useAddNode.ts";
import { useEditorKeys } from "./useEditorKeys.ts";
import { useSelection } from "./useSelection.ts";
import { useStatus } from "./useStatus.ts";
import { refusal } from "./validity.ts";

const bounds = { least: 320, most: 720 };

/** The editor of a flow: bar on top, node types at the left, the canvas, the inspector beside it, numbers below. */
export function FlowEditor({ detail, catalogue }: { detail: FlowDetail; catalogue: Catalogue }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const problems = useDraft((state) => state.problems);
  const [palette, setPalette] = useState(flow.nodes.length === 0);
  const [width, setWidth] = usePanelWidth("inspector", 384, bounds);
  const { node, edge, select } = useSelection();
  const { addAt, addNext } = useAddNode(catalogue);
  const editing = useEditing(addAt);
  const status = useStatus(flow.id);
  const picked = flow.nodes.find(({ id }) => id === node);
  const gone = node !== null && !picked;
  useEffect(() => {
    if (gone) select(null, null);
  }, [gone, select]);
  return (
    <div className={classes.page}>
      <FlowBar detail={detail} />
      <div className={classes.row}>
        {palette && <Palette catalogue={catalogue} onAdd={addNext} onClose={() => setPalette(false)} />}
        <div className={classes.middle}>
          <Board
            flow={flow}
            catalogue={catalogue}
            problems={problems}
            label={t("canvas.label", { name: flow.name })}
            selected={node ?? edge}
            onSelect={select}
            editing={editing}
            tools={<EditTools palette={palette} onPalette={() => setPalette(!palette)} />}
          >
            {flow.nodes.length === 0 && <EmptyCanvas onAdd={() => setPalette(true)} />}
          </Board>
          <StatusBar problems={problems} status={status} onNode={(id) => select(id, null)} />
        </div>
        {picked && (
          <>
            <Separator width={width} onWidth={setWidth} {...bounds} />
            <Inspector key={picked.id} node={picked} catalogue={catalogue} width={width} onClose={() => select(null, null)} />
          </>
        )}
      </div>
      <ConflictDialog />
    </div>
  );
}

function useStore(): DraftStore {
  const store = use(DraftContext);
  if (!store) throw new Error("The editor stands outside of its draft.");
  return store;
}

/** What the hand may do on the canvas; stable, so that a keystroke in the inspector does not redraw the cards. */
function useEditing(addAt: (type: string, at: { x: number; y: number }) => void): Editing {
  const store = useStore();
  const { t } = useTranslation();
  const { screenToFlowPosition, getNodes } = useReactFlow();
  return useMemo(() => {
    const flow = () => selectFlow(store.getState());
    const dispatch = selectDispatch(store.getState());
    return {
      onMove: (to) => {
        const known = flow().layout?.nodes ?? {};
        const unplaced = getNodes().filter(({ id }) => !known[id]);
        dispatch({ kind: "move", to: { ...Object.fromEntries(unplaced.map(({ id, position }) => [id, position])), ...to } });
      },
      mayLink: (link) => refusal(flow(), link) === null,
      onLink: (link, edge) => {
        const why = refusal(flow(), link, edge);
        if (why) notifications.show({ color: "yellow", message: t(`canvas.refused.${why}`) });
        else if (edge) dispatch({ kind: "reconnect", edge: { id: edge, ...link } });
        else dispatch({ kind: "connect", edge: { id: edgeId(flow(), link.from, link.to), ...link } });
      },
      onRemove: (nodes, edges) => dispatch({ kind: "remove", nodes, edges }),
      onDrop: (type, { clientX, clientY }) => addAt(type, screenToFlowPosition({ x: clientX - 120, y: clientY - 24 })),
    };
  }, [store, screenToFlowPosition, getNodes, addAt, t]);
}

function EditTools({ palette, onPalette }: { palette: boolean; onPalette: () => void }) {
  const { t } = useTranslation();
  const store = useStore();
  const canUndo = useDraft((state) => state.history.past.length > 0);
  const canRedo = useDraft((state) => state.history.future.length > 0);
  const { getNodes, getEdges, fitView } = useReactFlow();
  const { undo, redo, dispatch } = store.getState();
  const chosen = () => getNodes().flatMap(({ id, selected }) => (selected ? [id] : []));
  const copy = () => {
    const places = Object.fromEntries(getNodes().map(({ id, position }) => [id, position]));
    const operation = duplicate(selectFlow(store.getState()), chosen(), places);
    if (operation) dispatch(operation);
  };
  const tidy = async () => {
    const { arrange } = await import("./arrange.ts");
    dispatch({ kind: "move", to: arrange(selectFlow(store.getState())) });
    requestAnimationFrame(() => void fitView(fit));
  };
  const remove = () =>
    dispatch({ kind: "remove", nodes: chosen(), edges: getEdges().flatMap(({ id, selected }) => (selected ? [id] : [])) });
  useEditorKeys({ undo, redo, duplicate: copy, palette: onPalette });
  return (
    <>
      <button
        type="button"
        className={classes.add}
        aria-expanded={palette}
        aria-keyshortcuts="A"
        onClick={onPalette}
        data-testid="add-node"
      >
        <Plus size={16} aria-hidden />
        {t("canvas.addNode")}
      </button>
      <Tool icon={Undo2} label={t("canvas.undo")} keys="Control+Z" onClick={undo} disabled={!canUndo} />
      <Tool icon={Redo2} label={t("canvas.redo")} keys="Control+Y" onClick={redo} disabled={!canRedo} />
      <Tool icon={Copy} label={t("canvas.duplicate")} keys="Control+D" onClick={copy} />
      <Tool icon={Trash2} label={t("canvas.delete")} keys="Delete" onClick={remove} />
      <Tool icon={LayoutDashboard} label={t("canvas.arrange")} onClick={() => void tidy()} />
    </>
  );
}
