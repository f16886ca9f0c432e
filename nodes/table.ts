import type { GivenRow, TableContent, TableShape } from "#schemas/referenceTable.ts";
import { type FittedTable, fitTable } from "#schemas/tableRows.ts";
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

/**
 * Rows of a file for a table, which they must fit; the first line names the columns, by their names or titles. Columns that
 * the file lacks are empty; one that the table lacks is a fault, since its values would be gone in silence.
 */
export function readTableText(shape: TableShape, text: string): FittedTable {
  let lines: unknown[];
  try {
    lines = readCsv(text, { type: "csv", delimiter: delimiterOf(text) });
  } catch (error) {
    if (error instanceof FormatError) return { ok: false, faults: [error.message] };
    throw error;
  }
  const [first] = lines as Record<string, string>[];
  if (!first) return { ok: false, faults: ["There are no rows: the first line names the columns, the others are rows."] };
  const byHead = new Map(Object.keys(first).map((head) => [head, columnOf(shape, head)] as const));
  const strangers = [...byHead].filter(([head, column]) => head !== "" && column === undefined).map(([head]) => head);
  if (strangers.length > 0) return { ok: false, faults: strangers.map((head) => `The table has no column ${head}.`) };
  const missing = shape.key.filter((name) => ![...byHead.values()].includes(name));
  if (missing.length > 0) return { ok: false, faults: missing.map((name) => `The column ${name} of the key is missing.`) };
  const rows = (lines as Record<string, string>[]).map((line): GivenRow => {
    const cells = Object.entries(line).flatMap(([head, cell]) => {
      const column = byHead.get(head);
      return column === undefined ? [] : [[column, cell.replace(GUARDED, "")] as const];
    });
    return Object.fromEntries(cells);
  });
  // The head is line 1.
  return fitTable({ ...shape, rows }, (index) => `line ${index + 2}`);
}

function columnOf({ columns }: TableShape, head: string): string | undefined {
  const said = head.trim().toLowerCase();
  const named =
    columns.find(({ name }) => name.toLowerCase() === said) ?? columns.find(({ title }) => title?.toLowerCase() === said);
  return named?.name;
}
