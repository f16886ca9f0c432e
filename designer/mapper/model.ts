import { type Change, changeFields, type Level } from "./edit.ts";
import { allEntries, type Entry, type Made, type Mapping, type Reading } from "./mapping.ts";
import { type Origins, originsOf, readsOf } from "./origins.ts";
import { isWithin, keyOf, type Path, samePath } from "./path.ts";
import { readMapping } from "./read.ts";
import { type Conversion, type Fields, landingOf, valueFrom } from "./reference.ts";
import { fieldsByKey, type SourceField } from "./source.ts";
import { type ListPair, type Suggestion, suggestionsFor } from "./suggest.ts";
import { type Coverage, coverageOf, type Given, givenTo, type TargetField, withExtras } from "./target.ts";

/** All that the mapper shows of an expression, made from its text, the samples and the target. */
export interface Model {
  text: string;
  reading: Reading;
  mapping: Mapping | undefined;
  origins: Origins;
  target: TargetField;
  sources: readonly SourceField[];
  fields: Fields;
  entries: ReadonlyMap<string, { path: Path; entry: Entry; owner: Made }>;
  /** From which source fields each target field is made, by the target's key. */
  reads: ReadonlyMap<string, readonly Path[]>;
  coverage: Coverage;
}

const none: Origins = new Map();

export function modelOf(text: string, target: TargetField, sources: readonly SourceField[]): Model {
  const reading = readMapping(text);
  const mapping = reading.kind === "drawn" ? reading.mapping : undefined;
  const origins = mapping ? originsOf(text) : none;
  const entries = new Map(mapping ? [...allEntries(mapping.root)].map((one) => [keyOf(one.path), one]) : []);
  const reads = new Map<string, readonly Path[]>();
  for (const [key, { entry }] of entries) {
    const range = entry.made ? entry.made.each?.list : entry.value;
    const found = range ? readsOf(origins, range) : [];
    if (found.length > 0) reads.set(key, found);
  }
  const all = withExtras(target, mapping);
  const fields = fieldsByKey(sources);
  return { text, reading, mapping, origins, target: all, sources, fields, entries, reads, coverage: coverageOf(target, mapping) };
}

/** The fields from the outermost to the one around a target. */
export function trailOf(target: TargetField, path: Path): TargetField[] {
  const trail: TargetField[] = [];
  let here: TargetField | undefined = target;
  for (const name of path.slice(0, -1)) {
    here = here?.children.find((one) => one.name === name);
    if (here) trail.push(here);
  }
  return trail;
}

export const fieldAt = (target: TargetField, path: Path): TargetField | undefined =>
  path.reduce<TargetField | undefined>((here, name) => here?.children.find((one) => one.name === name), target);

export const givenIn = ({ mapping }: Model, { path }: TargetField): Given => givenTo(mapping, path);

/** What was made of a gesture. */
export interface Done {
  text: string;
  conversion: Conversion;
  /** Fields that were given a value. */
  count: number;
}

/**
 * Maps a source onto a target. An object onto an object, and a list onto a list, map the fields inside that go together.
 * Undefined where the target stands inside a field that an expression gives as a whole.
 */
export function mapField(model: Model, source: SourceField, target: TargetField): Done | undefined {
  const { levels, places } = landingFor(model, target, source.path);
  const { text: value, conversion } = valueFrom(source, target, places, model.fields);
  const inside = target.children.length > 0 && source.kinds.has("object") && source.list === target.list;
  const begun = inside && !target.list ? "{}" : value;
  // What refuses an item stays: the fields behind it are mapped where they are.
  const guarded = inside && model.entries.get(target.key)?.entry.made?.through.some(({ kind }) => kind === "guard");
  const first = guarded ? { text: model.text, refused: [] } : changeFields(model.text, [{ levels, value: begun }]);
  if (first.refused.length > 0) return undefined;
  if (!inside) return { text: first.text, conversion, count: 1 };
  const next = modelOf(first.text, model.target, model.sources);
  const fitting = suggestAll(next).filter(
    (one) => isWithin(one.target.path, target.path) && isWithin(one.source.path, source.path) && one.target.children.length === 0,
  );
  if (fitting.length === 0) {
    if (guarded) return undefined;
    const whole = target.list ? first.text : changeFields(model.text, [{ levels, value }]).text;
    return { text: whole, conversion, count: 1 };
  }
  return { text: acceptAll(next, fitting), conversion, count: fitting.length };
}

/** What a gesture has to know. */
type Ground = Pick<Model, "text" | "mapping" | "origins" | "target" | "fields">;

const landingFor = ({ mapping, origins, target: root, fields }: Ground, target: TargetField, from: Path | undefined) =>
  landingOf(target, trailOf(root, target.path), from, mapping, origins, fields);

/** Writes a field's expression as it was typed. */
export function writeField(model: Model, target: TargetField, value: string): string | undefined {
  const { levels } = landingFor(model, target, undefined);
  const { text, refused } = changeFields(model.text, [{ levels, value }]);
  return refused.length > 0 ? undefined : text;
}

/** Takes a field's value away. */
export function unmapField({ text }: Model, path: Path): string | undefined {
  const change: Change = { path, value: null };
  const done = changeFields(text, [change]);
  return done.refused.length > 0 ? undefined : done.text;
}

/** Adds a field that the target does not know, under an object of the mapping. */
export function addField(model: Model, under: Path, name: string, value: string): string | undefined {
  const levels: Level[] = [...under, name].map((one) => ({ name: one }));
  const { text, refused } = changeFields(model.text, [{ levels, value }]);
  return refused.length > 0 ? undefined : text;
}

/** Lists of the target that go through one list of the source. */
export function pairsOf({ entries, reads }: Pick<Model, "entries" | "reads">): ListPair[] {
  return [...entries].flatMap(([key, { path, entry }]) => {
    const [only, more] = entry.made?.each ? (reads.get(key) ?? []) : [];
    return only && !more ? [{ target: path, source: only }] : [];
  });
}

/** Suggestions for all that has no value yet: lists first, then what is in them and beside them. */
export function suggestAll(model: Model): Suggestion[] {
  const open = openFields(model);
  const all = [...model.fields.values()];
  const pairs = pairsOf(model);
  const found: Suggestion[] = [];
  const lists = open.filter(({ list, children }) => list && children.length > 0);
  for (const list of lists.toSorted((a, b) => a.path.length - b.path.length)) {
    if (outerLists(model.target, list.path).some((outer) => !pairs.some(({ target }) => samePath(target, outer)))) continue;
    const [best] = suggestionsFor([list], all, pairs);
    if (!best) continue;
    found.push(best);
    pairs.push({ target: list.path, source: best.source.path });
  }
  const leaves = open.filter(
    ({ path, children }) =>
      children.length === 0 &&
      outerLists(model.target, path).every((outer) => pairs.some(({ target }) => samePath(target, outer))),
  );
  const offered = all.filter(({ kinds }) => !kinds.has("object"));
  // What is read already is seldom meant twice.
  const read = new Set([...model.reads.values()].flatMap((paths) => paths.map(keyOf)));
  const suggested = suggestionsFor(leaves, offered, pairs);
  return [...found, ...suggested.map((one) => (read.has(one.source.key) ? { ...one, sure: false } : one))];
}

/** The lists that a field stands in. */
const outerLists = (target: TargetField, path: Path): Path[] =>
  trailOf(target, path)
    .filter(({ list }) => list)
    .map((field) => field.path);

/** Fields without a value, whose place is not taken by an expression for the whole. */
function openFields(model: Model): TargetField[] {
  const open: TargetField[] = [];
  const look = (field: TargetField): void => {
    const given = givenIn(model, field);
    if (given === "own" || given === "outer") return;
    if (given === "none") open.push(field);
    for (const child of field.children) look(child);
  };
  for (const field of model.target.children) look(field);
  return open;
}

/** The text with suggestions taken over; a list that is not begun by a field inside it is begun by itself. */
export function acceptAll(model: Model, suggestions: readonly Suggestion[]): string {
  const inner = suggestions.filter(({ target }) => target.children.length === 0);
  const outer = suggestions.filter(({ target }) => target.children.length > 0);
  const afterInner = inner.reduce(acceptOne, model as Ground);
  const left = outer.filter(({ target }) => givenTo(afterInner.mapping, target.path) === "none");
  return left.reduce(acceptOne, afterInner).text;
}

function acceptOne(ground: Ground, { source, target }: Suggestion): Ground {
  const { levels, places } = landingFor(ground, target, source.path);
  const { text: value } = valueFrom(source, target, places, ground.fields);
  const { text } = changeFields(ground.text, [{ levels, value }]);
  const reading = readMapping(text);
  const mapping = reading.kind === "drawn" ? reading.mapping : undefined;
  return { ...ground, text, mapping, origins: mapping ? originsOf(text) : none };
}

/** Keeps an expression that is no object as a variable, and begins an object beside it. */
export const wrapped = (text: string): string => `(\n  $before := ${text.trim()};\n  {}\n)`;
