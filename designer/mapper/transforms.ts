import { piecesOf, Unbalanced } from "../expression/pieces.ts";
import { treeOf } from "../expression/tree.ts";
import { readMapping, textOf } from "./read.ts";
import type { TargetField } from "./target.ts";

/** What one press does to a field's expression. */
export type Transform =
  | "decimal"
  | "twoDigits"
  | "text"
  | "number"
  | "trim"
  | "upper"
  | "lower"
  | "time"
  | "day"
  | "sum"
  | "count"
  | "first"
  | "list"
  | "join";

const calls: Readonly<Record<Transform, (text: string) => string>> = {
  decimal: (text) => `$dec(${text})`,
  twoDigits: (text) => `$fixed(${text}, 2)`,
  text: (text) => `$string(${text})`,
  number: (text) => `$number(${text})`,
  trim: (text) => `$trim(${text})`,
  upper: (text) => `$uppercase(${text})`,
  lower: (text) => `$lowercase(${text})`,
  time: (text) => `$fromMillis($toMillis(${text}))`,
  day: (text) => `$substring(${text}, 0, 10)`,
  sum: (text) => `$addall([${text}])`,
  count: (text) => `$count([${text}])`,
  first: (text) => `${asOperand(text)}[0]`,
  list: (text) => `[${text}]`,
  join: (text) => `$join([${text}], ", ")`,
};

export const transforms = Object.keys(calls) as Transform[];

export const transformed = (text: string, transform: Transform): string => calls[transform](text);

/** Those that often help a field of this kind, best first. */
export function transformsFor({ form, kinds, list }: Pick<TargetField, "form" | "kinds" | "list">): Transform[] {
  if (list) return ["list"];
  if (form === "decimal") return ["decimal", "twoDigits"];
  if (form === "instant") return ["time"];
  if (kinds.has("number")) return ["number"];
  if (form === "currency" || form === "country") return ["upper"];
  return ["text", "trim"];
}

/** True where nothing around the text could take a part of it away: a path, a call, a literal, something in brackets. */
function isOperand(text: string): boolean {
  try {
    const [item, more] = piecesOf(text);
    if (!item || more) return false;
    return item.pieces.every((piece) => piece.kind === "group" || piece.token.kind !== "operator" || piece.token.text === ".");
  } catch (raw) {
    if (raw instanceof Unbalanced) return false;
    throw raw;
  }
}

const asOperand = (text: string): string => (isOperand(text) ? text : `(${text})`);

/** With what stands there when nothing is found; an empty text counts as nothing too. */
export const withDefault = (text: string, literal: string): string =>
  `${asOperand(text)} ${literal.startsWith('"') ? "?:" : "??"} ${literal}`;

/** What a person typed as a value of the field: a number or true/false where it wants one, else a text. */
export function literalOf(typed: string, { kinds }: Pick<TargetField, "kinds">): string {
  const value = typed.trim();
  if (kinds.has("number") && value !== "" && Number.isFinite(Number(value))) return String(Number(value));
  if (kinds.has("boolean") && /^(true|false)$/.test(value)) return value;
  if (value === "null" && kinds.has("null")) return "null";
  return JSON.stringify(typed);
}

/** One line of a lookup table. */
export interface TableRow {
  from: string;
  to: string;
}

export interface LookupTable {
  rows: readonly TableRow[];
  /** What is looked up. */
  key: string;
  /** What stands there for anything else; null where that is nothing. */
  otherwise: string | null;
}

/** A lookup table as an expression. */
export function tableText({ rows, key, otherwise }: LookupTable, indent = ""): string {
  const lines = rows.map(({ from, to }) => `${indent}  ${JSON.stringify(from)}: ${JSON.stringify(to)}`);
  const table = lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
  const found = `$lookup(${table}, ${key})`;
  return otherwise === null ? found : `${found} ?: ${JSON.stringify(otherwise)}`;
}

/** The lookup table that an expression is; undefined where it is anything else. */
export function tableOf(text: string): LookupTable | undefined {
  const found = /^\s*\$lookup\(\s*(\{[\s\S]*\})\s*,([\s\S]*?)\)\s*(?:\?:\s*("(?:[^"\\]|\\.)*"))?\s*$/.exec(text);
  const [, object, key, otherwise] = found ?? [];
  if (object === undefined || key === undefined || !isSound(key) || !isSound(object)) return undefined;
  const reading = readMapping(object);
  if (reading.kind !== "drawn" || reading.mapping.comments.length > 0) return undefined;
  const { entries, members } = reading.mapping.root;
  const rows = entries.flatMap(({ name, value }) => {
    const literal = object.slice(value.from, value.to);
    const to = /^"(?:[^"\\]|\\.)*"$|^'(?:[^'\\]|\\.)*'$/.test(literal) ? textOf(literal) : null;
    return to === null ? [] : [{ from: name, to }];
  });
  if (rows.length !== members.length) return undefined;
  return { rows, key: key.trim(), otherwise: otherwise === undefined ? null : textOf(otherwise) };
}

function isSound(text: string): boolean {
  try {
    treeOf(text);
    return true;
  } catch {
    return false;
  }
}
