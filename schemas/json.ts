import { isSafeNumber, parse as parseLossless } from "lossless-json";
import { jsonFaultOf } from "./jsonFault.ts";
import { escapePointer } from "./pointer.ts";

/** Why a text was refused as JSON. */
export class JsonError extends Error {
  readonly code: "json.syntax" | "json.tooDeep" | "json.forbiddenKey";
  /** Character offset, where the parser tells it. */
  readonly position: number | undefined;
  /** JSON pointer of the place, where it is known. */
  readonly path: string | undefined;
  constructor(code: JsonError["code"], message: string, place: { position?: number | undefined; path?: string | undefined }) {
    super(message);
    this.name = "JsonError";
    this.code = code;
    this.position = place.position;
    this.path = place.path;
  }
}

/** Keys through which data could reach a prototype; refused as own keys at every boundary. */
export const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Deeper documents than this are refused unless the caller says otherwise. */
export const DEFAULT_MAX_DEPTH = 64;

/**
 * A number of 16 digits and more, or with an exponent, at a place where a JSON number can stand. It may also hit the
 * inside of a string; then only the slower parser is taken for nothing.
 */
const NUMBER_AT_RISK = /(?:^|[:,[\s])-?(?:[\d.]{16}|[\d.]+[eE])/;

/** A number as a double where it keeps every digit, else its text: an id or an amount must never change on the way. */
export function exactNumber(text: string): number | string {
  const value = Number(text);
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return text;
  return isSafeNumber(text) ? value : text;
}

/**
 * Refuses forbidden own keys and nesting deeper than `maxDepth` in a value already parsed. An explicit stack, so that a
 * hostile value cannot exhaust the call stack.
 */
function refuseHostile(root: unknown, maxDepth: number): void {
  const open: { value: unknown; depth: number; path: string }[] = [{ value: root, depth: 0, path: "" }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, path } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= maxDepth) {
      throw new JsonError("json.tooDeep", `The JSON is nested deeper than ${maxDepth} levels, at ${path.slice(0, 200)}.`, {
        path,
      });
    }
    for (const key of Object.keys(value)) {
      if (!Array.isArray(value) && forbiddenKeys.has(key)) {
        throw new JsonError(
          "json.forbiddenKey",
          `The JSON has the key "${key}" at ${path || "its root"}, which is not allowed.`,
          {
            path: `${path}/${key}`,
          },
        );
      }
      const child = (value as Record<string, unknown>)[key];
      if (typeof child === "object" && child !== null) {
        open.push({ value: child, depth: depth + 1, path: `${path}/${escapePointer(key)}` });
      }
    }
  }
}

/** What keeps a text from being JSON, at its place; `raw` is what JSON.parse threw. */
export function jsonSyntaxError(text: string, raw: unknown): JsonError {
  if (text.trim() === "") return new JsonError("json.syntax", "The text is empty where JSON is expected.", { position: 0 });
  const fault = jsonFaultOf(text);
  if (!fault)
    return new JsonError("json.syntax", `The text is not JSON: ${raw instanceof Error ? raw.message : String(raw)}.`, {});
  const { position, line, column, reason } = fault;
  return new JsonError("json.syntax", `The text is not JSON at line ${line}, column ${column}: ${reason}.`, { position });
}

/**
 * Parses JSON without losing a digit: integers beyond 2^53 and decimals that a double cannot hold become strings.
 * `maxDepth` counts arrays and objects around a value. Of a key given twice the last value stands, as in JSON.parse.
 * @throws JsonError on bad syntax, own keys `__proto__`, `constructor`, `prototype`, and too deep nesting.
 */
export function parseJson(text: string, options: { maxDepth?: number } = {}): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (raw) {
    throw jsonSyntaxError(text, raw);
  }
  refuseHostile(value, options.maxDepth ?? DEFAULT_MAX_DEPTH);
  // Only now, with the depth known to be harmless, the recursive parser.
  if (!NUMBER_AT_RISK.test(text)) return value;
  return parseLossless(text, null, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
}
