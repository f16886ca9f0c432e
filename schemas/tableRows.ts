import { canonicalJson } from "./canonicalJson.ts";
import { DecimalError, normalise } from "./decimal.ts";
import { sha256Hex } from "./hash.ts";
import { forbiddenKeys } from "./json.ts";
import {
  type Cell,
  type ColumnType,
  type GivenRow,
  MOST_KEY_LENGTH,
  MOST_ROWS,
  MOST_TABLE_SIZE,
  type RowChange,
  type TableChanges,
  type TableColumn,
  type TableContent,
  type TableRow,
  type TableShape,
} from "./referenceTable.ts";

/** Faults told at once; a file that is wrong all over needs no complete list. */
const MOST_FAULTS = 20;
/** Changes shown one by one; the others are counted. */
const MOST_EXAMPLES = 20;

/** Why a cell does not fit its column, to stand behind "is". */
class CellFault extends Error {}

const day = /^\d{4}-\d{2}-\d{2}$/;

/** A day of the calendar, such as 2026-03-01. */
export const isDay = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`);
  return day.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};

function decimalCell(value: string | number): string {
  try {
    return normalise(value);
  } catch (error) {
    if (error instanceof DecimalError) throw new CellFault("no decimal number");
    throw error;
  }
}

const readers: Record<ColumnType, (value: string | number | boolean) => Cell> = {
  // A blank at either end of a code is never meant, and never found again.
  text: (value) => String(value).trim(),
  decimal: (value) => {
    if (typeof value === "boolean") throw new CellFault("no decimal number");
    return decimalCell(value);
  },
  boolean: (value) => {
    const text = String(value).trim().toLowerCase();
    if (text !== "true" && text !== "false") throw new CellFault("neither true nor false");
    return text === "true";
  },
  date: (value) => {
    const text = String(value).trim();
    if (!isDay(text)) throw new CellFault("no day such as 2026-03-01");
    return text;
  },
};

/** A cell as its column holds it; undefined for an empty one. Throws CellFault. */
function cellOf(type: ColumnType, value: GivenRow[string] | undefined): Cell | undefined {
  if (value === undefined || value === null || (typeof value === "string" && value.trim() === "")) return undefined;
  const cell = readers[type](value);
  if (typeof cell === "string" && !isPlain(cell)) throw new CellFault("text with control characters");
  return cell;
}

/** Line breaks and other controls have no place in a code or a name, and the database holds some of them not at all. */
const isPlain = (text: string): boolean => text.isWellFormed() && ![...text].some((char) => char < " " || char === "\x7f");

/** What is wrong with a table's form, a sentence each. */
export function shapeFaults({ columns, key }: TableShape): string[] {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const forbidden = names.find((name) => forbiddenKeys.has(name));
  const unknown = key.find((name) => !names.includes(name));
  const keyTwice = key.find((name, index) => key.indexOf(name) !== index);
  return [
    ...(twice === undefined ? [] : [`Two columns are called ${twice}.`]),
    ...(forbidden === undefined ? [] : [`No column may be called ${forbidden}.`]),
    ...(unknown === undefined ? [] : [`The key names the column ${unknown}, which the table does not have.`]),
    ...(keyTwice === undefined ? [] : [`The key names the column ${keyTwice} twice.`]),
  ];
}

export type Fitted = { ok: true; row: TableRow } | { ok: false; fault: string };

/** A row as the table holds it, or in a few words what is wrong with it. */
export function fitRow({ columns, key }: TableShape, given: GivenRow): Fitted {
  const row: Record<string, Cell> = {};
  const stranger = Object.keys(given).find((name) => !columns.some((column) => column.name === name));
  if (stranger !== undefined) return { ok: false, fault: `there is no column ${stranger}` };
  for (const { name, type, required } of columns) {
    try {
      const cell = cellOf(type, Object.hasOwn(given, name) ? given[name] : undefined);
      const isKey = key.includes(name);
      if (cell === undefined && (isKey || required)) return { ok: false, fault: `${name} is empty` };
      if (isKey && String(cell).length > MOST_KEY_LENGTH)
        return { ok: false, fault: `${name} is longer than ${MOST_KEY_LENGTH} characters` };
      if (cell !== undefined) row[name] = cell;
    } catch (error) {
      if (!(error instanceof CellFault)) throw error;
      return { ok: false, fault: `${name} is ${error.message}` };
    }
  }
  return { ok: true, row };
}

/** One part of a key as it is compared: `12`, "12" and 12.0 are one decimal, blanks at the ends of a text do not count. */
export function keyPart(type: ColumnType | undefined, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "object") return undefined;
  const text = String(value).trim();
  if (text === "") return undefined;
  if (type !== "decimal") return type === "boolean" ? text.toLowerCase() : text;
  try {
    const plain = normalise(text);
    return plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain;
  } catch (error) {
    if (error instanceof DecimalError) return undefined;
    throw error;
  }
}

const typeOf = (columns: readonly TableColumn[], name: string): ColumnType | undefined =>
  columns.find((column) => column.name === name)?.type;

/** What rows are told apart by; undefined where a part of the key is missing. */
export function rowKey({ columns, key }: TableShape, row: Readonly<Record<string, unknown>>): string | undefined {
  const parts = key.map((name) => keyPart(typeOf(columns, name), Object.hasOwn(row, name) ? row[name] : undefined));
  return parts.includes(undefined) ? undefined : JSON.stringify(parts);
}

/** A row's key for people: its parts with commas. */
export const keyText = ({ key }: Pick<TableShape, "key">, row: TableRow): string =>
  key.map((name) => String(row[name] ?? "")).join(", ");

export type FittedTable = { ok: true; content: TableContent } | { ok: false; faults: string[] };

/** Where a row stands, for the sentence that tells its fault: `row 3`. */
type Named = (index: number) => string;

/** A table as it is kept, its rows in the order of their keys; or what is wrong, a sentence each. */
export function fitTable(
  given: TableShape & { title?: string | undefined; rows: readonly GivenRow[] },
  named: Named = (index) => `row ${index + 1}`,
): FittedTable {
  const { columns, key, title = "" } = given;
  const shape = { columns: [...columns], key: [...key] };
  const faults = shapeFaults(shape);
  if (faults.length > 0) return { ok: false, faults };
  const rows = new Map<string, { row: TableRow; index: number }>();
  for (const [index, each] of given.rows.entries()) {
    const fitted = fitRow(shape, each);
    const found = fitted.ok ? rowKey(shape, fitted.row) : undefined;
    const first = found === undefined ? undefined : rows.get(found);
    if (!fitted.ok) faults.push(`${capital(named(index))}: ${fitted.fault}.`);
    else if (first)
      faults.push(`${capital(named(first.index))} and ${named(index)} have the same key, ${keyText(shape, fitted.row)}.`);
    else if (found !== undefined) rows.set(found, { row: fitted.row, index });
    if (faults.length === MOST_FAULTS) return { ok: false, faults: [...faults, "More is wrong than is told here."] };
  }
  const content = { ...shape, title, rows: inOrder(rows) };
  const large = sizeFault(content);
  return faults.length > 0 || large ? { ok: false, faults: [...faults, ...(large ? [large] : [])] } : { ok: true, content };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const inOrder = (rows: ReadonlyMap<string, { row: TableRow }>): TableRow[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { row }]) => row);

/** Characters of the rows as JSON: what an evaluator has to hold. */
export const tableSize = ({ rows }: Pick<TableContent, "rows">): number => JSON.stringify(rows).length;

function sizeFault(content: TableContent): string | undefined {
  if (content.rows.length > MOST_ROWS) return `It has ${content.rows.length} rows; a table has ${MOST_ROWS} at most.`;
  const size = tableSize(content);
  return size > MOST_TABLE_SIZE ? `It has ${size} characters; a table has ${MOST_TABLE_SIZE} at most.` : undefined;
}

/** The rows of a table by their keys; none of no table. */
export const rowsByKey = (content: TableContent | undefined): Map<string, TableRow> =>
  new Map(content?.rows.map((row) => [rowKey(content, row) ?? "", row]));

/** A table with rows put in the place of those of their keys, and others gone. `remove` needs the key alone. */
export function changeRows(
  content: TableContent,
  { upsert = [], remove = [] }: { upsert?: readonly GivenRow[]; remove?: readonly GivenRow[] },
): FittedTable {
  const gone = remove.map((row) => rowKey(content, row));
  const missing = gone.indexOf(undefined);
  if (missing >= 0) return { ok: false, faults: [`The key of row ${missing + 1} to remove is not whole.`] };
  const kept = rowsByKey(content);
  for (const key of gone) if (key !== undefined) kept.delete(key);
  const put = fitTable({ ...content, rows: upsert });
  if (!put.ok) return put;
  for (const [key, row] of rowsByKey(put.content)) kept.set(key, row);
  return fitTable({ ...content, rows: [...kept.values()] });
}

/** Which rows a change adds, changes and removes, by their keys. */
export function tableChanges(before: TableContent | undefined, after: TableContent | undefined): TableChanges {
  const old = rowsByKey(before);
  const now = rowsByKey(after);
  const all = [...new Set([...old.keys(), ...now.keys()])].sort();
  const differing = all.flatMap((key): RowChange[] => {
    const [was, is] = [old.get(key), now.get(key)];
    return was && is && canonicalJson(was) === canonicalJson(is) ? [] : [{ before: was ?? null, after: is ?? null }];
  });
  const added = differing.filter(({ before: was }) => was === null).length;
  const removed = differing.filter(({ after: is }) => is === null).length;
  return {
    added,
    removed,
    changed: differing.length - added - removed,
    same: all.length - differing.length,
    examples: differing.slice(0, MOST_EXAMPLES),
  };
}

/** Equal for tables that mean the same: how a table or a column is called for people does not count. */
export const tableHash = ({ columns, key, rows }: TableContent): string =>
  sha256Hex(canonicalJson({ columns: columns.map(({ title: _title, ...column }) => column), key, rows }));
