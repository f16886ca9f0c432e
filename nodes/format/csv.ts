import { parse } from "csv-parse/sync";
import { columnFaults, type FileColumn } from "#schemas/fileColumns.ts";
import type { Format } from "#schemas/format.ts";
import { isObject } from "#schemas/isObject.ts";
import { CellFault, readCell, writeCell } from "./cells.ts";
import { shown, unreadable, unwritable } from "./formatError.ts";

export type CsvFormat = Extract<Format, { type: "csv" | "tsv" }>;

const delimiterOf = ({ type, delimiter }: CsvFormat): string => delimiter ?? (type === "tsv" ? "\t" : ",");

const nameOf = (column: string | FileColumn): string => (typeof column === "string" ? column : column.name).trim();

/** The columns that have a type; undefined where all have a name alone. */
function typedColumns({ columns = [] }: CsvFormat): FileColumn[] | undefined {
  if (columns.every((column) => typeof column === "string")) return undefined;
  return columns.map((column) => (typeof column === "string" ? { name: column, type: "text" } : column));
}

/**
 * The rows of a file: objects by column name, or lists of fields where the file names no columns. Fields stay text, so
 * that no digit and no leading zero is lost, but for those of columns with another type. Throws FormatError.
 */
export function readCsv(text: string, format: CsvFormat): unknown[] {
  const { header = true, columns, quote = '"' } = format;
  const typed = typedColumns(format);
  const options = { delimiter: delimiterOf(format), quote: quote === "" ? false : quote, bom: true, skip_empty_lines: true };
  try {
    const named = columns && checkedNames(columns.map(nameOf));
    const names = header ? (head: string[]) => headNames(head, named, typed) : named;
    if (!typed || !names) return parse(text, { ...options, columns: names ?? false });
    return parse<Record<string, unknown>, Record<string, string>>(text, {
      ...options,
      columns: names,
      on_record: (row, { lines }) => typedRow(row, typed, lines),
    });
  } catch (error) {
    throw unreadable(`It is not the CSV that is expected: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the fields of each row are called. Names alone stand for those of the file; columns with types are found by theirs. */
function headNames(head: readonly string[], named: string[] | undefined, typed: FileColumn[] | undefined): string[] {
  if (named && !typed) return named;
  const names = checkedNames(head);
  const missing = typed?.find((column) => column.required && !names.includes(nameOf(column)));
  if (missing) throw new Error(`The first row has no column "${nameOf(missing)}"; it has ${names.map(quoted).join(", ")}.`);
  return names;
}

const quoted = (name: string): string => `"${name}"`;

/** Two columns of one name would hide one of the two. */
function checkedNames(names: readonly string[]): string[] {
  const trimmed = names.map((name) => name.trim());
  const [fault] = columnFaults(trimmed);
  if (fault) throw new Error(fault.message);
  return trimmed;
}

/** A row with the values of its columns; a field of no column stays text. Throws what is wrong at which line. */
function typedRow(row: Record<string, string>, columns: readonly FileColumn[], line: number): Record<string, unknown> {
  const read: Record<string, unknown> = { ...row };
  for (const column of columns) {
    const name = nameOf(column);
    const field = row[name];
    if (field === undefined || field.trim() === "") {
      if (column.required) throw new Error(`Line ${line}: "${name}" is empty.`);
      if (column.type !== "text") delete read[name];
      continue;
    }
    try {
      read[name] = readCell(field, column);
    } catch (error) {
      if (error instanceof CellFault) throw new Error(`Line ${line}: "${name}" is ${shown(field)}, ${error.message}.`);
      throw error;
    }
  }
  return read;
}

/** What a spreadsheet takes for the beginning of a formula, the wide forms of other keyboards with it. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** A plain number, such as a negative amount, is none. */
const NUMBER = /^[+-]?\d+([.,]\d+)*$/;

/**
 * Rows as text: objects by the format's columns, or those of the first row; or lists of fields. Our own writer, since
 * csv-stringify takes a negative amount for a formula and needs Node's Buffer, and the designer's preview writes too.
 * Throws FormatError.
 */
export function writeCsv(value: unknown, format: CsvFormat): string {
  const rows = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  const { header = true } = format;
  const typed = typedColumns(format);
  const columns = format.columns?.map(nameOf) ?? columnsOf(rows[0]);
  const line = (fields: readonly string[]): string => fields.join(delimiterOf(format));
  const written = rows.map((row, at) =>
    line(
      fieldsOf(row, columns, at).map((field, index) => {
        const column = typed?.[index] ?? { name: columns?.[index] ?? `column ${index + 1}`, type: "text" };
        return quotedField(fieldText(field, column, at, format), column.name, format);
      }),
    ),
  );
  const head = header && columns ? [line(columns.map((name) => quotedField(guarded(name, format), name, format)))] : [];
  const end = format.lineEnd ?? (format.type === "csv" ? "\r\n" : "\n");
  return [...head, ...written].map((each) => each + end).join("");
}

const columnsOf = (row: unknown): string[] | undefined => (isObject(row) ? Object.keys(row) : undefined);

function fieldsOf(row: unknown, columns: readonly string[] | undefined, at: number): unknown[] {
  if (Array.isArray(row)) return row;
  if (!isObject(row) || !columns) throw unwritable(`Row ${at + 1} of the CSV is neither an object nor a list of fields.`);
  const unknown = Object.keys(row).find((name) => !columns.includes(name));
  // Left out in silence, a value that somebody mapped would be missing over there.
  if (unknown !== undefined) throw unwritable(`Row ${at + 1} of the CSV has "${unknown}", which is none of its columns.`);
  return columns.map((name) => (Object.hasOwn(row, name) ? row[name] : ""));
}

/** A value as its column is written. Only a text may be a formula: what else stands there was read as a value before. */
function fieldText(value: unknown, column: FileColumn, at: number, format: CsvFormat): string {
  if (value === undefined || value === null || value === "") {
    if (column.required) throw unwritable(`Row ${at + 1} of the CSV lacks "${column.name}", which no row may.`);
    return "";
  }
  if (typeof value === "object") throw unwritable(`"${column.name}" of the CSV is a list or an object; a field holds one value.`);
  const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : String(value);
  if (column.type === "text") return typeof plain === "string" ? guarded(plain, format) : String(plain);
  try {
    return writeCell(plain, column);
  } catch (error) {
    if (!(error instanceof CellFault)) throw error;
    throw unwritable(`Row ${at + 1} of the CSV: "${column.name}" is ${shown(String(plain))}, ${error.message}.`);
  }
}

function quotedField(text: string, column: string, format: CsvFormat): string {
  const { quote = '"' } = format;
  const special = text.includes(delimiterOf(format)) || /[\r\n]/.test(text) || /^\s|\s$/.test(text);
  if (quote === "") {
    if (special) throw unwritable(`"${column}" of the CSV holds the delimiter or a line break, and the format has no quotes.`);
    return text;
  }
  return special || text.includes(quote) ? quote + text.replaceAll(quote, quote + quote) + quote : text;
}

/** With an apostrophe before it a spreadsheet shows the text and runs nothing. */
const guarded = (text: string, format: CsvFormat): string =>
  format.formulas !== "keep" && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
