import type { Fault } from "../expression/fault.ts";
import type { Token } from "../expression/tokens.ts";
import type { Range } from "../expression/tree.ts";
import { keyOf, type Path } from "./path.ts";

/** An expression as far as it makes an object field by field. Every part is a stretch of `text`: nothing is kept apart from it. */
export interface Mapping {
  text: string;
  /** Without comments. */
  tokens: readonly Token[];
  comments: readonly Token[];
  root: Made;
  /** Variables with what they are bound to. */
  bindings: readonly Bound[];
}

/** A variable of the expression, and what it is bound to. */
export interface Bound {
  name: string;
  range: Range;
}

/** A field that is given a value. */
export interface Entry extends Range {
  name: string;
  /** Which of the object's members it is. */
  index: number;
  value: Range;
  /** The object that the value makes, where it can be drawn; else the value stays text. */
  made: Made | null;
}

/** An object constructor, with what stands around it between the value's ends and its braces. */
export interface Made {
  /** The whole value: the braces and what is around them. */
  value: Range;
  /** From the opening brace to behind the closing one. */
  braces: Range;
  /** All members in their order, also those whose name is computed. */
  members: readonly Member[];
  entries: readonly Entry[];
  /** One object for each member of a list; null where it is one object. */
  each: Each | null;
  /** What plain names and variables stand for inside, the innermost last. */
  frames: readonly Frame[];
  /** What the object passes on its way to the field. */
  through: readonly Through[];
}

export interface Member extends Range {
  /** Where the comma behind it begins; null where there is none. */
  comma: number | null;
}

export interface Each {
  /** What is gone through; null where the list has this one member. */
  list: Range | null;
  /** Whether the result is an array also for one member. */
  keeps: boolean;
}

export interface Frame {
  /** How a field of it is begun: "" for plain names, `$$` for the input, `$line` for a variable. */
  via: string;
  /** The end of the name that stands for what is gone through; null for the input, -1 where it cannot be told. */
  origin: number | null;
}

/** What refuses an item instead of making an object of it: `condition ? $error("…") : { … }`, or the other way round. */
export interface Guard {
  condition: Range;
  /** The call of `$error`. */
  refusal: Range;
  /** It refuses where the condition holds; else where it does not. */
  refusesWhen: boolean;
}

export type Through =
  | { kind: "condition"; range: Range }
  | ({ kind: "guard" } & Guard)
  /** Made where a variable is bound: what else reads the variable changes too. */
  | { kind: "variable"; name: string; binding: Range }
  /** A function that leaves fields out. */
  | { kind: "function"; name: string };

export type Reading =
  | { kind: "drawn"; mapping: Mapping }
  /** Nothing is written yet. */
  | { kind: "empty" }
  /** It can be read, and makes no object field by field. */
  | { kind: "other" }
  | { kind: "unreadable"; fault: Fault };

/** Every field that is given a value, outer ones first. */
export function* allEntries(made: Made, path: Path = []): Generator<{ path: Path; entry: Entry; owner: Made }> {
  for (const entry of made.entries) {
    const own = [...path, entry.name];
    yield { path: own, entry, owner: made };
    if (entry.made) yield* allEntries(entry.made, own);
  }
}

/** All entries by the key of their path. */
export const entriesOf = ({ root }: Mapping): Map<string, { path: Path; entry: Entry; owner: Made }> =>
  new Map([...allEntries(root)].map((one) => [keyOf(one.path), one]));

/** What stands before the whole, the outermost first. */
export const guardsOf = ({ root }: Pick<Mapping, "root">): Guard[] =>
  root.through.flatMap((one) => (one.kind === "guard" ? [one] : []));

/** The text of a stretch. */
export const slice = ({ text }: Pick<Mapping, "text">, { from, to }: Range): string => text.slice(from, to);

/** The names of the fields that are made inside the object at a path; none where it is text or absent. */
export function madeNames({ root }: Mapping, path: Path): string[] {
  let made: Made | null | undefined = root;
  for (const name of path) made = made?.entries.find((one) => one.name === name)?.made;
  return made?.entries.map(({ name }) => name) ?? [];
}

/** Every variable whose value may change with some stretch of the text. */
export function variablesChangedBy(mapping: Mapping, changed: Range): Set<string> {
  const { bindings } = mapping;
  const names = new Set(
    bindings.flatMap(({ name, range }) => (range.from <= changed.from && changed.to <= range.to ? [name] : [])),
  );
  // A binding only reads variables that are bound before it.
  for (const { name, range } of bindings.toSorted((a, b) => a.range.from - b.range.from))
    if (readsVariable(mapping, range, names)) names.add(name);
  return names;
}

const readsVariable = ({ tokens }: Mapping, { from, to }: Range, names: ReadonlySet<string>): boolean =>
  tokens.some((token) => token.kind === "variable" && names.has(token.text) && token.from >= from && token.to <= to);

/** Other fields that read what a field's text is made in: its change changes them too. */
export function fieldsChangedWith(mapping: Mapping, path: Path): Path[] {
  const own = entriesOf(mapping).get(keyOf(path));
  if (!own) return [];
  const names = variablesChangedBy(mapping, own.entry);
  if (names.size === 0) return [];
  const around = own.owner.through.flatMap((one) => (one.kind === "variable" ? [one.binding] : []));
  return [...allEntries(mapping.root)].flatMap(({ path: other, entry }) => {
    const inside = around.some(({ from, to }) => entry.from >= from && entry.to <= to);
    const leadsHere = entry.made !== null && path.length > other.length && other.every((name, index) => path[index] === name);
    if (inside || leadsHere || entry.made) return [];
    return readsVariable(mapping, entry.value, names) ? [other] : [];
  });
}
