import { asName } from "../expression/tokens.ts";
import type { Level } from "./edit.ts";
import type { Entry, Frame, Made, Mapping } from "./mapping.ts";
import type { Origins } from "./origins.ts";
import { isWithin, keyOf, type Path, samePath } from "./path.ts";
import type { SourceField } from "./source.ts";
import type { TargetField } from "./target.ts";

/** What stands for a part of the input at a place of the expression. */
export interface Place {
  via: string;
  /** Which part; null where that cannot be told. */
  origin: Path | null;
}

/** What is at hand inside an object of the mapping. */
export const placesOf = (frames: readonly Frame[], origins: Origins): Place[] =>
  frames.map(({ via, origin }) => {
    if (origin === null) return { via, origin: [] };
    const [only, more] = origins.get(origin) ?? [];
    return { via, origin: only && !more ? only : null };
  });

const atStart: readonly Place[] = [{ via: "", origin: [] }];

/** How plain names are moved into a list: they stand for its members then, and `$$` for the input. */
const movedInto = (places: readonly Place[], list: Path): Place[] => {
  const outer = places.filter(({ via }) => via !== "");
  const input: Place[] = outer.some(({ via }) => via === "$$") ? [] : [{ via: "$$", origin: [] }];
  return [...input, ...outer, { via: "", origin: list }];
};

const isVariable = (name: string | undefined): boolean => name?.startsWith("$") ?? false;

/** Fields of the source by the key of their path. */
export type Fields = ReadonlyMap<string, SourceField>;

/**
 * A field of the source as it is written at a place. A list on the way that is not gone through there gives its first
 * member, unless all are wanted.
 */
export function referenceTo(path: Path, places: readonly Place[], fields: Fields, all: boolean): string {
  if (isVariable(path[0])) return path.map((name, index) => (index === 0 ? name : asName(name))).join(".");
  const fitting = places.filter(({ origin }) => origin !== null && isWithin(path, origin));
  const nearest = fitting.reduce<Place | undefined>(
    (best, one) => ((one.origin?.length ?? 0) >= (best?.origin?.length ?? -1) ? one : best),
    undefined,
  );
  const { via, origin } = nearest ?? { via: "$$", origin: [] };
  const begun = origin?.length ?? 0;
  const steps = path.slice(begun).map((name, index) => {
    const list = fields.get(keyOf(path.slice(0, begun + index + 1)))?.list ?? false;
    return asName(name) + (list && !all ? "[0]" : "");
  });
  if (steps.length === 0) return via === "" ? "$" : via;
  return via === "" ? steps.join(".") : [via, ...steps].join(".");
}

/** The first list on the way to a field that lies deeper than what is gone through already; the field itself counts. */
function nextList(path: Path, places: readonly Place[], fields: Fields): Path | undefined {
  const begun = Math.max(0, ...places.map(({ origin }) => (origin && isWithin(path, origin) ? origin.length : 0)));
  for (let depth = begun + 1; depth <= path.length; depth += 1) {
    const way = path.slice(0, depth);
    if (fields.get(keyOf(way))?.list) return way;
  }
  return undefined;
}

/** What a source is mapped with: the way to its target, what is at hand there, and what stands there already. */
export interface Landing {
  levels: Level[];
  places: readonly Place[];
}

/**
 * The way to a target for a value that comes from `from`. Arrays that are not there yet go through the list that the source
 * is in; one that comes from no list gets one member.
 */
export function landingOf(
  target: TargetField,
  trail: readonly TargetField[],
  from: Path | undefined,
  mapping: Mapping | undefined,
  origins: Origins,
  fields: Fields,
): Landing {
  let made: Made | null | undefined = mapping?.root;
  let places: readonly Place[] = made ? placesOf(made.frames, origins) : atStart;
  const levels: Level[] = [];
  for (const field of [...trail, target]) {
    const entry: Entry | undefined = made?.entries.find(({ name }) => name === field.name);
    made = entry?.made ?? null;
    const isLast = samePath(field.path, target.path);
    if (isLast) levels.push({ name: field.name });
    else if (made) {
      levels.push({ name: field.name });
      places = placesOf(made.frames, origins);
    } else {
      const list: Path | undefined = field.list && from ? nextList(from, places, fields) : undefined;
      if (list) {
        levels.push({ name: field.name, list: referenceTo(list, places, fields, true) });
        places = movedInto(places, list);
      } else levels.push(field.list ? { name: field.name, list: "$" } : { name: field.name });
    }
  }
  return { levels, places };
}

/** What is done to a source so that it fits its target. */
export type Conversion = "none" | "decimal" | "text" | "number" | "boolean" | "time" | "list" | "members";

const isoInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$/;
const isoDate = /^\d{4}-\d{2}-\d{2}$/;
/** Seconds since 1970 are smaller, milliseconds larger, for the next centuries and since 1973. */
const MILLIS_FROM = 100_000_000_000;

/** The text that gives a target the value of a source, and what was done to make it fit. */
export function valueFrom(
  source: SourceField,
  target: TargetField,
  places: readonly Place[],
  fields: Fields,
): { text: string; conversion: Conversion } {
  const all = target.list;
  const text = referenceTo(source.path, places, fields, all);
  if (target.list) {
    const objects = source.kinds.has("object") && target.kinds.has("object");
    return objects && source.list ? { text: `[${text}.{}]`, conversion: "members" } : { text: `[${text}]`, conversion: "list" };
  }
  const conversion = conversionOf(source, target);
  return { text: converted(text, conversion, source), conversion };
}

/** A scalar source as what the target wants; what fits already, or what nobody knows, stays. */
export function conversionOf(source: SourceField, target: TargetField): Conversion {
  const has = (kind: "text" | "number" | "boolean") => source.kinds.has(kind);
  const wants = (kind: "text" | "number" | "boolean") => target.kinds.has(kind);
  if (target.kinds.size === 0 || source.kinds.has("object")) return "none";
  if (target.form === "decimal") return "decimal";
  if (target.form === "instant") return source.examples.every((one) => isoInstant.test(String(one))) ? "none" : "time";
  if (has("number") && !wants("number") && wants("text")) return "text";
  if (has("boolean") && !wants("boolean") && wants("text")) return "text";
  if (has("text") && !wants("text") && wants("number")) return "number";
  if (has("text") && !wants("text") && wants("boolean")) return "boolean";
  return "none";
}

function converted(text: string, conversion: Conversion, { kinds, examples }: SourceField): string {
  switch (conversion) {
    case "decimal":
      return `$dec(${text})`;
    case "text":
      // Null would become the text "null".
      return kinds.has("null") ? `${text} != null ? $string(${text})` : `$string(${text})`;
    case "number":
      return `$number(${text})`;
    case "boolean":
      return `${text} = "true"`;
    case "time":
      if (examples.length > 0 && examples.every((one) => typeof one === "number"))
        return examples.every((one) => Number(one) >= MILLIS_FROM) ? `$fromMillis(${text})` : `$fromMillis(${text} * 1000)`;
      if (examples.length > 0 && examples.every((one) => isoDate.test(String(one)))) return `${text} & "T00:00:00Z"`;
      return `$fromMillis($toMillis(${text}))`;
    default:
      return text;
  }
}
