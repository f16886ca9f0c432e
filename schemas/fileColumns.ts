import { type Static, Type } from "typebox";
import { isObject } from "./isObject.ts";
import { forbiddenKeys } from "./json.ts";

/** The columns of a CSV or TSV file: how they are called, and what stands in their fields. */

export const fileColumnTypes = ["text", "integer", "decimal", "boolean", "date"] as const;
export type FileColumnType = (typeof fileColumnTypes)[number];

/** How partners write what is no text, the usual way first: it stands where a column names none. */
export const columnFormats = {
  text: [],
  integer: [],
  decimal: ["1234.56", "1,234.56", "1.234,56"],
  boolean: ["true/false", "yes/no", "Y/N", "1/0"],
  date: ["YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYYMMDD"],
} as const satisfies Readonly<Record<FileColumnType, readonly string[]>>;

/** Files of the trade have a few hundred columns at most; Amazon's widest has about 300. */
export const MOST_FILE_COLUMNS = 500;

export const FileColumn = Type.Object(
  {
    /** As the first row has it; without such a row, as the field is to be called. */
    name: Type.String({ minLength: 1, maxLength: 200 }),
    /** `integer` is a number (text beyond 2^53), `decimal` exact text, `date` a day such as 2026-03-01. */
    type: Type.Enum([...fileColumnTypes]),
    /** No row may lack it. Other empty fields are absent, but for texts, which are empty. */
    required: Type.Optional(Type.Boolean()),
    /** How the file writes it, such as `DD.MM.YYYY`; each type has its own. */
    format: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
);
export type FileColumn = Static<typeof FileColumn>;

/** The ways to write a type of column. */
export const formatsOf = (type: FileColumnType): readonly string[] => columnFormats[type];

export interface ColumnFault {
  /** Which column, counted from 0, and which of its settings is wrong. */
  at: number;
  setting: "name" | "format";
  code: "columnForbidden" | "columnTwice" | "columnFormat";
  message: string;
}

const isType = (value: unknown): value is FileColumnType => fileColumnTypes.some((type) => type === value);

/** What a schema cannot say of columns: two of one name would hide one of the two, and a date is written as dates are. */
export function columnFaults(columns: readonly unknown[]): ColumnFault[] {
  const names = columns.map((column) => (isObject(column) ? column.name : column));
  return columns.flatMap((column, at): ColumnFault[] => {
    const name = names[at];
    if (typeof name !== "string" || name === "") return [];
    const faults: ColumnFault[] = [];
    const add = (setting: ColumnFault["setting"], code: ColumnFault["code"], message: string) =>
      faults.push({ at, setting, code, message });
    if (forbiddenKeys.has(name.trim())) add("name", "columnForbidden", `A column is called "${name}", which is not allowed.`);
    const first = names.findIndex((other) => typeof other === "string" && other.trim() === name.trim());
    if (first < at) add("name", "columnTwice", `Two columns are called "${name}".`);
    if (!isObject(column) || !isType(column.type) || typeof column.format !== "string") return faults;
    const known = formatsOf(column.type);
    if (!known.includes(column.format))
      add("format", "columnFormat", `The column "${name}" is a ${column.type}, which is not written as "${column.format}".`);
    return faults;
  });
}
