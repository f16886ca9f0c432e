import "@xyflow/react/dist/style.css";
import {
  applyEdgeChanges,
  Background,
  BackgroundVariant,
  type Connection,
  type Edge,
  type EdgeChange,
  type FinalConnectionState,
  type OnConnectStart,
  ReactFlow,
} from "@xyflow/react";
import {
  type DragEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { BoardTools } from "./BoardTools.tsx";
import classes from "./board.module.css";
import { portRef } from "./boardIds.ts";
import { CountedEdge, type CountedEdgeType } from "./CountedEdge.tsx";
import { type BoardNode, boardEdges, onlySelected } from "./cards.ts";
import type { Catalogue } from "./catalogue.ts";
import { DragLine } from "./DragLine.tsx";
import { type Editing, EditingContext, type Link } from "./editing.ts";
import { FoldedGroup } from "./FoldedGroup.tsx";
import { Frame } from "./Frame.tsx";
import { fit, frame, KeepInView, zooms } from "./framing.tsx";
import { HandContext } from "./hand.ts";
import type { Position } from "./layoutOperations.ts";
import { NodeCard } from "./NodeCard.tsx";
import { Note } from "./Note.tsx";
import { Overview } from "./Overview.tsx";
import { useBoardHand } from "./useBoardHand.ts";
import { useBoardNodes } from "./useBoardNodes.ts";
import { useKeptFocus } from "./useKeptFocus.ts";

interface BoardProps {
  flow: Flow;
  catalogue: Catalogue;
  problems?: readonly Problem[];
  label: string;
  /** The node or edge named in the address. */
  selected: string | null;
  onSelect: (node: string | null, edge: string | null) => void;
  /** Several are selected. */
  onSeveral?: () => void;
  /** The node to begin at where nothing is selected and the whole does not fit. */
  focus?: string | null;
  /** Absent on a canvas that only shows. */
  editing?: Editing;
  /** A menu was asked for, on what is selected then. */
  onMenu?: (at: { clientX: number; clientY: number }) => void;
  /** Takes the text of a file that was dropped. */
  onImport?: (text: string) => void;
  /** More buttons for the canvas' tools. */
  tools?: ReactNode;
  children?: ReactNode;
}

const nodeTypes = { card: NodeCard, note: Note, frame: Frame, folded: FoldedGroup };
const edgeTypes = { counted: CountedEdge };
const noProblems: readonly Problem[] = [];
export const dragType = "application/x-orderloom-node-type";

/** From this many nodes on only those in sight are drawn; fewer cost less than coming and going. */
const MANY_NODES = 120;

const linkOf = ({ source, sourceHandle, target, targetHandle }: Omit<Connection, "id"> | Edge): Link => ({
  from: portRef(source, sourceHandle ?? "out"),
  to: portRef(target, targetHandle ?? "in"),
});

/** The drawn flow. It keeps only what the hand is doing right now (drag, selection, sizes); the flow itself is given. */
export function Board(props: BoardProps) {
  const {
    flow,
    catalogue,
    problems = noProblems,
    label,
    selected,
    onSelect,
    onSeveral,
    focus = null,
    editing,
    onMenu,
    onImport,
    tools,
    children,
  } = props;
  const readOnly = editing === undefined;
  const many = flow.nodes.length > MANY_NODES;
  const { listeners, copies, several, onFocus } = useBoardHand({ onSelect, onSeveral, onMenu, readOnly });
  const onMoved = useMemo(
    () => editing && ((to: Record<string, Position>) => editing.onMove(to, copies.current)),
    [editing, copies],
  );
  const { nodes, onNodesChange } = useBoardNodes({ flow, catalogue, problems, readOnly }, selected, several, onMoved);
  const [edges, onEdgesChange] = useBoardEdges(flow, catalogue.manifests, selected, several);
  const connecting = useConnecting(editing);
  const hand = use(HandContext);
  const section = useRef<HTMLElement>(null);
  useKeptFocus(section, selected);

  return (
    <section
      ref={section}
      className={classes.board}
      aria-label={label}
      data-testid="flow-canvas"
      onFocus={onFocus}
      onDragOver={(event) => hoverDrop(event, editing, (edge) => hand.setState({ edge }))}
      onDrop={(event) => {
        drop(event, editing, onImport);
        hand.setState({ edge: null });
      }}
    >
      <EditingContext value={editing}>
        <ReactFlow<BoardNode, CountedEdgeType>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          {...listeners}
          {...(editing ? connecting : {})}
          connectionLineComponent={DragLine}
          nodesDraggable={!readOnly}
          nodesConnectable={!readOnly}
          edgesReconnectable={!readOnly}
          deleteKeyCode={null}
          multiSelectionKeyCode={multiKeys}
          connectionRadius={28}
          snapToGrid
          snapGrid={grid}
          minZoom={zooms.least}
          maxZoom={zooms.most}
          onlyRenderVisibleElements={many}
          onInit={(instance) => void frame(instance, section.current, selected ?? focus, many)}
          attributionPosition="bottom-left"
          panOnScroll
          zoomOnDoubleClick={false}
          nodeDragThreshold={3}
          ariaLabelConfig={ariaLabels}
          tabIndex={-1}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
          <BoardTools fit={fit}>{tools}</BoardTools>
          <Overview nodes={nodes} />
          <KeepInView node={selected} />
          {children}
        </ReactFlow>
      </EditingContext>
    </section>
  );
}

function useBoardEdges(flow: Flow, manifests: Catalogue["manifests"], selected: string | null, several: RefObject<boolean>) {
  const [edges, setEdges] = useState<CountedEdgeType[]>(() => boardEdges(flow, manifests, [], selected));
  const named = useRef(selected);
  useEffect(() => setEdges((before) => boardEdges(flow, manifests, before, named.current)), [flow, manifests]);
  useEffect(() => {
    const was = named.current;
    named.current = selected;
    const gone = several.current ? null : was;
    setEdges((before) => onlySelected(before, selected, gone));
  }, [selected, several]);
  const onEdgesChange = useCallback(
    (changes: EdgeChange<CountedEdgeType>[]) => setEdges((before) => applyEdgeChanges(changes, before)),
    [],
  );
  return [edges, onEdgesChange] as const;
}

/** Drawing an edge from one port to another, moving an edge's end, and letting go in the open to add a node there. */
function useConnecting(editing: Editing | undefined) {
  const hand = use(HandContext);
  return useMemo(() => {
    // The edge whose end is on its way to another port.
    let moved: string | null = null;
    const begin: OnConnectStart = (_, { nodeId, handleId, handleType }) => {
      if (!editing || nodeId === null || handleType === null) return;
      const { node } = portRef(nodeId, handleId ?? "");
      hand.setState({ refusing: editing.refusing(node, handleType === "source" ? "out" : "in", moved) });
    };
    const end = (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
      hand.setState({ refusing: null });
      if (editing) letGo(event, state, editing, moved);
    };
    return {
      onConnect: (connection: Connection) => editing?.onLink(linkOf(connection)),
      onConnectStart: begin,
      onConnectEnd: end,
      onReconnectStart: (_: MouseEvent, { id }: Edge) => {
        moved = id;
      },
      onReconnect: (edge: Edge, connection: Connection) => editing?.onLink(linkOf(connection), edge.id),
      onReconnectEnd: () => {
        moved = null;
        hand.setState({ refusing: null });
      },
      isValidConnection: (link: Connection | Edge) =>
        editing?.mayLink(
          linkOf({ ...link, sourceHandle: link.sourceHandle ?? null, targetHandle: link.targetHandle ?? null }),
          moved,
        ) ?? false,
    };
  }, [editing, hand]);
}

/** Over a port that does not take the edge, says why; in the open, asks which node is to be added there. */
function letGo(
  event: globalThis.MouseEvent | TouchEvent,
  { isValid, fromHandle, toHandle, toNode }: FinalConnectionState,
  editing: Editing,
  moved: string | null,
): void {
  if (isValid || !fromHandle || fromHandle === toHandle) return;
  const from = portRef(fromHandle.nodeId, fromHandle.id ?? "");
  if (!toHandle) {
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (!toNode && point && moved === null)
      editing.onQuickAdd({ kind: fromHandle.type === "source" ? "output" : "input", ...from }, point);
    return;
  }
  if (fromHandle.type === toHandle.type) {
    editing.onRefused(null, moved);
    return;
  }
  const to = portRef(toHandle.nodeId, toHandle.id ?? "");
  editing.onRefused(fromHandle.type === "source" ? { from, to } : { from: to, to: from }, moved);
}

const multiKeys = ["Shift", "Meta", "Control"];
const grid: [number, number] = [8, 8];
const ariaLabels = { "node.a11yDescription.default": "", "edge.a11yDescription.default": "" };

/** The edge under the pointer onto which what is dragged may be let go; what stands on its middle belongs to it. */
function edgeUnder({ clientX, clientY }: DragEvent): string | null {
  const under = document.elementFromPoint(clientX, clientY)?.closest(".react-flow__edge, [data-edge]");
  return under?.getAttribute("data-edge") ?? under?.getAttribute("data-id") ?? null;
}

function hoverDrop(event: DragEvent, editing: Editing | undefined, onEdge: (edge: string | null) => void): void {
  const { types } = event.dataTransfer;
  if (!editing || !(types.includes(dragType) || types.includes("Files"))) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  if (types.includes(dragType)) onEdge(edgeUnder(event));
}

function drop(event: DragEvent, editing: Editing | undefined, onImport: ((text: string) => void) | undefined): void {
  const [file] = event.dataTransfer.files;
  if (file && onImport) {
    event.preventDefault();
    void file.text().then(onImport);
    return;
  }
  const type = event.dataTransfer.getData(dragType);
  if (type === "") return;
  event.preventDefault();
  const edge = edgeUnder(event);
  editing?.onDrop(type, event, edge !== null && editing.fitsOnEdge(type) ? edge : null);
}
