import { StreamLanguage, type StreamParser } from "@codemirror/language";

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
