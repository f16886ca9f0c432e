import { parse } from "csv-parse/sync";
import type { Format } from "#schemas/format.ts";
import { isObject } from "#schemas/isObject.ts";
import { forbiddenKeys } from "#schemas/json.ts";
import { unreadable, unwritable } from "./formatError.ts";

type CsvFormat = Extract<Format, { type: "csv" | "tsv" }>;

const delimiterOf = ({ type, delimiter }: CsvFormat): string => delimiter ?? (type === "tsv" ? "\t" : ",");

/**
 * The rows of a file: objects by column name, or lists of fields where the file names no columns. Fields stay text, so
 * that no digit and no leading zero is lost. Throws FormatError.
 */
export function readCsv(text: string, format: CsvFormat): unknown[] {
  const { header = true, columns, quote = '"' } = format;
  const named = columns ? checkedNames(columns) : undefined;
  try {
    return parse(text, {
      delimiter: delimiterOf(format),
      quote: quote === "" ? false : quote,
      bom: true,
      skip_empty_lines: true,
      columns: header ? (names: string[]) => named ?? checkedNames(names) : (named ?? false),
    });
  } catch (error) {
    throw unreadable(`It is not the CSV that is expected: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Two columns of one name would hide one of the two. */
function checkedNames(names: readonly string[]): string[] {
  const trimmed = names.map((name) => name.trim());
  const twice = trimmed.find((name, index) => trimmed.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two columns are called "${twice}".`);
  const forbidden = trimmed.find((name) => forbiddenKeys.has(name));
  if (forbidden !== undefined) throw new Error(`A column is called "${forbidden}", which is not allowed.`);
  return trimmed;
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
  const { header = true, columns = columnsOf(rows[0]) } = format;
  const line = (fields: readonly unknown[]): string =>
    fields.map((field, at) => writeField(field, format, columns?.[at] ?? `column ${at + 1}`)).join(delimiterOf(format));
  const fields = rows.map((row, at) => fieldsOf(row, columns, at));
  const lines = [...(header && columns ? [line(columns)] : []), ...fields.map(line)];
  const end = format.lineEnd ?? (format.type === "csv" ? "\r\n" : "\n");
  return lines.map((each) => each + end).join("");
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

function writeField(value: unknown, format: CsvFormat, column: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") throw unwritable(`"${column}" of the CSV is a list or an object; a field holds one value.`);
  const text = typeof value === "string" ? guarded(value, format) : String(value);
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
