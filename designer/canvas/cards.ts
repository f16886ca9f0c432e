import i18next from "i18next";
import type { Flow, FlowGroup, FlowNode, FlowNote } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Problem } from "#schemas/problem.ts";
import { say } from "../actions/say.ts";
import { fill } from "../i18n/fill.ts";
import { boardId, foldedPort } from "./boardIds.ts";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { Catalogue } from "./catalogue.ts";
import { detourOf, sameDetour } from "./detours.ts";
import type { FoldedCard } from "./FoldedGroup.tsx";
import type { FrameNode } from "./Frame.tsx";
import { foldedNodes, foldedPlace, foldedPorts, frameAround, groupsOf } from "./groups.ts";
import type { CardData, CardNode } from "./NodeCard.tsx";
import type { NoteNode } from "./Note.tsx";
import { nodeNames } from "./names.ts";
import { cardHeight, cardWidth, places } from "./places.ts";
import { summaryOf } from "./summary.ts";

export type BoardNode = CardNode | NoteNode | FrameNode | FoldedCard;

/** Sizes before the first measure: without them the overview map stays empty. */
const initialHeight = 120;
/** Below cards, edges and notes, selected or not: React Flow lifts what is selected by a thousand. */
const belowAll = -2_000;

interface Drawn {
  flow: Flow;
  catalogue: Catalogue;
  problems: readonly Problem[];
  readOnly: boolean;
  /** What the hand holds (sizes, selection, a drag) is taken over from it. */
  before: readonly BoardNode[];
  selected: string | null;
}

/** React Flow's nodes for a flow: cards, notes, frames and folded groups. What did not change keeps its identity. */
export function boardNodes(drawn: Drawn): BoardNode[] {
  const { before, selected } = drawn;
  const old = new Map(before.map((one) => [one.id, one]));
  const fresh = [...framesOf(drawn), ...cardsOf(drawn), ...foldsOf(drawn), ...notesOf(drawn)];
  // What comes out of a folded group was there before.
  const hidden = new Set(before.flatMap((one) => (one.type === "folded" ? one.data.group.nodes : [])));
  const isNew = ({ id }: BoardNode) => before.length > 0 && !old.has(id) && !hidden.has(id);
  const added = fresh.some(isNew);
  // New ones are what the hand goes on with; otherwise the selection stays, and the address follows it.
  const come = (node: BoardNode) => ({ ...node, selected: isNew(node) || node.id === selected });
  return reframed(
    fresh.map((node) => {
      const was = old.get(node.id);
      return was ? taken(node, was, added) : come(node);
    }),
  );
}

/** A node as it is to be, with what the hand holds of the one before; that very one where nothing differs. */
function taken(node: BoardNode, was: BoardNode, added: boolean): BoardNode {
  // A group that folds or unfolds is drawn anew, and stays in hand.
  if (was.type !== node.type) return { ...node, selected: !added && (was.selected ?? false) };
  const data = sameData(was.data, node.data) ? was.data : node.data;
  const position = was.dragging || samePlace(was.position, node.position) ? was.position : node.position;
  const picked = added ? false : (was.selected ?? false);
  const sized = node.type !== "note" || (was.width === node.width && was.height === node.height) || was.resizing;
  if (data === was.data && position === was.position && picked === (was.selected ?? false) && sized) return was;
  return { ...was, ...node, data, position, selected: picked } as BoardNode;
}

const samePlace = (a: { x: number; y: number }, b: { x: number; y: number }): boolean => a.x === b.x && a.y === b.y;

const sameData = (a: Record<string, unknown>, b: Record<string, unknown>): boolean =>
  Object.keys(b).every((name) => Object.is(a[name], b[name]));

function cardsOf({ flow, catalogue, problems, readOnly, before }: Drawn): CardNode[] {
  const at = places(flow);
  const hidden = foldedNodes(flow);
  const count = problemCounts(problems);
  const used = usedPorts(flow);
  const old = new Map(before.map((one) => [one.id, one]));
  const sentence = i18next.t("canvas.node", { skipInterpolation: true, name: "", kind: "", summary: "" });
  return flow.nodes.flatMap((node) => {
    if (hidden.has(node.id)) return [];
    const manifest = catalogue.manifests.get(node.type);
    const was = old.get(node.id);
    const data: CardData = {
      node,
      manifest,
      connector: manifest?.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector),
      errors: count.error.get(node.id) ?? 0,
      warnings: count.warning.get(node.id) ?? 0,
      openPorts: readOnly || !manifest ? "" : openPorts(node, manifest, used),
      readOnly,
    };
    const same = was?.type === "card" && sameData(was.data, data);
    return [
      {
        id: node.id,
        type: "card",
        position: at[node.id] ?? { x: 0, y: 0 },
        data,
        initialWidth: cardWidth,
        initialHeight,
        ariaLabel: same && was.ariaLabel !== undefined ? was.ariaLabel : labelOf(data, sentence),
      },
    ];
  });
}

function problemCounts(problems: readonly Problem[]): Record<Problem["severity"], Map<string, number>> {
  const counts = { error: new Map<string, number>(), warning: new Map<string, number>() };
  for (const { node, severity } of problems) if (node) counts[severity].set(node, (counts[severity].get(node) ?? 0) + 1);
  return counts;
}

/** Ports that an edge joins: `in node port`, `out node port`. */
const usedPorts = ({ edges }: Flow): ReadonlySet<string> =>
  new Set(edges.flatMap(({ from, to }) => [`out ${from.node} ${from.port}`, `in ${to.node} ${to.port}`]));

/** A node's ports that no edge joins, as text, so that it is the same while they are: `in:in out:otherwise`. */
function openPorts(node: FlowNode, manifest: NodeManifest, used: ReadonlySet<string>): string {
  const of = (side: "in" | "out", ports: readonly { name: string }[]) =>
    ports.flatMap(({ name }) => (used.has(`${side} ${node.id} ${name}`) ? [] : [`${side}:${name}`]));
  return [...of("in", manifest.inputs), ...of("out", outputPorts(manifest, node))].join(" ");
}

function notesOf({ flow, readOnly }: Drawn): NoteNode[] {
  return (flow.layout?.notes ?? []).map((note: FlowNote) => ({
    id: boardId({ kind: "note", id: note.id }),
    type: "note",
    position: { x: note.x, y: note.y },
    width: note.width,
    height: note.height,
    data: { note, readOnly },
    ariaLabel: say("note.label", { text: note.text.slice(0, 80) }),
  }));
}

function foldsOf({ flow, catalogue, problems, readOnly, before }: Drawn): FoldedCard[] {
  const at = places(flow);
  const count = problemCounts(problems);
  return groupsOf(flow).flatMap((group) => {
    if (!group.folded) return [];
    const sum = (counts: ReadonlyMap<string, number>) => group.nodes.reduce((all, id) => all + (counts.get(id) ?? 0), 0);
    const id = boardId({ kind: "group", id: group.id });
    const ports = foldedPorts(flow, group, catalogue.manifests);
    const was = before.find((one): one is FoldedCard => one.id === id && one.type === "folded");
    const samePorts = was && JSON.stringify(was.data.ports) === JSON.stringify(ports);
    return [
      {
        id,
        type: "folded",
        position: foldedPlace(group, at),
        data: {
          group,
          ports: samePorts ? was.data.ports : ports,
          errors: sum(count.error),
          warnings: sum(count.warning),
          readOnly,
        },
        initialWidth: cardWidth,
        initialHeight,
        ariaLabel: say("group.foldedLabel", { title: spoken(group), count: group.nodes.length }),
      },
    ];
  });
}

const framesOf = ({ flow, readOnly }: Drawn): FrameNode[] =>
  groupsOf(flow).flatMap((group) =>
    group.folded
      ? []
      : [
          {
            id: boardId({ kind: "group", id: group.id }),
            type: "frame",
            position: { x: 0, y: 0 },
            data: { group, readOnly },
            zIndex: belowAll,
            ariaLabel: say("group.label", { title: spoken(group), count: group.nodes.length }),
          },
        ],
  );

const spoken = ({ title }: FlowGroup): string => title || say("group.nameless");

/** With every frame around its cards where they are right now; those that are right already keep their identity. */
export function reframed(nodes: BoardNode[]): BoardNode[] {
  if (!nodes.some(({ type }) => type === "frame")) return nodes;
  const at = new Map(nodes.map((node) => [node.id, node]));
  return nodes.map((node) => {
    if (node.type !== "frame") return node;
    const frame = frameAround(node.data.group.nodes.flatMap((id) => boxOf(at.get(id))));
    if (!frame) return node;
    const { x, y, width, height } = frame;
    if (samePlace(node.position, frame) && node.width === width && node.height === height) return node;
    return { ...node, position: { x, y }, width, height };
  });
}

export const boxOf = (node: BoardNode | undefined) =>
  node
    ? [
        {
          ...node.position,
          width: node.measured?.width ?? node.width ?? cardWidth,
          height: node.measured?.height ?? node.height ?? cardHeight,
        },
      ]
    : [];

/** Selects what the address names, and lets go of what it named before; what is right already keeps its identity. */
export const onlySelected = <Item extends { id: string; selected?: boolean }>(
  items: Item[],
  selected: string | null,
  before: string | null,
): Item[] =>
  items.map((item) => {
    const wished = selected === null ? (item.selected ?? false) && item.id !== before : item.id === selected;
    return (item.selected ?? false) === wished ? item : { ...item, selected: wished };
  });

function labelOf({ node, manifest, connector }: CardData, sentence: string): string {
  const name = node.name ?? manifest?.title ?? node.type;
  if (!manifest) return i18next.t("canvas.unknownType", { type: node.type });
  const kind = i18next.t(`kind.${manifest.category}`);
  return fill(sentence, { name, kind, summary: summaryOf(node, manifest, connector?.title) });
}

/** React Flow's edges for a flow. An edge into a folded group ends at its card, one within it is not drawn. */
export function boardEdges(
  flow: Flow,
  manifests: Catalogue["manifests"],
  before: readonly CountedEdgeType[],
  selected: string | null,
): CountedEdgeType[] {
  const old = new Map(before.map((edge) => [edge.id, edge]));
  const name = nodeNames(flow.nodes, manifests);
  const hidden = foldedNodes(flow);
  const at = places(flow);
  const cards = flow.nodes.flatMap(({ id }) => (hidden.has(id) ? [] : (at[id] ?? [])));
  const end = ({ node, port }: { node: string; port: string }) => {
    const group = hidden.get(node);
    return group ? [boardId({ kind: "group", id: group.id }), foldedPort(node, port)] : [node, port];
  };
  // i18next takes a tenth of a millisecond for each: the sentence is read once, and its names put in for each edge.
  const sentence = i18next.t("canvas.edge", { skipInterpolation: true, from: "", to: "" });
  return flow.edges.flatMap(({ id, from, to }) => {
    const [source = "", sourceHandle = ""] = end(from);
    const [target = "", targetHandle = ""] = end(to);
    if (source === target) return [];
    const was = old.get(id);
    const label = flow.layout?.edges?.[id]?.label ?? "";
    const ariaLabel = fill(sentence, { from: name(from.node), to: name(to.node) });
    const ends = { source, sourceHandle, target, targetHandle, ariaLabel };
    const [begin, goal] = hidden.has(from.node) || hidden.has(to.node) ? [] : [at[from.node], at[to.node]];
    const over = begin && goal && detourOf(begin, goal, cards);
    const data = was?.data?.label === label && sameDetour(was.data.over, over) ? was.data : { label, over };
    if (was && was.data === data && sameData(was as unknown as Record<string, unknown>, ends)) return [was];
    return [{ ...was, id, type: "counted" as const, ...ends, data, selected: was?.selected ?? id === selected }];
  });
}
