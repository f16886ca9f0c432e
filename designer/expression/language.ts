import { StreamLanguage, type StreamParser } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import jsonata from "jsonata";

const words = new Set(["and", "or", "in", "function", "true", "false", "null"]);

interface State {
  comment: boolean;
}

const parser: StreamParser<State> = {
  name: "jsonata",
  startState: () => ({ comment: false }),
  token(stream, state) {
    if (state.comment || stream.match("/*")) {
      state.comment = !stream.match(/.*?\*\//);
      if (state.comment) stream.skipToEnd();
      return "comment";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/"(?:[^"\\]|\\.)*"?/) || stream.match(/'(?:[^'\\]|\\.)*'?/)) return "string";
    if (stream.match(/`[^`]*`?/)) return "propertyName";
    if (stream.match(/\$\$?[A-Za-z_]\w*/)) return "variableName";
    if (stream.match(/\$\$?/)) return "atom";
    if (stream.match(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/)) return "number";
    const word = stream.match(/[A-Za-z_]\w*/);
    if (Array.isArray(word)) return words.has(word[0]) ? "keyword" : "propertyName";
    if (stream.match(/:=|~>|\*\*|\.\.|!=|<=|>=|[-+*/%&=<>?:.^@#|]/)) return "operator";
    stream.next();
    return "punctuation";
  },
  languageData: {
    commentTokens: { block: { open: "/*", close: "*/" } },
    closeBrackets: { brackets: ["(", "[", "{", '"', "'", "`"] },
  },
};

export const jsonataLanguage = StreamLanguage.define(parser);

/** JSONata throws plain objects: a message, and the place up to which it had read. */
const faultOf = (raw: unknown): { message: string; position: number | undefined } => {
  if (typeof raw !== "object" || raw === null) return { message: String(raw), position: undefined };
  const message = "message" in raw && typeof raw.message === "string" ? raw.message : "The expression cannot be read.";
  return { message, position: "position" in raw && typeof raw.position === "number" ? raw.position : undefined };
};

/** What keeps an expression from being read, with its place; nothing for a sound or an empty one. */
export function check(expression: string): Diagnostic[] {
  if (expression.trim() === "") return [];
  try {
    jsonata(expression);
    return [];
  } catch (raw) {
    const { message, position } = faultOf(raw);
    const to = Math.min(Math.max(position ?? expression.length, 1), expression.length);
    return [{ from: to - 1, to, severity: "error", message }];
  }
}
