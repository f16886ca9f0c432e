import { parse } from "lossless-json";

/** Where a text stops being JSON, and what is wrong there, as part of a sentence. */
interface JsonFault {
  /** Character offset; the length of the text where it ends too early. */
  position: number;
  line: number;
  column: number;
  /** Such as: a value is missing before “}”. */
  reason: string;
}

/**
 * The first fault of a text that JSON.parse refuses. What JSON.parse itself says differs from engine to engine and mostly
 * names no place. Undefined where even the careful parser cannot tell, as of a text nested deeper than its stack.
 */
export function jsonFaultOf(text: string): JsonFault | undefined {
  let message: string;
  try {
    parse(text, null, { parseNumber: String, onDuplicateKey: ({ newValue }) => newValue });
    return undefined;
  } catch (raw) {
    message = raw instanceof SyntaxError ? raw.message : "";
  }
  const at = / at position (\d+)$/.exec(message)?.[1];
  if (at === undefined) return undefined;
  const position = Number(at);
  const before = text.slice(0, position).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { position, line: before.length, column, reason: reasonOf(message, text, position) };
}

/** A word, a text or a sign, as much of it as tells which one is meant. */
const FOUND = /^(?:[\w.+-]{1,24}|"[^"\n]{0,22}"?|[^\p{Cc}])/u;

function reasonOf(message: string, text: string, position: number): string {
  const says = (beginning: string): boolean => message.startsWith(beginning);
  const found = FOUND.exec(text.slice(position))?.[0] ?? "";
  const here = found !== "" ? `“${found}”` : position < text.length ? "a character that is not seen" : "the end";
  const afterComma = /,\s*$/.test(text.slice(0, position)) && /^[}\]]/.test(found);
  if (/^['`“”‘’]/.test(found)) return `texts and names stand in straight double quotes, not in ${found}`;
  if (afterComma) return `nothing follows the comma before ${here}`;
  if (says("Quoted object key expected"))
    return /^\w/.test(found)
      ? `the name ${here} has to stand in double quotes`
      : `a name in double quotes is missing before ${here}`;
  if (says("JSON value expected") || says("Array item expected") || says("Object value expected"))
    return /^[A-Za-z_]/.test(found) ? `${here} is no value: a text stands in double quotes` : `a value is missing before ${here}`;
  if (says("Comma")) {
    const closer = { "}": "a “]”", "]": "a “}”" }[found] ?? "a comma";
    return `${closer} is missing before ${here}`;
  }
  if (says("Colon")) return `a colon is missing before ${here}`;
  if (says("Quoted object key or end")) return "a “}” is missing at the end";
  if (says("Array item or end")) return "a “]” is missing at the end";
  if (says("Expected end of input")) return `nothing may follow the end, as ${here} does`;
  if (says("Invalid number")) return `a digit is missing before ${here}`;
  if (says("End of string")) return "the last text has no closing quote";
  if (says("Invalid character")) return "a text has no line breaks and control characters as such: write \\n for a line break";
  return 'a backslash stands before one of " \\ / b f n r t, or before u with four hexadecimal digits';
}
