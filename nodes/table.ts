import type { GivenRow, TableContent, TableShape } from "#schemas/referenceTable.ts";
import { changeRows, type FittedTable, fitTable, rowKey } from "#schemas/tableRows.ts";
import { readCsv, writeCsv } from "./format/csv.ts";
import { FormatError } from "./format/formatError.ts";

/** A table as a spreadsheet opens it; cells that would be formulas are written as text. */
export const tableCsv = ({ columns, rows }: TableContent): string =>
  writeCsv(rows, { type: "csv", columns: columns.map(({ name }) => name) });

/** What a cell written as text begins with, before what a spreadsheet would take for a formula. */
const GUARDED = /^'(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** Cells copied from a spreadsheet stand apart by tabs, files by semicolons where commas are decimal points. */
const delimiterOf = (text: string): string => {
  const [line = ""] = text.split(/\r?\n/, 1);
  return line.includes("\t") ? "\t" : line.includes(";") && !line.includes(",") ? ";" : ",";
};

export type ImportMode = "replace" | "merge";

/**
 * What a table becomes by the rows of a file; the first line names the columns, by their names or titles. With `replace` it
 * is the rows of the file; with `merge` other rows stay, and so do cells of columns that the file does not have. A column
 * that the table lacks is a fault, since its values would be gone in silence.
 */
export function readTableText(content: TableContent, text: string, mode: ImportMode): FittedTable {
  let lines: Record<string, string>[];
  try {
    lines = readCsv(text, { type: "csv", delimiter: delimiterOf(text) }) as Record<string, string>[];
  } catch (error) {
    if (error instanceof FormatError) return { ok: false, faults: [error.message] };
    throw error;
  }
  const [first] = lines;
  if (!first) return { ok: false, faults: ["There are no rows: the first line names the columns, the others are rows."] };
  const byHead = new Map(Object.keys(first).map((head) => [head, columnOf(content, head)] as const));
  const strangers = [...byHead].filter(([head, column]) => head !== "" && column === undefined).map(([head]) => head);
  if (strangers.length > 0) return { ok: false, faults: strangers.map((head) => `The table has no column ${head}.`) };
  const missing = content.key.filter((name) => ![...byHead.values()].includes(name));
  if (missing.length > 0) return { ok: false, faults: missing.map((name) => `The column ${name} of the key is missing.`) };
  const given = lines.map((line) => rowOf(line, byHead));
  const old = new Map(mode === "merge" ? content.rows.map((row) => [rowKey(content, row), row]) : []);
  const rows = given.map((row) => ({ ...old.get(rowKey(content, row)), ...row }));
  // The head is line 1.
  const read = fitTable({ ...content, rows }, (index) => `line ${index + 2}`);
  return read.ok && mode === "merge" ? changeRows(content, { upsert: read.content.rows }) : read;
}

const rowOf = (line: Readonly<Record<string, string>>, byHead: ReadonlyMap<string, string | undefined>): GivenRow =>
  Object.fromEntries(
    Object.entries(line).flatMap(([head, cell]) => {
      const column = byHead.get(head);
      return column === undefined ? [] : [[column, cell.replace(GUARDED, "")] as const];
    }),
  );

function columnOf({ columns }: TableShape, head: string): string | undefined {
  const said = head.trim().toLowerCase();
  const named =
    columns.find(({ name }) => name.toLowerCase() === said) ?? columns.find(({ title }) => title?.toLowerCase() === said);
  return named?.name;
}
