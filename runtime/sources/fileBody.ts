import { parse } from "csv-parse/sync";
import { forbiddenKeys, JsonError, parseJson } from "#schemas/json.ts";

export type FileFormat = "text" | "json" | "csv";

export interface FileRules {
  format: FileFormat;
  delimiter: string;
  /** Whether the first row of a CSV file names the columns. */
  header: boolean;
  maxJsonDepth: number;
}

/** What of a file stands in its message, or why it cannot be one. */
export type FileContent = { ok: true; content: Record<string, unknown> } | { ok: false; why: string };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Reads a file's bytes: `{ text }`, `{ json }` without losing a digit, or `{ rows }` whose fields stay text. */
export function readContent(bytes: Uint8Array, rules: FileRules): FileContent {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ok: false, why: "It is not UTF-8 text." };
  }
  switch (rules.format) {
    case "text":
      return { ok: true, content: { text } };
    case "json":
      return readJson(text, rules.maxJsonDepth);
    case "csv":
      return readCsv(text, rules);
  }
}

function readJson(text: string, maxDepth: number): FileContent {
  try {
    return { ok: true, content: { json: parseJson(text, { maxDepth }) } };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { ok: false, why: error.message };
  }
}

function readCsv(text: string, { delimiter, header }: FileRules): FileContent {
  try {
    const rows: unknown = parse(text, {
      delimiter,
      bom: true,
      skip_empty_lines: true,
      columns: header ? (names: string[]) => checkedNames(names) : false,
    });
    return { ok: true, content: { rows } };
  } catch (error) {
    return {
      ok: false,
      why: `It is not the CSV that the node expects: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** Two columns of one name would hide one of the two. */
function checkedNames(names: string[]): string[] {
  const trimmed = names.map((name) => name.trim());
  const twice = trimmed.find((name, index) => trimmed.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two columns are called "${twice}".`);
  const forbidden = trimmed.find((name) => forbiddenKeys.has(name));
  if (forbidden !== undefined) throw new Error(`A column is called "${forbidden}", which is not allowed.`);
  return trimmed;
}
