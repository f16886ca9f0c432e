import "@xyflow/react/dist/style.css";
import {
  applyEdgeChanges,
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  type OnBeforeDelete,
  type OnSelectionChangeFunc,
  Panel,
  ReactFlow,
} from "@xyflow/react";
import { type DragEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { BoardTools } from "./BoardTools.tsx";
import classes from "./board.module.css";
import { CountedEdge, type CountedEdgeType } from "./CountedEdge.tsx";
import { cardsOf, edgesOf, onlySelected } from "./cards.ts";
import type { Catalogue } from "./catalogue.ts";
import { DragLine } from "./DragLine.tsx";
import { fit, frame, KeepInView } from "./framing.tsx";
import type { Position } from "./layoutOperations.ts";
import { type CardNode, NodeCard } from "./NodeCard.tsx";

/** What a canvas that may be changed does with the hand's doing. */
export interface Editing {
  onMove: (to: Record<string, Position>) => void;
  onLink: (link: Pick<FlowEdge, "from" | "to">, edge?: string) => void;
  mayLink: (link: Pick<FlowEdge, "from" | "to">) => boolean;
  /** An edge was let go over a port that does not take it; null when both ports are inputs, or both outputs. */
  onRefused: (link: Pick<FlowEdge, "from" | "to"> | null) => void;
  onRemove: (nodes: string[], edges: string[]) => void;
  onDrop: (type: string, at: { clientX: number; clientY: number }) => void;
}

interface BoardProps {
  flow: Flow;
  catalogue: Catalogue;
  problems?: readonly Problem[];
  label: string;
  /** The node or edge named in the address. */
  selected: string | null;
  onSelect: (node: string | null, edge: string | null) => void;
  /** The node to begin at where nothing is selected and the whole does not fit. */
  focus?: string | null;
  /** Absent on a canvas that only shows. */
  editing?: Editing;
  /** More buttons for the canvas' tools. */
  tools?: ReactNode;
  children?: ReactNode;
}

const nodeTypes = { card: NodeCard };
const edgeTypes = { counted: CountedEdge };
const noProblems: readonly Problem[] = [];
export const dragType = "application/x-orderloom-node-type";

const linkOf = ({
  source,
  sourceHandle,
  target,
  targetHandle,
}: Pick<Connection, "source" | "sourceHandle" | "target" | "targetHandle">) => ({
  from: { node: source, port: sourceHandle ?? "out" },
  to: { node: target, port: targetHandle ?? "in" },
});

/** The drawn flow. It keeps only what the hand is doing right now (drag, selection, sizes); the flow itself is given. */
export function Board({
  flow,
  catalogue,
  problems = noProblems,
  label,
  selected,
  onSelect,
  focus = null,
  editing,
  tools,
  children,
}: BoardProps) {
  const { t } = useTranslation();
  const readOnly = editing === undefined;
  const [nodes, setNodes] = useState<CardNode[]>(() => cardsOf(flow, catalogue, problems, readOnly, [], selected));
  const [edges, setEdges] = useState<CountedEdgeType[]>(() => edgesOf(flow, [], selected));

  const named = useRef(selected);
  named.current = selected;
  useEffect(() => {
    setNodes((before) => cardsOf(flow, catalogue, problems, readOnly, before, named.current));
    setEdges((before) => edgesOf(flow, before, named.current));
  }, [flow, catalogue, problems, readOnly]);

  useEffect(() => {
    setNodes((before) => onlySelected(before, selected));
    setEdges((before) => onlySelected(before, selected));
  }, [selected]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      setNodes((before) => applyNodeChanges(changes, before));
      const done = changes.flatMap((change) =>
        change.type === "position" && change.position && !change.dragging ? [[change.id, change.position] as const] : [],
      );
      if (done.length > 0) editing?.onMove(Object.fromEntries(done));
    },
    [editing],
  );
  const onEdgesChange = useCallback(
    (changes: EdgeChange<CountedEdgeType>[]) => setEdges((before) => applyEdgeChanges(changes, before)),
    [],
  );
  // React Flow tells the selection anew whenever this function is another one, so it must stay the same.
  const tell = useRef(onSelect);
  tell.current = onSelect;
  const onSelectionChange: OnSelectionChangeFunc<CardNode, CountedEdgeType> = useCallback(({ nodes: picked, edges: links }) => {
    const alone = picked.length + links.length === 1;
    // An empty selection also comes while cards are redrawn; only a click on the ground clears the address.
    if (alone) tell.current(picked[0]?.id ?? null, links[0]?.id ?? null);
  }, []);
  // The flow is the only truth: React Flow is told to leave it alone, and the operation draws it anew.
  const onBeforeDelete: OnBeforeDelete<CardNode, CountedEdgeType> = async (gone) => {
    editing?.onRemove(
      gone.nodes.map(({ id }) => id),
      gone.edges.map(({ id }) => id),
    );
    return false;
  };

  return (
    <section
      className={classes.board}
      aria-label={label}
      data-testid="flow-canvas"
      onDragOver={allowDrop}
      onDrop={(event) => drop(event, editing)}
    >
      <ReactFlow<CardNode, CountedEdgeType>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onSelectionChange={onSelectionChange}
        onPaneClick={() => onSelect(null, null)}
        onBeforeDelete={onBeforeDelete}
        onConnect={(connection) => editing?.onLink(linkOf(connection))}
        onConnectEnd={(_, end) => editing && tellRefusal(end, editing)}
        connectionLineComponent={DragLine}
        onReconnect={(edge, connection) => editing?.onLink(linkOf(connection), edge.id)}
        isValidConnection={(link) =>
          editing?.mayLink(
            linkOf({ ...link, sourceHandle: link.sourceHandle ?? null, targetHandle: link.targetHandle ?? null }),
          ) ?? false
        }
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        deleteKeyCode={readOnly ? null : deleteKeys}
        multiSelectionKeyCode={multiKeys}
        connectionRadius={28}
        snapToGrid
        snapGrid={grid}
        minZoom={0.15}
        maxZoom={2}
        onInit={(instance) => void frame(instance, selected ?? focus)}
        attributionPosition="bottom-left"
        panOnScroll
        zoomOnDoubleClick={false}
        nodeDragThreshold={3}
        ariaLabelConfig={{ "node.a11yDescription.default": "", "edge.a11yDescription.default": "" }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
        <Panel position="top-left">
          <BoardTools fit={fit}>{tools}</BoardTools>
        </Panel>
        <MiniMap<CardNode>
          pannable
          zoomable
          ariaLabel={t("canvas.minimap")}
          nodeColor={miniColor}
          nodeBorderRadius={16}
          style={mini}
        />
        <KeepInView node={selected} />
        {children}
      </ReactFlow>
    </section>
  );
}

/** Says why an edge let go over a port was not drawn. */
function tellRefusal({ isValid, fromHandle, toHandle }: FinalConnectionState, editing: Editing): void {
  if (isValid || !fromHandle || !toHandle || fromHandle === toHandle) return;
  if (fromHandle.type === toHandle.type) {
    editing.onRefused(null);
    return;
  }
  const [out, into] = fromHandle.type === "source" ? [fromHandle, toHandle] : [toHandle, fromHandle];
  editing.onRefused({
    from: { node: out.nodeId, port: out.id ?? "out" },
    to: { node: into.nodeId, port: into.id ?? "in" },
  });
}

const deleteKeys = ["Delete", "Backspace"];
const multiKeys = ["Shift", "Meta", "Control"];
const grid: [number, number] = [8, 8];
const mini = { width: 160, height: 96 };

const miniColor = ({ data }: CardNode): string =>
  data.manifest ? `var(--ol-${data.manifest.category})` : "var(--ol-line-strong)";

function allowDrop(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(dragType)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

function drop(event: DragEvent, editing: Editing | undefined): void {
  const type = event.dataTransfer.getData(dragType);
  if (type === "") return;
  event.preventDefault();
  editing?.onDrop(type, event);
}
