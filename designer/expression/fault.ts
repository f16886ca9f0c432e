import { closing, isOperand, tokenize } from "./tokens.ts";
import { type Range, treeOf } from "./tree.ts";

/** Why an expression cannot be read, by code; the sentences stand in the catalogue. */
export type FaultCode =
  | "openText"
  | "openName"
  | "openComment"
  | "openBracket"
  | "strayCloser"
  | "trailingComma"
  | "doubleAnd"
  | "doubleOr"
  | "doubleEquals"
  | "exclamation"
  | "notAllowedHere"
  | "valueMissing"
  | "missing"
  | "endsEarly"
  | "assignTarget"
  | "literalStep"
  | "badEscape"
  | "badNumber"
  | "other";

export interface Fault extends Range {
  code: FaultCode;
  params: Readonly<Record<string, string>>;
  /** A change of the text that would put it right. */
  fix?: Range & { insert: string };
}

/** How an expression failed on a sample. */
export interface Failure {
  text: string;
  message: string;
  /** Where JSONata says that it failed: behind the token. */
  position: number | undefined;
}

/** The failure at its place; absent where that is not known. */
export function failedAt({ text, message, position }: Failure): (Range & { text: string; severity: "error" }) | undefined {
  const tokens = tokenize(text);
  const index = tokens.findIndex(({ to }) => to === position);
  // A call is known by its bracket; what failed is the function before it.
  const at = tokens[index]?.text === "(" && tokens[index - 1]?.kind === "variable" ? tokens[index - 1] : tokens[index];
  return at && { from: at.from, to: at.to, severity: "error", text: message };
}

interface Thrown {
  code: string;
  message: string;
  position: number;
  token: string;
  value: string;
}

/** JSONata throws plain objects. */
function thrown(raw: unknown, end: number): Thrown {
  const of = (name: string): unknown => (typeof raw === "object" && raw !== null ? Reflect.get(raw, name) : undefined);
  const text = (name: string): string => (typeof of(name) === "string" ? String(of(name)) : "");
  const position = of("position");
  const message = text("message") || String(raw);
  return {
    code: text("code"),
    message,
    position: typeof position === "number" ? position : end,
    token: text("token"),
    value: text("value"),
  };
}

/** What keeps an expression from being read, with its place and, where one is likely, a fix; nothing for a sound or an empty one. */
export function faultOf(expression: string): Fault | undefined {
  if (expression.trim() === "") return undefined;
  try {
    treeOf(expression);
    return undefined;
  } catch (raw) {
    return told(expression, thrown(raw, expression.length));
  }
}

function told(text: string, error: Thrown): Fault {
  const to = Math.min(Math.max(error.position, 1), text.length);
  const from = Math.max(0, to - Math.max(1, error.token === "(end)" ? 1 : error.token.length));
  const at = { from, to };
  switch (error.code) {
    case "S0101":
      return { ...openFrom(text, "string"), code: "openText", params: {} };
    case "S0105":
      return { ...openFrom(text, "quoted"), code: "openName", params: {} };
    case "S0106":
      return { ...openFrom(text, "comment"), code: "openComment", params: {} };
    case "S0102":
      return { ...at, code: "badNumber", params: {} };
    case "S0103":
    case "S0104":
      return { ...at, code: "badEscape", params: {} };
    case "S0202":
      return { ...at, code: "missing", params: { wanted: error.value, found: error.token } };
    case "S0203":
      return openBracket(text, error.value);
    case "S0207":
      return { from: Math.max(0, text.trimEnd().length - 1), to: text.trimEnd().length, code: "endsEarly", params: {} };
    case "S0212":
      return { ...at, code: "assignTarget", params: {} };
    case "S0213":
      return { ...at, code: "literalStep", params: { value: error.value } };
    case "S0201":
    case "S0204":
    case "S0211":
      return misplaced(text, at, error.token);
    default:
      return { ...at, code: "other", params: { message: error.message } };
  }
}

/** A text, name or comment without an end: it begins at the last one that has none. */
function openFrom(text: string, kind: "string" | "quoted" | "comment"): Range {
  const last = tokenize(text).findLast((token) => token.kind === kind);
  return last ? { from: last.from, to: Math.min(last.to, last.from + 1) } : { from: 0, to: 1 };
}

/** The bracket that is never closed, not the end of the text where that is noticed. */
function openBracket(text: string, wanted: string): Fault {
  const tokens = tokenize(text);
  const open = tokens.findLast((token, index) => token.kind === "open" && closing(tokens, index) === undefined);
  const end = text.trimEnd().length;
  const at = open ? { from: open.from, to: open.to } : { from: Math.max(0, end - 1), to: end };
  return { ...at, code: "openBracket", params: { wanted }, fix: { from: end, to: end, insert: wanted } };
}

/** Habits of other languages first; they have a fix. */
function misplaced(text: string, at: Range, token: string): Fault {
  const around = text.slice(Math.max(0, at.from - 1), at.to + 1);
  const start = at.from - (text[at.from - 1] === text[at.from] ? 1 : 0);
  const twice = { from: start, to: start + 2 };
  if (around.includes("&&")) return { ...twice, code: "doubleAnd", params: {}, fix: { ...twice, insert: "and" } };
  if (around.includes("||")) return { ...twice, code: "doubleOr", params: {}, fix: { ...twice, insert: "or" } };
  if (around.includes("==")) return { ...twice, code: "doubleEquals", params: {}, fix: { ...twice, insert: "=" } };
  if (token === "!") return { ...at, code: "exclamation", params: {} };
  if (/^[)\]}]$/.test(token)) {
    const comma = /,\s*$/.exec(text.slice(0, at.from));
    if (comma) {
      const place = { from: comma.index, to: comma.index + 1 };
      return { ...place, code: "trailingComma", params: {}, fix: { ...place, insert: "" } };
    }
    const before = /(\S)\s*$/.exec(text.slice(0, at.from))?.[1];
    return { ...at, code: before && !/[([{]/.test(before) ? "endsEarly" : "strayCloser", params: { found: token } };
  }
  if (token === "(end)") return { ...at, code: "endsEarly", params: {} };
  const before = tokenize(text).findLast(({ kind, to }) => kind !== "comment" && to <= at.from);
  const waits = before !== undefined && !isOperand(before);
  return { ...at, code: waits ? "valueMissing" : "notAllowedHere", params: { found: token } };
}
