import type { Flow, FlowGroup, FlowLayout, FlowNote } from "#schemas/flow.ts";
import { withChange } from "./withChange.ts";

export interface Position {
  x: number;
  y: number;
}

/** `undefined` takes the setting away. */
export type NoteChange = { [K in Exclude<keyof FlowNote, "id" | "color">]?: FlowNote[K] } & {
  color?: FlowNote["color"] | undefined;
};
export type GroupChange = { title?: string; nodes?: string[]; color?: FlowGroup["color"] | undefined };

/** What is done to the layout alone: where things stand, notes, groups, and what is written on edges. None of it makes a version. */
export type LayoutOperation =
  /** `nudged` by the arrow keys, which go on: in the history, many such are one step. */
  | { kind: "move"; to: Readonly<Record<string, Position>>; notes?: Readonly<Record<string, Position>>; nudged?: true }
  | { kind: "setLabel"; edge: string; label: string | undefined }
  | { kind: "addNote"; note: FlowNote }
  | { kind: "setNote"; note: string; change: NoteChange }
  | { kind: "addGroup"; group: FlowGroup }
  | { kind: "setGroup"; group: string; change: GroupChange }
  | { kind: "fold"; groups: readonly string[]; folded: boolean };

export function applyToLayout(flow: Flow, operation: LayoutOperation): Flow {
  const before = layoutOf(flow);
  const after = changed(flow, before, operation);
  return after === before ? flow : { ...flow, layout: after };
}

function changed(flow: Flow, layout: FlowLayout, operation: LayoutOperation): FlowLayout {
  switch (operation.kind) {
    case "move":
      return move(flow, layout, operation);
    case "setLabel":
      return setLabel(flow, layout, operation.edge, operation.label);
    case "addNote":
      return layout.notes?.some(({ id }) => id === operation.note.id)
        ? layout
        : { ...layout, notes: [...(layout.notes ?? []), operation.note] };
    case "setNote":
      return withNotes(layout, (note) => (note.id === operation.note ? withChange(note, operation.change) : note));
    case "addGroup":
      return addGroup(flow, layout, operation.group);
    case "setGroup":
      return setGroup(flow, layout, operation.group, operation.change);
    case "fold":
      return fold(layout, new Set(operation.groups), operation.folded);
  }
}

const layoutOf = (flow: Flow): FlowLayout => flow.layout ?? { nodes: {} };

/** The flow with these nodes at these places. */
export const placed = (flow: Flow, at: Readonly<Record<string, Position>>): Flow => ({
  ...flow,
  layout: { ...flow.layout, nodes: { ...flow.layout?.nodes, ...at } },
});

function move(flow: Flow, layout: FlowLayout, { to, notes = {} }: Extract<LayoutOperation, { kind: "move" }>): FlowLayout {
  const known = new Set(flow.nodes.map(({ id }) => id));
  const moved = Object.entries(to).filter(([id, { x, y }]) => {
    const now = layout.nodes[id];
    return known.has(id) && !(now && now.x === x && now.y === y);
  });
  const next = moved.length === 0 ? layout : { ...layout, nodes: { ...layout.nodes, ...Object.fromEntries(moved) } };
  return withNotes(next, (note) => {
    const place = notes[note.id];
    return place ? withChange(note, { x: place.x, y: place.y }) : note;
  });
}

function withNotes(layout: FlowLayout, change: (note: FlowNote) => FlowNote): FlowLayout {
  const notes = layout.notes?.map(change);
  return !notes || notes.every((note, index) => note === layout.notes?.[index]) ? layout : { ...layout, notes };
}

function setLabel(flow: Flow, layout: FlowLayout, edge: string, label: string | undefined): FlowLayout {
  if (layout.edges?.[edge]?.label === label || !flow.edges.some(({ id }) => id === edge)) return layout;
  const edges = { ...layout.edges };
  if (label === undefined) delete edges[edge];
  else edges[edge] = { label };
  return withPart(layout, "edges", Object.keys(edges).length === 0 ? undefined : edges);
}

/** A group holds nodes of the flow, which leave the group they were in. */
function addGroup(flow: Flow, layout: FlowLayout, group: FlowGroup): FlowLayout {
  const nodes = membersOf(flow, group.nodes);
  if (nodes.length === 0 || layout.groups?.some(({ id }) => id === group.id)) return layout;
  return { ...layout, groups: [...without(layout.groups ?? [], new Set(nodes)), { ...group, nodes }] };
}

function setGroup(flow: Flow, layout: FlowLayout, id: string, change: GroupChange): FlowLayout {
  const before = layout.groups?.find((group) => group.id === id);
  if (!before) return layout;
  const nodes = change.nodes && membersOf(flow, change.nodes);
  const after = withChange(before, { ...change, ...(nodes ? { nodes } : {}) });
  if (after === before) return layout;
  const others = (layout.groups ?? []).filter((group) => group.id !== id);
  const kept = nodes ? without(others, new Set(nodes)) : others;
  const groups = (layout.groups ?? []).flatMap((group) =>
    group === before ? nonEmpty(after) : kept.filter((one) => one.id === group.id),
  );
  return withGroups(layout, groups);
}

function fold(layout: FlowLayout, ids: ReadonlySet<string>, folded: boolean): FlowLayout {
  const groups = layout.groups?.map((group) => (ids.has(group.id) ? withChange(group, { folded: folded || undefined }) : group));
  return !groups || groups.every((group, index) => group === layout.groups?.[index]) ? layout : { ...layout, groups };
}

const nonEmpty = (group: FlowGroup): FlowGroup[] => (group.nodes.length === 0 ? [] : [group]);

const membersOf = (flow: Flow, nodes: readonly string[]): string[] => {
  const wished = new Set(nodes);
  return flow.nodes.flatMap(({ id }) => (wished.has(id) ? [id] : []));
};

/** Groups without these nodes; one that holds none any more is gone. */
function without(groups: readonly FlowGroup[], nodes: ReadonlySet<string>): FlowGroup[] {
  return groups.flatMap((group) => {
    const left = group.nodes.filter((id) => !nodes.has(id));
    if (left.length === group.nodes.length) return [group];
    return nonEmpty({ ...group, nodes: left });
  });
}

const withGroups = (layout: FlowLayout, groups: FlowGroup[]): FlowLayout =>
  withPart(layout, "groups", groups.length === 0 ? undefined : groups);

function withPart<Part extends "edges" | "notes" | "groups">(
  layout: FlowLayout,
  part: Part,
  value: FlowLayout[Part] | undefined,
): FlowLayout {
  const next = { ...layout };
  if (value === undefined) delete next[part];
  else next[part] = value;
  return next;
}

/** What leaves the canvas. */
export interface Gone {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
  notes: ReadonlySet<string>;
  groups: ReadonlySet<string>;
}

/** The layout without what is gone: a group goes without its nodes, a node leaves its group, an edge takes what is written on it along. */
export function layoutWithout(layout: FlowLayout, gone: Gone): FlowLayout {
  let next = layout;
  const nodes = Object.entries(layout.nodes).filter(([id]) => !gone.nodes.has(id));
  if (nodes.length < Object.keys(layout.nodes).length) next = { ...next, nodes: Object.fromEntries(nodes) };
  const edges = Object.entries(layout.edges ?? {}).filter(([id]) => !gone.edges.has(id));
  if (edges.length < Object.keys(layout.edges ?? {}).length)
    next = withPart(next, "edges", edges.length === 0 ? undefined : Object.fromEntries(edges));
  const notes = layout.notes?.filter(({ id }) => !gone.notes.has(id)) ?? [];
  if (notes.length < (layout.notes?.length ?? 0)) next = withPart(next, "notes", notes.length === 0 ? undefined : notes);
  const before = layout.groups ?? [];
  const groups = without(
    before.filter(({ id }) => !gone.groups.has(id)),
    gone.nodes,
  );
  const sameGroups = groups.length === before.length && groups.every((group, index) => group === before[index]);
  return sameGroups ? next : withGroups(next, groups);
}
