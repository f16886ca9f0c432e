import { readCsv } from "#nodes/format/csv.ts";
import { FormatError } from "#nodes/format/formatError.ts";
import { columnFaults, type FileColumn } from "#schemas/fileColumns.ts";
import { isObject } from "#schemas/isObject.ts";
import type { Found } from "./detect.ts";

type Json = Readonly<Record<string, unknown>>;

/** What the dialog changes: how the file is written, and its columns. */
export interface FileForm extends Found {
  /** Undefined where the node has no such setting. */
  charset: string | undefined;
}

/** Rows shown of a sample. */
export const SHOWN_ROWS = 6;

const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);

const presetOf = (settings: Json, name: string): unknown => (isObject(settings[name]) ? settings[name].default : undefined);

/** The columns as the config has them; a name alone is a text. */
export const columnsOf = (value: unknown): FileColumn[] =>
  Array.isArray(value) ? value.map((each) => (typeof each === "string" ? { name: each, type: "text" } : each)) : [];

/** The form of a node's config, with what stands where it says nothing. */
export function formOf(config: Json, settings: Json, columns: unknown): FileForm {
  const chosen = (name: string): unknown => config[name] ?? presetOf(settings, name);
  return {
    delimiter: chosen("format") === "tsv" ? "\t" : text(chosen("delimiter"), ","),
    quote: text(chosen("quote"), '"'),
    header: chosen("header") !== false,
    charset: Object.hasOwn(settings, "charset") ? text(chosen("charset"), "utf-8") : undefined,
    columns: columnsOf(columns),
  };
}

/** The form as a change of the config: of the settings that the node has, what stands anyway is left out. */
export function changeOf(form: FileForm, config: Json, settings: Json, columnsName: string): Json {
  const { columns, delimiter, quote, header, charset } = form;
  const tabs = config.format === "tsv" && delimiter === "\t";
  const wanted: Json = { format: tabs ? "tsv" : "csv", delimiter: tabs ? undefined : delimiter, quote, header, charset };
  const change = Object.entries(wanted)
    .filter(([name]) => Object.hasOwn(settings, name))
    .map(([name, value]) => [name, value === presetOf(settings, name) ? undefined : value]);
  return { ...Object.fromEntries(change), [columnsName]: columns.length === 0 ? undefined : columns };
}

/** What a sample tells, as the form has it: which columns are required no sample says, and a setting that is none stays. */
export const taken = (found: Found, form: FileForm, settings: Json): Partial<FileForm> => ({
  ...found,
  quote: Object.hasOwn(settings, "quote") ? found.quote : form.quote,
  columns: found.columns.map((column) => ({
    ...column,
    ...(form.columns.some(({ name, required }) => required && name === column.name) ? { required: true } : {}),
  })),
});

export type Rows = { ok: true; rows: readonly unknown[] } | { ok: false; reason: string };

/** The first rows of a sample as the flow gets them. */
export function rowsOf(sample: string, { delimiter, quote, header, columns }: FileForm): Rows {
  const named = columns.filter(({ name }) => name.trim() !== "");
  try {
    const rows = readCsv(sample, { type: "csv", delimiter, quote, header, ...(named.length > 0 ? { columns: named } : {}) });
    return { ok: true, rows: rows.slice(0, SHOWN_ROWS) };
  } catch (error) {
    if (error instanceof FormatError) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Whether the columns can be taken over: each has a name, and no two the same. */
export const isWhole = ({ columns }: FileForm): boolean =>
  columns.every(({ name }) => name.trim() !== "") && columnFaults(columns).length === 0;
