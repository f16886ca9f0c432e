import { readCell } from "#nodes/format/cells.ts";
import { type CsvFormat, readCsv } from "#nodes/format/csv.ts";
import { FormatError } from "#nodes/format/formatError.ts";
import { columnFormats, type FileColumn, type FileColumnType } from "#schemas/fileColumns.ts";

/** What stands between two fields, the usual ones; where two of them would do, the earlier. */
export const delimiters = [",", ";", "\t", "|"] as const;

/** Digits of which there are more, or that are called as names are, name something: as text no zero of them is lost. */
const MOST_COUNTED_DIGITS = 9;
const NAMING = /(^|[^a-z])(id|sku|ean|upc|gtin|asin|zip|postcode|phone|tel|code|key|no|nr|ref)s?$|number|postal|barcode/i;

export interface Found {
  delimiter: string;
  quote: string;
  header: boolean;
  columns: FileColumn[];
}

/** The fields of each row as they stand; undefined where the rows are not equally long. */
function fieldsBy(text: string, format: Omit<CsvFormat, "type">): string[][] | undefined {
  try {
    return readCsv(text, { type: "csv", ...format, header: false }) as string[][];
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** How a sample of a file seems to be written, and what its columns hold; undefined where there are no rows in it. */
export function detect(text: string): Found | undefined {
  if (text.trim() === "") return undefined;
  const readings = ['"', "'", ""].flatMap((quote) =>
    delimiters.flatMap((delimiter) => {
      const rows = fieldsBy(text, { delimiter, quote });
      return rows?.[0] ? [{ delimiter, quote, rows, width: rows[0].length }] : [];
    }),
  );
  const [first] = readings;
  if (!first) return undefined;
  // Double quotes come first: single ones and none only where they alone can be read, or tell more columns.
  const best = readings.reduce((found, each) => (each.width > found.width && isAs(each, found) ? each : found), first);
  const header = isHeader(best.rows);
  const names = header
    ? (best.rows[0] ?? []).map((name) => name.trim())
    : Array.from({ length: best.width }, (_, at) => `column${at + 1}`);
  const rows = header ? best.rows.slice(1) : best.rows;
  const columns = names.map((name, at) => ({
    name,
    ...typeOf(
      name,
      rows.map((row) => row[at] ?? ""),
    ),
  }));
  return { delimiter: best.delimiter, quote: best.quote, header, columns };
}

type Reading = { quote: string; width: number };

/** Another kind of quotes splits what the usual one held together: only a file of one column otherwise is read by it. */
const isAs = (each: Reading, found: Reading): boolean => each.quote === found.quote || found.width === 1;

/** A first row of names: all there, each another, none of them a number or a day. */
function isHeader([first = []]: readonly string[][]): boolean {
  const names = first.map((name) => name.trim());
  const named = names.every((name) => name !== "" && typeOf("", [name]).type === "text" && !/^[\d.,-]+$/.test(name));
  return named && new Set(names).size === names.length;
}

/** The first type that all fields of a column have; text where none has them all, or a day may be one of two. */
export function typeOf(name: string, fields: readonly string[]): Omit<FileColumn, "name"> {
  const values = fields.map((field) => field.trim()).filter((field) => field !== "");
  if (values.length === 0) return { type: "text" };
  const digits = values.every((value) => /^-?(0|[1-9]\d*)$/.test(value) && value.length <= MOST_COUNTED_DIGITS);
  if (digits) return { type: NAMING.test(name) ? "text" : "integer" };
  if (values.every((value) => /[.,]/.test(value) || /^-?(0|[1-9]\d*)$/.test(value))) {
    const format = columnFormats.decimal.find((each) => allAre(values, "decimal", each));
    if (format !== undefined && !isGrouped(values)) return withFormat("decimal", format);
  }
  const dates = columnFormats.date.filter((each) => allAre(values, "date", each));
  const [date] = dates;
  if (date !== undefined && dates.length === 1) return withFormat("date", date);
  const boolean = columnFormats.boolean.find((each) => each !== "1/0" && allAre(values, "boolean", each));
  return boolean === undefined ? { type: "text" } : withFormat("boolean", boolean);
}

/** `1,234` and `1.234` are a thousand here and one there: nobody can tell by them alone. */
const isGrouped = (values: readonly string[]): boolean => values.every((value) => /^-?\d{1,3}([.,]\d{3})?$/.test(value));

const withFormat = (type: "decimal" | "boolean" | "date", format: string): Omit<FileColumn, "name"> =>
  format === columnFormats[type][0] ? { type } : { type, format };

function allAre(values: readonly string[], type: FileColumnType, format: string): boolean {
  return values.every((value) => {
    try {
      readCell(value, { name: "", type, format });
      return true;
    } catch {
      return false;
    }
  });
}
