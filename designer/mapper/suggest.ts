import type { Kind } from "../expression/shape.ts";
import { isWithin, type Path } from "./path.ts";
import type { SourceField } from "./source.ts";
import { groupsOf, plainName, wordsOf } from "./synonyms.ts";
import type { TargetField } from "./target.ts";

/** Why a source is thought to fit a target. */
export type Reason = "sameName" | "synonym" | "withParent" | "likeName" | "sameParent" | "form" | "choices";

export interface Suggestion {
  target: TargetField;
  source: SourceField;
  /** From 0 to 1. */
  score: number;
  /** Good enough to be taken over with others at once. */
  sure: boolean;
  reasons: readonly Reason[];
}

/** Below this nobody would want to see it. */
const LEAST = 0.5;
/** From this on it is sure, if the next best is as far behind as `MARGIN`. */
const SURE = 0.85;
const MARGIN = 0.08;

/** A list of the target whose members come from a list of the source. */
export interface ListPair {
  target: Path;
  source: Path;
}

/** A name as it is compared. */
interface Name {
  plain: string;
  groups: ReadonlySet<number>;
  words: readonly string[];
}

interface Side<Field> {
  field: Field;
  name: Name;
  parent: Name | null;
  /** Parent and name together, as `total_tax` for `totals.tax`. */
  joined: string;
}

const nameOf = (text: string): Name => ({ plain: plainName(text), groups: groupsOf(text), words: wordsOf(text) });

const sideOf = <Field extends { path: Path; name: string }>(field: Field): Side<Field> => {
  const parent = field.path.at(-2);
  const singular = plainName(parent ?? "").replace(/s$/, "");
  return {
    field,
    name: nameOf(field.name),
    parent: parent === undefined ? null : nameOf(parent),
    joined: singular + plainName(field.name),
  };
};

/**
 * What could give the open targets their values, the best for each target. Inside a list of the target only fields of the
 * list that it goes through are offered.
 */
export function suggestionsFor(
  open: readonly TargetField[],
  sources: readonly SourceField[],
  pairs: readonly ListPair[],
): Suggestion[] {
  const prepared = sources.map(sideOf);
  const found = open.flatMap((target) => {
    const near = nearestPair(target.path, pairs);
    const fitting = near ? prepared.filter(({ field }) => isWithin(field.path, near.source)) : prepared;
    return bestOf(sideOf(target), fitting, near);
  });
  return once(found);
}

/** The innermost list that a target stands in. */
function nearestPair(path: Path, pairs: readonly ListPair[]): ListPair | undefined {
  return pairs
    .filter(({ target }) => path.length > target.length && isWithin(path, target))
    .reduce<ListPair | undefined>((best, one) => (one.target.length > (best?.target.length ?? -1) ? one : best), undefined);
}

function bestOf(target: Side<TargetField>, sources: readonly Side<SourceField>[], near: ListPair | undefined): Suggestion[] {
  let best: Suggestion | undefined;
  let second = 0;
  for (const source of sources) {
    const { score, reasons } = scoreOf(target, source, near);
    if (score < LEAST) continue;
    if (!best || score > best.score) {
      second = best?.score ?? 0;
      best = { target: target.field, source: source.field, score, sure: false, reasons };
    } else second = Math.max(second, score);
  }
  return best ? [{ ...best, sure: best.score >= SURE && best.score - second >= MARGIN }] : [];
}

/** A source is offered once: to the target that it fits best. */
function once(found: readonly Suggestion[]): Suggestion[] {
  const taken = new Map<string, Suggestion>();
  for (const one of found) {
    const other = taken.get(one.source.key);
    if (!other || one.score > other.score) taken.set(one.source.key, one);
  }
  return found.filter((one) => taken.get(one.source.key) === one);
}

const nothing = { score: 0, reasons: [] };

/** How well a source fits a target, and why. */
export function scoreOf(
  target: Side<TargetField>,
  source: Side<SourceField>,
  near: ListPair | undefined,
): { score: number; reasons: Reason[] } {
  if (!kindsFit(target.field, source.field)) return nothing;
  const name = nameScore(target, source);
  if (name.score === 0) return nothing;
  const value = valueScore(target.field, source.field);
  if (value.score === 0) return nothing;
  const parent = parentScore(target, source, near);
  const score = Math.min(1, name.score * parent.score * value.score);
  return { score, reasons: [name.reason, ...parent.reasons, ...value.reasons] };
}

function kindsFit({ kinds, list, children }: TargetField, source: SourceField): boolean {
  const has = (kind: Kind) => source.kinds.has(kind);
  if (has("object") !== children.length > 0 && kinds.size > 0) return false;
  if (list !== source.list) return false;
  if (kinds.size === 0 || source.kinds.size === 0 || children.length > 0) return true;
  if (kinds.has("text")) return has("text") || has("number") || onlyNull(source);
  if (kinds.has("number")) return has("number") || (has("text") && source.examples.every((one) => Number.isFinite(Number(one))));
  return kinds.has("boolean") ? has("boolean") : true;
}

const onlyNull = ({ kinds }: SourceField): boolean => kinds.size === 1 && kinds.has("null");

const shares = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean => {
  for (const one of a) if (b.has(one)) return true;
  return false;
};

const singular = (name: string): string => name.replace(/s$/, "");

function nameScore(target: Side<TargetField>, source: Side<SourceField>): { score: number; reason: Reason } {
  if (target.name.plain === source.name.plain) return { score: 1, reason: "sameName" };
  if (singular(target.joined) === singular(source.name.plain) || target.name.plain === source.joined)
    return { score: 0.98, reason: "withParent" };
  if (shares(target.name.groups, source.name.groups)) return { score: 0.92, reason: "synonym" };
  const common = target.name.words.filter((word) => source.name.words.includes(word)).length;
  const all = new Set([...target.name.words, ...source.name.words]).size;
  return common === 0 ? { score: 0, reason: "likeName" } : { score: 0.4 + (0.4 * common) / all, reason: "likeName" };
}

/** What stands around both: `zip` of the billing address is not the one of the shipping address. */
function parentScore(
  target: Side<TargetField>,
  source: Side<SourceField>,
  near: ListPair | undefined,
): { score: number; reasons: Reason[] } {
  const inTarget = near ? target.field.path.length - near.target.length > 1 : target.parent !== null;
  const inSource = near ? source.field.path.length - near.source.length > 1 : source.parent !== null;
  if (!inTarget && !inSource) return { score: 1, reasons: [] };
  if (inTarget && inSource && target.parent && source.parent) {
    const same = target.parent.plain === source.parent.plain || shares(target.parent.groups, source.parent.groups);
    return same ? { score: 1, reasons: ["sameParent"] } : { score: 0.55, reasons: [] };
  }
  if (inTarget)
    return isNamedIn(target.parent, source.name) ? { score: 0.95, reasons: ["sameParent"] } : { score: 0.8, reasons: [] };
  // Fields further inside are less likely what an outer one wants, the further the less.
  const depth = source.field.path.length - (near?.source.length ?? 0);
  return { score: Math.max(0.5, 0.85 - 0.1 * (depth - 2)), reasons: [] };
}

/** `total_price` speaks of `totals`. */
const isNamedIn = (parent: Name | null, { words }: Name): boolean =>
  parent?.words.some((word) => words.map(singular).includes(singular(word))) ?? false;

const forms: Readonly<Record<NonNullable<TargetField["form"]>, RegExp>> = {
  decimal: /^-?\d+(\.\d+)?$/,
  instant: /^\d{4}-\d{2}-\d{2}(T|$)|^\d{10}(\d{3})?$/,
  currency: /^[A-Z]{3}$/,
  country: /^[A-Z]{2}$/,
};

function valueScore({ form, choices, children }: TargetField, { examples }: SourceField): { score: number; reasons: Reason[] } {
  if (children.length > 0 || examples.length === 0) return { score: 1, reasons: [] };
  if (form)
    return examples.every((one) => forms[form].test(String(one)))
      ? { score: 1.05, reasons: ["form"] }
      : { score: 0, reasons: [] };
  if (choices.length === 0) return { score: 1, reasons: [] };
  return examples.every((one) => choices.includes(String(one)))
    ? { score: 1.05, reasons: ["choices"] }
    : { score: 0.6, reasons: [] };
}

/** Source fields for a list to choose from: those that fit best first, then the others in their order. */
export function rankedFor(target: TargetField, sources: readonly SourceField[]): SourceField[] {
  const wanted = sideOf(target);
  const scored = sources.map((source) => ({ source, score: scoreOf(wanted, sideOf(source), undefined).score }));
  return scored.toSorted((a, b) => b.score - a.score).map(({ source }) => source);
}
