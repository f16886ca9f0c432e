import { isObject } from "../isObject.ts";
import { escapePointer } from "../pointer.ts";

type Schema = Readonly<Record<string, unknown>>;

/** What a schema says of itself, and not of documents. */
const ANNOTATIONS = new Set(["$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated"]);

/** Bounds below which, and above which, nothing is good. */
const LOWER = new Set(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"]);
const UPPER = new Set(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"]);

/**
 * The places, as JSON pointers into the schema `before`, at which schema `after` may refuse what `before` lets through; none where whatever is
 * good by the one is good by the other. What it cannot tell, such as a pattern that was written otherwise, counts as narrower.
 */
export function narrowerPlaces(before: Schema, after: Schema): string[] {
  return [...new Set(placesOf(before, after, ""))];
}

function placesOf(before: unknown, after: unknown, pointer: string): string[] {
  if (JSON.stringify(before) === JSON.stringify(after) || after === true) return [];
  if (!isObject(before) || !isObject(after)) return before === false ? [] : [pointer];
  return Object.keys(after).flatMap((keyword) => {
    if (ANNOTATIONS.has(keyword)) return [];
    const [old, now] = [own(before, keyword), own(after, keyword)];
    const at = `${pointer}/${escapePointer(keyword)}`;
    if (keyword === "properties") return propertyPlaces(before, now, at);
    // Reached by a `$ref` alone, and the same `$ref` is compared here.
    if (keyword === "$defs") return childPlaces(old, now, at);
    if (keyword === "items") return placesOf(old ?? true, now, at);
    if (keyword === "additionalProperties") return [...placesOf(old ?? true, now, at), ...forgotten(before, after, pointer)];
    return isNarrower(keyword, old, now) ? [at] : [];
  });
}

/** Fields that `before` has and `after` does not, where `after` takes no others than its own. */
function forgotten(before: Schema, after: Schema, pointer: string): string[] {
  if (own(after, "additionalProperties") === true) return [];
  const known = namesOf(own(after, "properties"));
  return namesOf(own(before, "properties")).flatMap((name) =>
    known.includes(name) ? [] : [`${pointer}/properties/${escapePointer(name)}`],
  );
}

/** A field that `before` did not know was what its `additionalProperties` let it be. */
function propertyPlaces(before: Schema, now: unknown, pointer: string): string[] {
  const others = own(before, "additionalProperties") ?? true;
  const known = own(before, "properties");
  return namesOf(now).flatMap((name) => {
    const old = isObject(known) && Object.hasOwn(known, name) ? known[name] : others;
    return placesOf(old, own(now as Schema, name), `${pointer}/${escapePointer(name)}`);
  });
}

const childPlaces = (before: unknown, after: unknown, pointer: string): string[] =>
  namesOf(after).flatMap((name) =>
    isObject(before) && Object.hasOwn(before, name)
      ? placesOf(before[name], own(after as Schema, name), `${pointer}/${escapePointer(name)}`)
      : [],
  );

function isNarrower(keyword: string, before: unknown, after: unknown): boolean {
  if (JSON.stringify(before) === JSON.stringify(after)) return false;
  if (typeof before === "number" && typeof after === "number" && LOWER.has(keyword)) return after > before;
  if (typeof before === "number" && typeof after === "number" && UPPER.has(keyword)) return after < before;
  if (keyword === "required") return listOf(after).some((name) => !listOf(before).includes(name));
  if (before === undefined) return true;
  if (keyword === "enum") return listOf(before).some((value) => !listOf(after).includes(value));
  if (keyword === "type") return listOf(before).some((type) => !covers(listOf(after), type));
  return true;
}

const covers = (types: readonly string[], type: string): boolean =>
  types.includes(type) || (type === '"integer"' && types.includes('"number"'));

/** The members as comparable text; of one that stands alone too. */
const listOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map((each) => JSON.stringify(each));

const namesOf = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : []);
const own = (schema: Schema, name: string): unknown => (Object.hasOwn(schema, name) ? schema[name] : undefined);
