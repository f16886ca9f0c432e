import { useStore as useFlowStore, useReactFlow } from "@xyflow/react";
import { Copy, LayoutDashboard, Plus, Redo2, Trash2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import { outputPorts } from "#schemas/ports.ts";
import { useView } from "../outline/useView.ts";
import { ViewTool } from "../outline/ViewTool.tsx";
import { PreviewTool } from "../preview/PreviewTool.tsx";
import { Tool } from "./BoardTools.tsx";
import type { Catalogue } from "./catalogue.ts";
import { duplicate, nodeReferences } from "./clipboard.ts";
import { selectFlow, useDraft, useDraftStore } from "./draft.ts";
import classes from "./editor.module.css";
import { fit } from "./framing.tsx";
import { useEditorKeys } from "./useEditorKeys.ts";

interface EditToolsProps {
  catalogue: Catalogue;
  palette: boolean;
  /** The button: opens and closes. */
  onPalette: () => void;
  /** The key: opens, and is ready to be typed into. */
  onSearch: () => void;
  onEscape: () => void;
  previewed: boolean;
  onPreview: () => void;
}

const anyNode = ({ nodes }: { nodes: { selected?: boolean }[] }): boolean => nodes.some(({ selected }) => selected);
const anything = ({ nodes, edges }: { nodes: { selected?: boolean }[]; edges: { selected?: boolean }[] }): boolean =>
  anyNode({ nodes }) || edges.some(({ selected }) => selected);

/** What can be done to the drawing, as buttons and as keys. */
export function EditTools({ catalogue, palette, onPalette, onSearch, onEscape, previewed, onPreview }: EditToolsProps) {
  const { t } = useTranslation();
  const store = useDraftStore();
  const canUndo = useDraft((state) => state.history.past.length > 0);
  const canRedo = useDraft((state) => state.history.future.length > 0);
  const canCopy = useFlowStore(anyNode);
  const canRemove = useFlowStore(anything);
  const { getNodes, getEdges, fitView } = useReactFlow();
  const { undo, redo, dispatch } = store.getState();
  const [, show] = useView();
  const chosen = () => getNodes().flatMap(({ id, selected }) => (selected ? [id] : []));
  const copy = () => {
    const operation = duplicate(selectFlow(store.getState()), { nodes: chosen() }, nodeReferences(catalogue.manifests));
    if (operation) dispatch(operation);
  };
  const tidy = async () => {
    const { arrange } = await import("./arrange.ts");
    const ports = (node: FlowNode) => {
      const manifest = catalogue.manifests.get(node.type);
      return manifest ? outputPorts(manifest, node).map(({ name }) => name) : [];
    };
    dispatch({ kind: "move", to: arrange(selectFlow(store.getState()), ports) });
    requestAnimationFrame(() => void fitView(fit));
  };
  const remove = () =>
    dispatch({ kind: "remove", nodes: chosen(), edges: getEdges().flatMap(({ id, selected }) => (selected ? [id] : [])) });
  useEditorKeys({
    undo,
    redo,
    duplicate: copy,
    palette: onSearch,
    escape: onEscape,
    preview: onPreview,
    outline: () => show("outline"),
  });
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
      <Tool icon={Copy} label={t("canvas.duplicate")} keys="Control+D" onClick={copy} disabled={!canCopy} />
      <Tool icon={Trash2} label={t("canvas.delete")} keys="Delete" onClick={remove} disabled={!canRemove} />
      <Tool icon={LayoutDashboard} label={t("canvas.arrange")} onClick={() => void tidy()} />
      <PreviewTool shown={previewed} onShow={onPreview} />
      <ViewTool />
    </>
  );
}
