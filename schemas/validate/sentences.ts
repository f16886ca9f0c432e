import type { ErrorObject } from "ajv/dist/2020.js";
import { pointerOf } from "../pointer.ts";
import type { Mention, Words } from "../problem.ts";
import { cronFault } from "./timeFormats.ts";
import { list, listed, quote, suggested, suggestion } from "./wording.ts";
import { words } from "./words.ts";

/** Properties are mentioned by their pointer from the value that the sentence is about. */
export interface Wording {
  predicate: string | Words;
  hint?: string | Words;
}

const property = (name: unknown): Mention => ({ text: quote(name), part: pointerOf(String(name)) });

const typeNames: Record<string, string> = {
  object: "an object",
  array: "a list",
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? `the text ${quote(value)}` : quote(value);
}

/** Patterns of our own schemas, in words; others are shown as they stand. */
const patterns: Record<string, string> = {
  "^[A-Za-z][A-Za-z0-9_-]{0,63}$": "must start with a letter and have at most 64 letters, digits, hyphens and underscores",
  "^[a-z][a-z0-9-]{0,63}$": "must start with a small letter and have at most 64 small letters, digits and hyphens",
  "^[a-z][A-Za-z0-9-]*(\\.[a-z][A-Za-z0-9]*)?$": 'must be a node type, such as "map" or "netsuite.upsertSalesOrder"',
  "^\\d+\\.\\d+\\.\\d+$": 'must be a version of three numbers, such as "1.0.0"',
  "^[A-Za-z0-9._-]+\\.jsonata$": "must name a .jsonata file",
};

const count = (n: unknown, one: string, many: string): string => `${String(n)} ${n === 1 ? one : many}`;

type Params = Record<string, unknown>;
type Describe = (error: ErrorObject, params: Params) => Wording;

const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const mustBe = (what: string, error: ErrorObject): Wording => ({ predicate: `must be ${what}, but is ${quote(error.data)}` });

function oneOf(allowed: readonly unknown[], error: ErrorObject): Wording {
  const known = allowed.map(String);
  const predicate = `must be ${known.length === 1 ? quote(allowed[0]) : `one of ${list(known, "or")}`}, but is ${quote(error.data)}`;
  const meant = typeof error.data === "string" && known.length > 1 ? suggestion(error.data, known, "values") : undefined;
  return meant?.startsWith("Did") ? { predicate, hint: meant } : { predicate };
}

function unknownProperty(name: unknown, error: ErrorObject): Wording {
  const properties = error.parentSchema?.properties;
  const known = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return {
    predicate: `has a property ${quote(name)} that is not known`,
    hint: suggested(String(name), known, "properties", property),
  };
}

/** Of a `oneOf` of which several branches hold, each asking for one property: their names. */
function requiredTogether({ schema, params }: ErrorObject): string[] {
  const passing: unknown = params.passingSchemas;
  if (!Array.isArray(passing) || !Array.isArray(schema)) return [];
  return passing.flatMap((index) => names(schema[Number(index)]?.required));
}

const bound = (words: string): Describe => {
  return (error, { limit }) => mustBe(`${words} ${String(limit)}`.trim(), error);
};

const describe: Record<string, Describe> = {
  type: (error, { type }) => {
    const wanted = (Array.isArray(type) ? type : [type]).map((name) => typeNames[String(name)] ?? String(name));
    return { predicate: `must be ${wanted.join(" or ")}, but is ${typeOf(error.data)}` };
  },
  required: (_error, { missingProperty }) => ({
    predicate: words`has no ${property(missingProperty)}`,
    hint: words`Add ${property(missingProperty)}.`,
  }),
  dependentRequired: (_error, { missingProperty, property: other }) => ({
    predicate: words`has no ${property(missingProperty)}, which ${property(other)} needs`,
  }),
  additionalProperties: (error, { additionalProperty }) => unknownProperty(additionalProperty, error),
  unevaluatedProperties: (error, { unevaluatedProperty }) => unknownProperty(unevaluatedProperty, error),
  propertyNames: (_error, { propertyName }) => ({
    predicate: `has a property ${quote(propertyName)}, a name that is not allowed`,
  }),
  enum: (error, { allowedValues }) => oneOf(Array.isArray(allowedValues) ? allowedValues : [], error),
  const: (error, { allowedValue }) => oneOf([allowedValue], error),
  pattern: (error, { pattern }) => ({
    predicate: `${patterns[String(pattern)] ?? `must match ${String(pattern)}`}, but is ${quote(error.data)}`,
  }),
  format: (error, { format }) =>
    format === "cron"
      ? { predicate: `is no schedule: ${cronFault(String(error.data))}` }
      : mustBe(`a valid ${String(format)}`, error),
  minLength: (error, { limit }) =>
    error.data === "" ? { predicate: "is empty" } : mustBe(`at least ${count(limit, "character", "characters")} long`, error),
  maxLength: (error, { limit }) => ({
    predicate: `is longer than ${count(limit, "character", "characters")}${typeof error.data === "string" ? ` (${error.data.length})` : ""}`,
  }),
  minimum: bound("at least"),
  maximum: bound("at most"),
  exclusiveMinimum: bound("more than"),
  exclusiveMaximum: bound("less than"),
  multipleOf: (error, { multipleOf }) => mustBe(`a multiple of ${String(multipleOf)}`, error),
  minItems: (_error, { limit }) => ({ predicate: `must have at least ${count(limit, "entry", "entries")}` }),
  maxItems: (_error, { limit }) => ({ predicate: `must have at most ${count(limit, "entry", "entries")}` }),
  minProperties: (_error, { limit }) => ({ predicate: `must have at least ${count(limit, "property", "properties")}` }),
  maxProperties: (_error, { limit }) => ({ predicate: `must have at most ${count(limit, "property", "properties")}` }),
  uniqueItems: (_error, { i, j }) => ({ predicate: `has the same entry twice, at ${String(j)} and ${String(i)}` }),
  contains: () => ({ predicate: "has no entry of the kind that is needed" }),
  not: (error) => ({ predicate: `must not be ${quote(error.data)}` }),
  anyOf: (error, { values, kinds, missing }) => {
    if (Array.isArray(values)) return oneOf(values, error);
    const together = requiredTogether(error).map(property);
    if (together.length > 1)
      return {
        predicate: words`has ${listed(together)}, of which only one may stand`,
        hint: words`Take ${listed(together, "or")} away.`,
      };
    const needed = names(missing).map(property);
    if (needed.length > 0)
      return { predicate: words`has neither ${listed(needed, "nor")}`, hint: words`Add ${listed(needed, "or")}.` };
    const known = names(kinds);
    return {
      predicate: known.length > 0 ? `must be of one of the kinds ${list(known, "or")}` : "has none of the forms allowed here",
    };
  },
};

/** What is wrong in an ajv error (made with `verbose`), as the end of a sentence. */
export function predicate(error: ErrorObject): Wording {
  const keyword = error.keyword === "oneOf" ? "anyOf" : error.keyword;
  const worded = Object.hasOwn(describe, keyword) ? describe[keyword] : undefined;
  return worded?.(error, error.params as Params) ?? { predicate: `breaks the rule "${error.keyword}" of its schema` };
}
