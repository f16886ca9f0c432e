import type { Flow } from "#schemas/flow.ts";
import type { Action } from "../actions/actions.ts";
import type { ActionId } from "../actions/say.ts";
import { type Alignment, align, alignments, type Box, type Direction, distribute } from "./align.ts";
import { boardId, sorted } from "./boardIds.ts";
import { copy, duplicate, type NodeReferences } from "./clipboard.ts";
import { groupsOf, moveOnBoard, shiftOnBoard } from "./groups.ts";
import { freeId } from "./ids.ts";
import type { Position } from "./layoutOperations.ts";
import type { Operation } from "./operations.ts";

/** What the canvas' actions work on and with; all read at the moment they are done. */
export interface Desk {
  may: () => boolean;
  flow: () => Flow;
  /** Ids on the board, and of edges. */
  picked: () => { board: string[]; edges: string[] };
  /** Where what is picked stands, and how large it is drawn. */
  boxes: () => Record<string, Box>;
  canUndo: () => boolean;
  canRedo: () => boolean;
  undo: () => void;
  redo: () => void;
  dispatch: (operation: Operation) => void;
  references: NodeReferences;
  copy: (cut: boolean) => void;
  paste: () => void;
  /** A place for something new of this size, in the middle of what is seen or below what stands there. */
  roomFor: (size: { width: number; height: number }) => Position;
  selectAll: () => void;
  /** Places from left to right; of these nodes only, or of all. */
  arrange: (nodes: readonly string[]) => void;
  writeLabel: (edge: string) => void;
  /** Writes on a note or a group, or names a node. */
  write: (board: string) => void;
  zoom: (to: "all" | "picked" | "in" | "out") => void;
  show: (what: "palette" | "find" | "preview" | "problems" | "outline" | "import" | "export") => void;
  tellSaved: () => void;
  leave: () => void;
}

/** One step of the arrow keys is one step of the grid; the large one crosses a gap between cards. */
const STEP = 8;
const LARGE_STEP = 64;
const noteSize = { width: 240, height: 120 };

const arrows: Readonly<Record<string, Position>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Everything that can be done on the canvas of a flow. */
export function canvasActions(desk: Desk): Action[] {
  const picked = () => sorted(desk.picked().board);
  const nodes = () => picked().nodes;
  const groups = () => groupsOf(desk.flow()).filter(({ id }) => picked().groups.includes(id));
  const some = () => desk.picked().board.length > 0;
  const edits = (applies: () => boolean) => () => desk.may() && applies();
  const always = () => true;
  const allDisabled = () => {
    const chosen = new Set(nodes());
    return desk.flow().nodes.every(({ id, disabled }) => !chosen.has(id) || disabled === true);
  };
  const nudge = (key: string, size: number) => {
    const by = arrows[key.replace("Shift+", "")];
    if (by) desk.dispatch(shiftOnBoard(desk.flow(), desk.picked().board, { x: by.x * size, y: by.y * size }));
  };
  const place = (to: Record<string, Position>) => desk.dispatch(moveOnBoard(desk.flow(), to));

  return [
    { id: "undo", section: "edit", keys: ["Mod+Z"], applies: edits(desk.canUndo), run: desk.undo },
    { id: "redo", section: "edit", keys: ["Mod+Y", "Mod+Shift+Z"], applies: edits(desk.canRedo), run: desk.redo },
    { id: "cut", section: "edit", keys: ["Mod+X"], native: true, applies: edits(some), run: () => desk.copy(true) },
    { id: "copy", section: "edit", keys: ["Mod+C"], native: true, applies: some, run: () => desk.copy(false) },
    { id: "paste", section: "edit", keys: ["Mod+V"], native: true, applies: edits(always), run: desk.paste },
    {
      id: "duplicate",
      canvasOnly: true,
      section: "edit",
      keys: ["Mod+D"],
      applies: edits(some),
      run: () => {
        const operation = duplicate(desk.flow(), picked(), desk.references);
        if (operation) desk.dispatch(operation);
      },
    },
    {
      id: "remove",
      canvasOnly: true,
      section: "edit",
      keys: ["Delete", "Backspace"],
      applies: edits(() => some() || desk.picked().edges.length > 0),
      run: () => desk.dispatch(removal(desk.flow(), desk.picked())),
    },
    {
      id: "selectAll",
      canvasOnly: true,
      section: "edit",
      keys: ["Mod+A"],
      applies: () => desk.flow().nodes.length > 0,
      run: desk.selectAll,
    },
    { id: "addNode", canvasOnly: true, section: "edit", keys: ["A"], applies: edits(always), run: () => desk.show("palette") },
    {
      id: "addNote",
      canvasOnly: true,
      section: "edit",
      keys: ["N"],
      applies: edits(always),
      run: () => {
        const id = freeId("note", new Set(desk.flow().layout?.notes?.map((note) => note.id)));
        desk.dispatch({ kind: "addNote", note: { id, text: "", ...desk.roomFor(noteSize), ...noteSize } });
        // Here, not where an empty note is drawn: one that undo or redo brings back does not ask to be written on.
        desk.write(boardId({ kind: "note", id }));
      },
    },
    {
      id: "disable",
      section: "edit",
      keys: ["D"],
      applies: edits(() => nodes().length > 0 && !allDisabled()),
      run: () => desk.dispatch({ kind: "disable", nodes: nodes(), disabled: true }),
    },
    {
      id: "enable",
      section: "edit",
      keys: ["D"],
      applies: edits(() => nodes().length > 0 && allDisabled()),
      run: () => desk.dispatch({ kind: "disable", nodes: nodes(), disabled: false }),
    },
    {
      id: "label",
      canvasOnly: true,
      section: "edit",
      keys: ["L"],
      applies: edits(() => desk.picked().edges.length === 1),
      run: () => desk.picked().edges.forEach(desk.writeLabel),
    },
    {
      id: "rename",
      canvasOnly: true,
      section: "edit",
      keys: ["F2"],
      onCanvas: true,
      applies: edits(() => desk.picked().board.length === 1 && picked().notes.length === 0),
      run: () => desk.picked().board.forEach(desk.write),
    },
    {
      id: "write",
      canvasOnly: true,
      section: "edit",
      keys: ["F2", "Enter"],
      onCanvas: true,
      applies: edits(() => desk.picked().board.length === 1 && picked().notes.length === 1),
      run: () => desk.picked().board.forEach(desk.write),
    },
    {
      id: "group",
      section: "edit",
      keys: ["Mod+G"],
      applies: edits(() => nodes().length > 0),
      run: () => {
        const id = freeId("group", new Set(groupsOf(desk.flow()).map((group) => group.id)));
        desk.dispatch({ kind: "addGroup", group: { id, title: "", nodes: nodes() } });
      },
    },
    {
      id: "ungroup",
      section: "edit",
      keys: ["Mod+Shift+G"],
      applies: edits(() => groups().length > 0),
      run: () => desk.dispatch({ kind: "remove", nodes: [], edges: [], groups: groups().map(({ id }) => id) }),
    },
    ...(["fold", "unfold"] as const).map(
      (id): Action => ({
        id,
        section: "edit",
        keys: ["F"],
        applies: edits(() => groups().some(({ folded }) => (folded ?? false) === (id === "unfold"))),
        run: () => desk.dispatch({ kind: "fold", groups: groups().map((group) => group.id), folded: id === "fold" }),
      }),
    ),
    {
      id: "nudge",
      canvasOnly: true,
      section: "arrange",
      keys: Object.keys(arrows),
      keyOnly: true,
      onCanvas: true,
      applies: edits(some),
      run: (key = "") => nudge(key, STEP),
    },
    {
      id: "nudgeFar",
      canvasOnly: true,
      section: "arrange",
      keys: Object.keys(arrows).map((key) => `Shift+${key}`),
      keyOnly: true,
      onCanvas: true,
      applies: edits(some),
      run: (key = "") => nudge(key, LARGE_STEP),
    },
    {
      id: "arrange",
      section: "arrange",
      keys: ["Shift+A"],
      applies: edits(() => desk.flow().nodes.length > 0),
      run: () => desk.arrange(nodes().length > 1 ? nodes() : desk.flow().nodes.map(({ id }) => id)),
    },
    ...alignments.map(
      (to): Action => ({
        id: `align${to}` satisfies ActionId as ActionId,
        section: "arrange",
        keys: [],
        applies: edits(() => Object.keys(desk.boxes()).length > 1),
        run: () => place(align(desk.boxes(), to satisfies Alignment)),
      }),
    ),
    ...(["Across", "Down"] satisfies Direction[] as Direction[]).map(
      (direction): Action => ({
        id: `distribute${direction}`,
        section: "arrange",
        keys: [],
        applies: edits(() => Object.keys(desk.boxes()).length > 2),
        run: () => place(distribute(desk.boxes(), direction)),
      }),
    ),
    { id: "fit", canvasOnly: true, section: "view", keys: ["Shift+1"], applies: always, run: () => desk.zoom("all") },
    { id: "zoomTo", canvasOnly: true, section: "view", keys: ["Shift+2"], applies: some, run: () => desk.zoom("picked") },
    { id: "zoomIn", canvasOnly: true, section: "view", keys: ["Plus", "="], applies: always, run: () => desk.zoom("in") },
    { id: "zoomOut", canvasOnly: true, section: "view", keys: ["Minus"], applies: always, run: () => desk.zoom("out") },
    { id: "find", section: "view", keys: ["Mod+F"], applies: always, run: () => desk.show("find") },
    { id: "outline", section: "view", keys: ["O"], applies: always, run: () => desk.show("outline") },
    { id: "preview", section: "view", keys: ["P"], applies: always, run: () => desk.show("preview") },
    { id: "problems", section: "view", keys: ["Shift+P"], applies: always, run: () => desk.show("problems") },
    { id: "importFlow", section: "flow", keys: ["Mod+O"], applies: edits(always), run: () => desk.show("import") },
    { id: "exportFlow", section: "flow", keys: ["Mod+Shift+S"], applies: always, run: () => desk.show("export") },
    {
      id: "save",
      section: "flow",

      keys: ["Mod+S"],
      keyOnly: true,
      whileTyping: true,
      applies: desk.may,
      run: desk.tellSaved,
    },
    {
      id: "leave",
      section: "view",

      keys: ["Escape"],
      keyOnly: true,
      whileTyping: true,
      applies: always,
      run: desk.leave,
    },
  ];
}

/** What is picked goes; a folded group with the nodes that it hides, a frame alone. */
export function removal(
  flow: Flow,
  { board, edges }: { board: string[]; edges: string[] },
): Extract<Operation, { kind: "remove" }> {
  const { nodes, notes, groups } = sorted(board);
  const hidden = groupsOf(flow).flatMap((group) => (groups.includes(group.id) && group.folded ? group.nodes : []));
  return { kind: "remove", nodes: [...nodes, ...hidden], edges, notes, groups };
}

/** What is picked, as text for the clipboard; null when nothing is. */
export function copied(flow: Flow, board: readonly string[]): { text: string; count: number } | null {
  const part = copy(flow, sorted(board));
  return part && { text: JSON.stringify(part, null, 2), count: part.nodes.length + (part.layout.notes?.length ?? 0) };
}
