import type { Flow } from "#schemas/flow.ts";
import { isObject } from "#schemas/isObject.ts";
import { pointerOf } from "#schemas/pointer.ts";
import type { Problem } from "#schemas/problem.ts";
import { settingCounts } from "#schemas/settingCounts.ts";
import { propertiesOf } from "../canvas/summary.ts";

type Schema = Record<string, unknown>;

/** Which control a value gets. */
export type Control =
  | "expression"
  | "cases"
  | "canonicalSchema"
  | "duration"
  | "node"
  | "flow"
  | "referenceTable"
  | "outcomes"
  | "choice"
  | "choices"
  | "boolean"
  | "number"
  | "text"
  | "lines"
  | "texts"
  | "list"
  | "pairs"
  | "cron"
  | "timeZone"
  | "group"
  | "fileColumns"
  | "json";

export interface Field {
  name: string;
  title: string;
  description: string | undefined;
  required: boolean;
  control: Control;
  schema: Schema;
}

/** What the form gives the control of one field. */
export interface FieldProps {
  field: Field;
  value: unknown;
  /** `undefined` takes the value away. `whole`: a step of its own in the history, not typing that goes on. */
  onChange: (value: unknown, whole?: boolean) => void;
  problems: readonly Problem[];
  place: string;
  /** All that is set beside the field. */
  beside: Readonly<Record<string, unknown>>;
  /** The schemas of the settings beside the field. */
  settings: Readonly<Record<string, unknown>>;
  /** Changes several of them at once, as a step of its own in the history. */
  onBeside: (change: Readonly<Record<string, unknown>>) => void;
}

/** The fields of a config's schema, in its order. */
export function fieldsOf(schema: Schema): Field[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    title: text(property.title) ?? titleFrom(name),
    description: text(property.description),
    required: required.has(name),
    control: controlOf(property),
    schema: property,
  }));
}

const chosen: ReadonlySet<Control> = new Set([
  "boolean",
  "choice",
  "choices",
  "texts",
  "node",
  "flow",
  "referenceTable",
  "outcomes",
  "canonicalSchema",
  "timeZone",
]);

/** True where each change is a choice, a step of its own in the history; elsewhere one types on. */
export const isChosen = ({ control }: Field): boolean => chosen.has(control);

/** The fields that count with what is set; and any that something is wrong with. */
export const shownFields = (schema: Schema, value: Schema, problems: readonly Problem[], place: string): Field[] =>
  fieldsOf(schema).filter(
    ({ name }) => settingCounts(propertiesOf(schema), value, name) || problemsAt(problems, place + pointerOf(name)).length > 0,
  );

/** The control for one property: what `x-widget` names, else what its type asks for; JSON text for all that has none. */
export function controlOf(schema: Schema): Control {
  switch (schema["x-widget"]) {
    case "jsonata":
      return "expression";
    case "cases":
      return "cases";
    case "canonicalSchema":
      return "canonicalSchema";
    case "duration":
    case "node":
    case "flow":
    case "referenceTable":
    case "outcomes":
    case "cron":
    case "timeZone":
    case "fileColumns":
      return schema["x-widget"];
    case "multiline":
    case "sql":
      return "lines";
  }
  if (choicesOf(schema).length > 0) return "choice";
  switch (schema.type) {
    case "boolean":
      return "boolean";
    case "number":
    case "integer":
      return "number";
    case "string":
      return "text";
    case "object":
      if (Object.keys(propertiesOf(schema)).length > 0) return "group";
      return isTextSchema(schema.additionalProperties, "template") ? "pairs" : "json";
    case "array":
      return arrayControl(schema.items);
  }
  return "json";
}

/** Texts stand in one line, chosen from a list where only some are allowed; a list of anything else that has a field or a form has a row for each member. */
function arrayControl(items: unknown): Control {
  if (!isObject(items)) return "json";
  if (isTextSchema(items)) return choicesOf(items).length > 0 ? "choices" : "texts";
  const formed = items.type === "object" && Object.keys(propertiesOf(items)).length > 0;
  return formed || items.type === "number" || items.type === "integer" || items.type === "string" ? "list" : "json";
}

/** Of plain text; `widget` names one that is written as plain text is. */
const isTextSchema = (items: unknown, widget?: string): boolean =>
  isObject(items) && items.type === "string" && [undefined, widget].includes(items["x-widget"] as string | undefined);

export interface Choice {
  value: string;
  label: string;
}

/** The fixed values of a text property, from `enum` or from `oneOf`/`anyOf` of constants with titles. */
export function choicesOf(schema: Schema): Choice[] {
  const { enum: values, oneOf, anyOf } = schema;
  if (Array.isArray(values)) return values.filter((value) => typeof value === "string").map((value) => ({ value, label: value }));
  const options = Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : [];
  return options.flatMap((option) =>
    isObject(option) && typeof option.const === "string"
      ? [{ value: option.const, label: text(option.title) ?? option.const }]
      : [],
  );
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** "externalId" reads "External id". */
export function titleFrom(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]+/g, " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The problems of one node with pointers that begin at the node: `/config/expression`. Problems of the whole node come too. */
export function problemsOf(flow: Flow, node: string, problems: readonly Problem[]): Problem[] {
  const index = flow.nodes.findIndex(({ id }) => id === node);
  const prefix = pointerOf("nodes", index);
  return problems
    .filter((problem) => problem.node === node || isUnder(problem.pointer, prefix))
    .map((problem) => ({ ...problem, pointer: isUnder(problem.pointer, prefix) ? problem.pointer.slice(prefix.length) : "" }));
}

/** True for the place itself and all inside it; `/config/a` is not under `/config/ab`. */
export const isUnder = (pointer: string, place: string): boolean => pointer === place || pointer.startsWith(`${place}/`);

/** Problems at a place or inside it. */
export const problemsAt = (problems: readonly Problem[], place: string): Problem[] =>
  problems.filter(({ pointer }) => isUnder(pointer, place));

/** What the editor of an expression does not say itself: why a text cannot be read it tells at the place, in its own words. */
export const besideEditor = (problems: readonly Problem[]): Problem[] =>
  problems.filter(({ code }) => code !== "expression.invalid");
