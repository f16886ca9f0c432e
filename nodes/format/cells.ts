import { DecimalError, normalise } from "#schemas/decimal.ts";
import { columnFormats, type FileColumn } from "#schemas/fileColumns.ts";
import { isDay } from "#schemas/tableRows.ts";

/** Why a field does not fit its column, to stand behind "is". */
export class CellFault extends Error {}

/** Written without a sign before it and without leading zeros. */
const INTEGER = /^([+-]?)0*(\d+)$/;

/** A value as a flow has it. Throws CellFault. */
export function readCell(text: string, column: FileColumn): string | number | boolean {
  const plain = text.trim();
  switch (column.type) {
    case "text":
      return text;
    case "integer":
      return readInteger(plain);
    case "decimal":
      return readDecimal(plain, formatOf(column, columnFormats.decimal));
    case "boolean":
      return readBoolean(plain, formatOf(column, columnFormats.boolean));
    case "date":
      return readDate(plain, formatOf(column, columnFormats.date));
  }
}

/** A value as the file writes it; the reverse of `readCell`. Throws CellFault. */
export function writeCell(value: string | number | boolean, column: FileColumn): string {
  const text = String(value).trim();
  switch (column.type) {
    case "text":
      return String(value);
    case "integer":
      return String(readInteger(text));
    case "decimal":
      return writeDecimal(text, formatOf(column, columnFormats.decimal));
    case "boolean": {
      const [yes = "", no = ""] = formatOf(column, columnFormats.boolean).split("/");
      return readBoolean(text, columnFormats.boolean[0]) ? yes : no;
    }
    case "date":
      return writeDate(text, formatOf(column, columnFormats.date));
  }
}

/** How the column is written: as it says, else as is usual. */
function formatOf<Format extends string>({ format }: FileColumn, [usual, ...others]: readonly [Format, ...Format[]]): Format {
  if (format === undefined) return usual;
  const known = [usual, ...others].find((each) => each === format);
  if (known === undefined) throw new CellFault(`to be written as "${format}", which no such column can be`);
  return known;
}

function readInteger(text: string): number | string {
  const [, sign = "", digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) throw new CellFault("no whole number");
  const exact = (sign === "-" && digits !== "0" ? "-" : "") + digits;
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

type DecimalFormat = (typeof columnFormats.decimal)[number];

/** Thousands may be grouped where the format shows it; digits in other groups are a number of another country. */
const decimals: Readonly<Record<DecimalFormat, RegExp>> = {
  "1234.56": /^[+-]?\d+(\.\d+)?$/,
  "1,234.56": /^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/,
  "1.234,56": /^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/,
};

function readDecimal(text: string, format: DecimalFormat): string {
  if (!decimals[format].test(text)) throw new CellFault(`no number written like ${format}`);
  return exact(format === "1.234,56" ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", ""));
}

const writeDecimal = (text: string, format: DecimalFormat): string =>
  format === "1.234,56" ? exact(text).replace(".", ",") : exact(text);

function exact(text: string): string {
  try {
    return normalise(text);
  } catch (error) {
    if (error instanceof DecimalError) throw new CellFault("no decimal number");
    throw error;
  }
}

function readBoolean(text: string, format: string): boolean {
  const [yes, no] = format.split("/");
  const said = text.toLowerCase();
  if (said === yes?.toLowerCase()) return true;
  if (said === no?.toLowerCase()) return false;
  throw new CellFault(`neither ${yes} nor ${no}`);
}

/** Days and months of one digit are read where something stands between them and what follows. */
function readDate(text: string, format: string): string {
  const digits = format === "YYYYMMDD" ? "{2}" : "{1,2}";
  const pattern = format
    .replaceAll(/[./]/g, "\\$&")
    .replace("YYYY", "(?<year>\\d{4})")
    .replace("MM", `(?<month>\\d${digits})`)
    .replace("DD", `(?<day>\\d${digits})`);
  const { year = "", month = "", day = "" } = new RegExp(`^${pattern}$`).exec(text)?.groups ?? {};
  const found = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (!isDay(found)) throw new CellFault(`no day written like ${format}`);
  return found;
}

function writeDate(text: string, format: string): string {
  if (!isDay(text)) throw new CellFault("no day such as 2026-03-01");
  const [year = "", month = "", day = ""] = text.split("-");
  return format.replace("YYYY", year).replace("MM", month).replace("DD", day);
}
