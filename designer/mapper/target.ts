import { isObject } from "#schemas/isObject.ts";
import type { Kind } from "../expression/shape.ts";
import { type Mapping, madeNames } from "./mapping.ts";
import { keyOf, type Path } from "./path.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A field that the mapping can give a value. */
export interface TargetField {
  path: Path;
  key: string;
  name: string;
  title: string;
  description: string | undefined;
  /** Empty where anything may stand. */
  kinds: ReadonlySet<Kind>;
  list: boolean;
  /** Of the object it stands in. */
  required: boolean;
  choices: readonly string[];
  /** The one value that it can have, where there is such a one. */
  constant: string | undefined;
  /** `decimal`: an amount as text; `instant`: a time with an offset. */
  form: "decimal" | "instant" | "currency" | "country" | undefined;
  /** Not in the schema, but written in the expression. */
  extra: boolean;
  children: readonly TargetField[];
}

/** The fields of a JSON Schema; `$ref` inside it is followed. */
export function targetOf(schema: Schema): TargetField {
  return fieldOf(schema, schema, [], false, []);
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Schemas refer to themselves: no deeper than this. */
const DEEPEST = 12;

/** A schema with what it refers to, the choices beside null resolved: title and description nearest to the field win. */
function resolved(
  schema: Schema,
  root: Schema,
  trail: readonly string[],
): { schema: Schema; nullable: boolean; trail: readonly string[] } {
  const ref = textOf(schema.$ref);
  if (ref?.startsWith("#/") && !trail.includes(ref)) {
    const named: unknown = ref
      .slice(2)
      .split("/")
      .reduce<unknown>((part, name) => (isObject(part) ? part[name] : undefined), root);
    if (isObject(named)) {
      const { $ref: _, ...own } = schema;
      return resolved({ ...named, "x-ref": ref, ...own }, root, [...trail, ref]);
    }
  }
  const options = [schema.anyOf, schema.oneOf].find(Array.isArray)?.filter(isObject) ?? [];
  const real = options.filter(({ type }) => type !== "null");
  const [only] = real;
  if (only && real.length === 1) {
    const { anyOf: _, oneOf: __, ...own } = schema;
    const inner = resolved({ ...only, ...own }, root, trail);
    return { ...inner, nullable: inner.nullable || options.length > 1 };
  }
  return { schema, nullable: false, trail };
}

function fieldOf(given: Schema, root: Schema, path: Path, required: boolean, trail: readonly string[]): TargetField {
  const { schema, nullable, trail: deeper } = resolved(given, root, trail);
  const types = [schema.type].flat().filter((type) => typeof type === "string");
  const list = types.includes("array");
  const inner = list && isObject(schema.items) ? resolved(schema.items, root, deeper) : { schema, nullable, trail: deeper };
  const name = path.at(-1) ?? "";
  return {
    path,
    key: keyOf(path),
    name,
    title: textOf(schema.title) ?? name,
    description: textOf(schema.description),
    kinds: kindsOf(inner.schema, nullable || inner.nullable || types.includes("null")),
    list,
    required,
    choices: Array.isArray(inner.schema.enum) ? inner.schema.enum.filter((one) => typeof one === "string") : [],
    constant: constantOf(inner.schema, root, path),
    form: formOf(inner.schema, name),
    extra: false,
    children: path.length < DEEPEST ? childrenOf(inner.schema, root, path, inner.trail) : [],
  };
}

function childrenOf(schema: Schema, root: Schema, path: Path, trail: readonly string[]): TargetField[] {
  if (!isObject(schema.properties)) return [];
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    isObject(property) ? [fieldOf(property, root, [...path, name], required.has(name), trail)] : [],
  );
}

const kindNames: Readonly<Record<string, Kind>> = {
  string: "text",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
  object: "object",
};

function kindsOf(schema: Schema, nullable: boolean): Set<Kind> {
  const types = [schema.type].flat();
  const kinds = new Set(types.flatMap((type) => (typeof type === "string" ? (kindNames[type] ?? []) : [])));
  if (Array.isArray(schema.enum))
    for (const one of schema.enum) kinds.add(one === null ? "null" : typeof one === "number" ? "number" : "text");
  if (isObject(schema.properties)) kinds.add("object");
  if (nullable && kinds.size > 0) kinds.add("null");
  return kinds;
}

/** A document says by which version of its schema it is made. */
function constantOf(schema: Schema, root: Schema, path: Path): string | undefined {
  if (path.length === 1 && path[0] === "schemaVersion") return textOf(root.$id)?.split("/").at(-1);
  return textOf(schema.const);
}

/** What its pattern, format or name says of a text. */
function formOf(schema: Schema, name: string): TargetField["form"] {
  const ref = textOf(schema["x-ref"]) ?? "";
  const pattern = textOf(schema.pattern) ?? "";
  if (schema.type !== "string" && !(Array.isArray(schema.type) && schema.type.includes("string"))) return undefined;
  if (/decimal$/i.test(ref)) return "decimal";
  if (/instant$/i.test(ref) || schema.format === "date-time") return "instant";
  if (pattern === "^[A-Z]{3}$") return "currency";
  if (pattern === "^[A-Z]{2}$" || /countryCode$/.test(name)) return "country";
  return undefined;
}

/** The target with every field that the expression gives besides: so nothing that is written is left out of the picture. */
export function withExtras(target: TargetField, mapping: Mapping | undefined): TargetField {
  if (!mapping) return target;
  const known = target.children.length > 0;
  const add = (field: TargetField): TargetField => {
    const made = madeNames(mapping, field.path);
    const names = new Set(field.children.map(({ name }) => name));
    const extras = made.filter((name) => !names.has(name)).map((name) => ({ ...anyField([...field.path, name]), extra: known }));
    const children = [...field.children, ...extras].map(add);
    return { ...field, children };
  };
  return add(target);
}

/** A field of which only the name is known. */
export const anyField = (path: Path): TargetField => ({
  path,
  key: keyOf(path),
  name: path.at(-1) ?? "",
  title: path.at(-1) ?? "",
  description: undefined,
  kinds: new Set(),
  list: false,
  required: false,
  choices: [],
  constant: undefined,
  form: undefined,
  extra: false,
  children: [],
});

/** A target of which nothing is known but that it is an object. */
export const openTarget: TargetField = { ...anyField([]), kinds: new Set(["object"]) };

/** What stands for a field in the mapping: its own value, one inside it, an outer expression that gives all of it, nothing. */
export type Given = "own" | "inside" | "outer" | "none";

export function givenTo(mapping: Mapping | undefined, path: Path): Given {
  let made = mapping?.root;
  for (const [depth, name] of path.entries()) {
    const entry = made?.entries.find((one) => one.name === name);
    if (!entry) return "none";
    if (depth === path.length - 1) return entry.made ? "inside" : "own";
    if (!entry.made) return "outer";
    made = entry.made;
  }
  return mapping ? "inside" : "none";
}

export interface Coverage {
  /** Required fields that have a value. */
  mapped: number;
  required: number;
  /** Those that have none, in the order of the target. */
  open: TargetField[];
}

/** How many of the required fields are given a value. Those of an optional object count once it is mapped. */
export function coverageOf(target: TargetField, mapping: Mapping | undefined): Coverage {
  const coverage: Coverage = { mapped: 0, required: 0, open: [] };
  const count = (field: TargetField, given: boolean): void => {
    const own = givenTo(mapping, field.path);
    const has = given || own === "own" || own === "outer";
    const inner = field.children.filter(({ required }) => required);
    if (field.required && inner.length === 0) {
      coverage.required += 1;
      if (has || own === "inside") coverage.mapped += 1;
      else coverage.open.push(field);
      if (own !== "inside") return;
    }
    if (field.required || own !== "none") for (const child of field.children) count(child, has);
  };
  for (const field of target.children) count(field, false);
  return coverage;
}
