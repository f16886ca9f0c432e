import type { Format } from "#schemas/format.ts";
import { DEFAULT_MAX_DEPTH, JsonError, parseJson } from "#schemas/json.ts";
import { readCsv, writeCsv } from "./csv.ts";
import { readEdifact } from "./edifact.ts";
import { readForm, writeForm } from "./form.ts";
import { unreadable, unwritable } from "./formatError.ts";
import { writeEdifact } from "./writeEdifact.ts";
import { writeAcknowledgement, writeX12 } from "./writeX12.ts";
import { readX12 } from "./x12.ts";
import { readXml, writeXml } from "./xml.ts";

/** Reads a text into JSON without losing a digit. Throws FormatError with a sentence that says what is wrong where. */
export function readFormat(text: string, format: Format, maxDepth: number = DEFAULT_MAX_DEPTH): unknown {
  switch (format.type) {
    case "text":
      return text;
    case "json":
      return readJson(text, maxDepth);
    case "jsonl":
      return readLines(text, maxDepth);
    case "csv":
    case "tsv":
      return readCsv(text, format);
    case "form":
      return readForm(text);
    case "xml":
      return readXml(text, format, maxDepth);
    case "x12":
      return readX12(text, format);
    case "edifact":
      return readEdifact(text, format);
  }
}

function readJson(text: string, maxDepth: number, where = ""): unknown {
  try {
    return parseJson(text.replace(/^\ufeff/, ""), { maxDepth });
  } catch (error) {
    if (error instanceof JsonError) throw unreadable(where + error.message);
    throw error;
  }
}

const readLines = (text: string, maxDepth: number): unknown[] =>
  text
    .split("\n")
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, index }) => readJson(line, maxDepth, `Line ${index + 1}: `));

/** Writes a JSON value as text. Throws FormatError when the value does not fit the format. */
export function writeFormat(value: unknown, format: Format): string {
  switch (format.type) {
    case "text":
      if (typeof value === "string") return value;
      throw unwritable("The body is to be text, and is none.");
    case "json":
      return JSON.stringify(value ?? null);
    case "jsonl":
      return [value ?? []]
        .flat()
        .map((each) => `${JSON.stringify(each)}\n`)
        .join("");
    case "csv":
    case "tsv":
      return writeCsv(value, format);
    case "form":
      return writeForm(value);
    case "xml":
      return writeXml(value);
    case "x12":
      return format.acknowledges ? writeAcknowledgement(value) : writeX12(value);
    case "edifact":
      return writeEdifact(value);
  }
}

/** By what a text of the format is announced. */
export const contentTypes: Readonly<Record<Format["type"], string>> = {
  text: "text/plain; charset=utf-8",
  json: "application/json",
  jsonl: "application/jsonl",
  csv: "text/csv; charset=utf-8",
  tsv: "text/tab-separated-values; charset=utf-8",
  form: "application/x-www-form-urlencoded",
  xml: "application/xml; charset=utf-8",
  x12: "application/edi-x12",
  edifact: "application/edifact",
};
