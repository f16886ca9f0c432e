import type { InstalledConnector } from "../api/queries.ts";
import { allEntries } from "./mapping.ts";
import { originsOf, readsOf } from "./origins.ts";
import { keyOf, type Path } from "./path.ts";
import { readMapping } from "./read.ts";
import { anyField, openTarget, type TargetField } from "./target.ts";

/** What an operation reads of its item: the fields that its request is made of, without types, for it names none. */
export function targetOfOperation({ connector, mappings }: InstalledConnector, name: string): TargetField {
  const operation = connector.operations[name];
  const texts = [...textsIn(operation), ...bodyFilesIn(operation).flatMap((file) => mappings[file] ?? [])];
  const read = texts.map(readsOfText);
  const lists = new Set(read.flatMap((one) => one.lists.map(keyOf)));
  const root: Draft = new Map();
  for (const { paths } of read) for (const path of paths) add(root, path);
  return { ...openTarget, children: fieldsOf(root, [], lists) };
}

type Draft = Map<string, Draft>;

function add(draft: Draft, path: Path): void {
  let here = draft;
  for (const name of path) {
    const inner = here.get(name) ?? new Map<string, Draft>();
    here.set(name, inner);
    here = inner;
  }
}

const fieldsOf = (draft: Draft, outer: Path, lists: ReadonlySet<string>): TargetField[] =>
  [...draft].map(([name, inner]) => {
    const path = [...outer, name];
    const children = fieldsOf(inner, path, lists);
    const field = { ...anyField(path), list: lists.has(keyOf(path)), children };
    return children.length > 0 ? { ...field, kinds: new Set(["object"] as const) } : field;
  });

interface Reads {
  paths: Path[];
  /** What is gone through member by member. */
  lists: Path[];
}

/** The fields of the item that an expression reads; nothing of one that cannot be read. */
function readsOfText(text: string): Reads {
  const reading = readMapping(text);
  if (reading.kind === "unreadable" || reading.kind === "empty") return { paths: [], lists: [] };
  const origins = originsOf(text);
  const paths = readsOf(origins, { from: 0, to: text.length }).filter(([first]) => !first?.startsWith("$"));
  if (reading.kind === "other") return { paths, lists: [] };
  const lists = [...allEntries(reading.mapping.root)].flatMap(({ entry }) => {
    const list = entry.made?.each?.list;
    return list ? readsOf(origins, list) : [];
  });
  return { paths, lists };
}

/** Parts of a request that are an expression as a whole. */
const wholes = new Set(["body", "variables"]);
/** What is about answers, not about the item. */
const elsewhere = new Set(["idempotency", "success", "result", "errors", "until", "decode", "query"]);

const hasParts = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

/** Every expression in an operation that sees the item: whole ones, and those that stand in `{{ }}`. */
function textsIn(part: unknown, name = ""): string[] {
  if (typeof part === "string") {
    if (wholes.has(name) || name === "documentKey") return [part];
    return [...part.matchAll(/\{\{([\s\S]*?)\}\}/g)].flatMap(([, inner]) => inner ?? []);
  }
  if (!hasParts(part)) return [];
  return Object.entries(part).flatMap(([key, inner]) => (elsewhere.has(key) && name !== "request" ? [] : textsIn(inner, key)));
}

function bodyFilesIn(part: unknown, name = ""): string[] {
  if (typeof part === "string") return name === "bodyFile" ? [part] : [];
  return hasParts(part) ? Object.entries(part).flatMap(([key, inner]) => bodyFilesIn(inner, key)) : [];
}
