import type { Flow } from "#schemas/flow.ts";
import { boardId } from "./boardIds.ts";
import type { Catalogue } from "./catalogue.ts";
import { titleOf } from "./names.ts";

/** In what of a node, note, group or edge the words stand. */
export type Where = "name" | "type" | "connector" | "expression" | "setting" | "notes" | "note" | "group" | "label";

export interface Finding {
  /** What it is found at: on the board, or an edge. */
  at: { kind: "board" | "edge"; id: string };
  title: string;
  where: Where;
  /** The words, with some of what stands around them. */
  excerpt: string;
}

/** What an excerpt shows before and after the words. */
const AROUND = { before: 24, after: 60 };

/** Everywhere in the flow where the text stands, best first: names, then types, then what is inside. Each place once. */
export function findIn(flow: Flow, catalogue: Catalogue, text: string): Finding[] {
  const sought = text.trim().toLowerCase();
  if (sought === "") return [];
  return [...searched(flow, catalogue)]
    .filter(({ excerpt }) => excerpt.toLowerCase().includes(sought))
    .sort((a, b) => rank(a.where) - rank(b.where))
    .filter(firstOfPlace())
    .map((finding) => ({ ...finding, excerpt: around(finding.excerpt, sought) }));
}

const order: readonly Where[] = ["name", "group", "label", "type", "connector", "expression", "setting", "notes", "note"];
const rank = (where: Where): number => order.indexOf(where);

function firstOfPlace(): (finding: Finding) => boolean {
  const seen = new Set<string>();
  return ({ at }) => {
    const place = `${at.kind} ${at.id}`;
    return seen.has(place) ? false : Boolean(seen.add(place));
  };
}

/** Every text of a flow that a person may look for, with `excerpt` whole. */
function* searched(flow: Flow, { manifests, connectors }: Catalogue): Generator<Finding> {
  const titles = new Map(flow.nodes.map((node) => [node.id, titleOf(node, manifests)]));
  for (const node of flow.nodes) {
    const manifest = manifests.get(node.type);
    const connector = manifest?.connector;
    const found = (where: Where, excerpt: string): Finding => ({
      at: { kind: "board", id: node.id },
      title: titleOf(node, manifests),
      where,
      excerpt,
    });
    yield found("name", [titleOf(node, manifests), node.id].join(" · "));
    yield found("type", [node.type, manifest?.title ?? ""].join(" · "));
    if (connector) yield found("connector", [connector, connectors.get(connector)?.title ?? "", node.slot ?? ""].join(" · "));
    if (node.notes) yield found("notes", node.notes);
    for (const [path, value] of textsIn(node.config ?? {}))
      yield found(isExpression(manifest?.config, path) ? "expression" : "setting", value);
  }
  for (const note of flow.layout?.notes ?? []) {
    const [line = ""] = note.text.split("\n");
    yield { at: { kind: "board", id: boardId({ kind: "note", id: note.id }) }, title: line, where: "note", excerpt: note.text };
  }
  for (const group of flow.layout?.groups ?? []) {
    const id = boardId({ kind: "group", id: group.id });
    yield { at: { kind: "board", id }, title: group.title, where: "group", excerpt: group.title };
  }
  for (const { id, from, to } of flow.edges) {
    const label = flow.layout?.edges?.[id]?.label;
    const title = [titles.get(from.node) ?? from.node, titles.get(to.node) ?? to.node].join(" → ");
    if (label) yield { at: { kind: "edge", id }, title, where: "label", excerpt: label };
  }
}

/** Every text and number inside a value, with the name of the setting it lies in. */
function* textsIn(config: Readonly<Record<string, unknown>>): Generator<[name: string, text: string]> {
  for (const [name, value] of Object.entries(config)) for (const text of leaves(value)) yield [name, text];
}

function* leaves(value: unknown): Generator<string> {
  if (typeof value === "string" || typeof value === "number") yield String(value);
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) yield* leaves(part);
}

/** True when the setting, or what lies in it, is JSONata. */
const isExpression = (schema: Record<string, unknown> | undefined, name: string): boolean => {
  const properties = schema?.properties;
  const property = typeof properties === "object" && properties !== null ? Reflect.get(properties, name) : undefined;
  return JSON.stringify(property ?? {}).includes('"jsonata"');
};

/** One line around the words. */
function around(text: string, sought: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const at = Math.max(0, line.toLowerCase().indexOf(sought.replaceAll(/\s+/g, " ")));
  const start = Math.max(0, at - AROUND.before);
  const end = at + sought.length + AROUND.after;
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}
