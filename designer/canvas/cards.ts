import i18next from "i18next";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { Catalogue } from "./catalogue.ts";
import type { CardData, CardNode } from "./NodeCard.tsx";
import { cardWidth, places } from "./places.ts";
import { summaryOf } from "./summary.ts";

/** Sizes before the first measure: without them the overview map stays empty. */
const initialHeight = 120;

/** React Flow's nodes for a flow. What the hand holds (sizes, selection, a drag) is taken over from `before`. */
export function cardsOf(
  flow: Flow,
  { manifests, connectors }: Catalogue,
  problems: readonly Problem[],
  readOnly: boolean,
  before: readonly CardNode[],
  selected: string | null,
): CardNode[] {
  const at = places(flow);
  const old = new Map(before.map((card) => [card.id, card]));
  const added = before.length > 0 && flow.nodes.some(({ id }) => !old.has(id));
  return flow.nodes.map((node) => {
    const manifest = manifests.get(node.type);
    const count = (severity: Problem["severity"]) =>
      problems.filter((one) => one.node === node.id && one.severity === severity).length;
    const data: CardData = {
      node,
      manifest,
      connector: manifest?.connector === undefined ? undefined : connectors.get(manifest.connector),
      errors: count("error"),
      warnings: count("warning"),
      readOnly,
    };
    const was = old.get(node.id);
    return {
      ...was,
      id: node.id,
      type: "card",
      position: was?.dragging ? was.position : (at[node.id] ?? { x: 0, y: 0 }),
      data: was && sameData(was.data, data) ? was.data : data,
      // New cards are what the hand goes on with; otherwise the selection stays, and the address follows it.
      selected: added ? was === undefined : was ? (was.selected ?? false) : node.id === selected,
      initialWidth: cardWidth,
      initialHeight,
      ariaLabel: labelOf(data),
    };
  });
}

/** Selects what the address names; items that are right already keep their identity. */
export const onlySelected = <Item extends { id: string; selected?: boolean }>(items: Item[], selected: string | null): Item[] =>
  items.map((item) => ((item.selected ?? false) === (item.id === selected) ? item : { ...item, selected: item.id === selected }));

const sameData = (a: CardData, b: CardData): boolean => Object.keys(b).every((name) => Object.is(a[name], b[name]));

function labelOf({ node, manifest, connector }: CardData): string {
  const name = node.name ?? manifest?.title ?? node.type;
  if (!manifest) return i18next.t("canvas.unknownType", { type: node.type });
  const kind = i18next.t(`kind.${manifest.category}`);
  return i18next.t("canvas.node", { name, kind, summary: summaryOf(node, manifest, connector?.title) });
}

export function edgesOf(flow: Flow, before: readonly CountedEdgeType[], selected: string | null): CountedEdgeType[] {
  const old = new Map(before.map((edge) => [edge.id, edge]));
  const name = (id: string) => flow.nodes.find((node) => node.id === id)?.name ?? id;
  return flow.edges.map(({ id, from, to }) => ({
    ...old.get(id),
    id,
    type: "counted",
    source: from.node,
    sourceHandle: from.port,
    target: to.node,
    targetHandle: to.port,
    selected: old.get(id)?.selected ?? id === selected,
    ariaLabel: i18next.t("canvas.edge", { from: name(from.node), to: name(to.node) }),
  }));
}
