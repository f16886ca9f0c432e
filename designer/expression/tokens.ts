export type TokenKind =
  | "comment"
  | "string"
  /** A name in backquotes. */
  | "quoted"
  | "number"
  | "variable"
  | "name"
  | "regex"
  /** Of a function's parameters and result: `<s-:n>`. */
  | "signature"
  | "operator"
  | "open"
  | "close"
  | "separator";

export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
  to: number;
}

const wordOperators = new Set(["and", "or", "in"]);
const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** What an operand ends with: behind it a `/` divides, a `-` subtracts and a `[` filters. */
const operandKinds: ReadonlySet<TokenKind> = new Set(["string", "quoted", "number", "variable", "name", "regex", "close"]);

/** What every kind of token looks like where it begins; the first that fits is taken. */
const patterns: readonly [TokenKind, RegExp][] = [
  ["comment", /\/\*[\s\S]*?(?:\*\/|$)/y],
  ["string", /"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?/y],
  ["quoted", /`[^`]*`?/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y],
  ["variable", /\$\$?[A-Za-z_0-9]*/y],
  ["name", /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y],
  ["open", /[([{]/y],
  ["close", /[)\]}]/y],
  ["separator", /[,;]/y],
  ["operator", /\.\.|:=|!=|>=|<=|\*\*|~>|\?:|\?\?|[^\s\w$]/y],
];

const regexPattern = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[im]*/y;
const signaturePattern = /<[^{}]*>(?=\s*\{)/y;

/** True when an operand may end with this token, so that an operator can follow it. */
export const isOperand = (token: Token | undefined): boolean => {
  if (!token) return false;
  if (token.kind === "operator") return token.text === "%" || token.text === "*" || token.text === "**" ? isStep(token) : false;
  return operandKinds.has(token.kind);
};

/** `*`, `**` and `%` are steps of a path where no operand stands before them; the tokenizer marks those. */
const steps = new WeakSet<Token>();
const isStep = (token: Token): boolean => steps.has(token);

/** The text in tokens, blanks left out. Whatever cannot be read becomes an operator of one character: nothing is lost. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  /** For each bracket that is open: whether it holds a function's parameters, and which of a transform's three bars came last in it. */
  const open: { parameters: boolean; bars: number }[] = [{ parameters: false, bars: 0 }];
  let afterParameters = false;
  let before: Token | undefined;
  let at = 0;
  while (at < text.length) {
    const blank = /\s+/y;
    blank.lastIndex = at;
    if (blank.test(text)) {
      at = blank.lastIndex;
      continue;
    }
    const token = tokenAt(text, at, before, afterParameters);
    if (token.kind !== "comment") {
      if (token.kind === "operator" && /^(%|\*\*?)$/.test(token.text) && !isOperand(before)) steps.add(token);
      afterParameters = false;
      if (token.kind === "open")
        open.push({ parameters: before?.kind === "name" && /^(function|λ)$/.test(before.text), bars: 0 });
      if (token.kind === "close") afterParameters = open.pop()?.parameters ?? false;
      const inside = open.at(-1);
      if (inside && token.text === "|") inside.bars = (inside.bars + 1) % 3;
      // `|a|{},b|`: it separates the parts of the transform, not the items around it.
      if (inside && inside.bars > 0 && token.text === ",") token.kind = "operator";
      before = token;
    }
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function tokenAt(text: string, at: number, before: Token | undefined, afterParameters: boolean): Token {
  const match = (kind: TokenKind, pattern: RegExp): Token | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    return found ? { kind, text: found, from: at, to: at + found.length } : undefined;
  };
  if (text.startsWith("/*", at)) return match("comment", patterns[0]?.[1] ?? /./y) as Token;
  if (text[at] === "/" && !isOperand(before)) {
    const regex = match("regex", regexPattern);
    if (regex) return regex;
  }
  if (text[at] === "<" && afterParameters) {
    const signature = match("signature", signaturePattern);
    if (signature) return signature;
  }
  for (const [kind, pattern] of patterns) {
    const token = match(kind, pattern);
    if (!token) continue;
    // `and`, `or` and `in` are names where no operand stands before them, as in JSONata itself.
    return kind === "name" && wordOperators.has(token.text) && isOperand(before) ? { ...token, kind: "operator" } : token;
  }
  return { kind: "operator", text: text.charAt(at), from: at, to: at + 1 };
}

/** The index of the token that closes the bracket at `index`; undefined where none does. */
export function closing(tokens: readonly Token[], index: number): number | undefined {
  let depth = 0;
  for (let at = index; at < tokens.length; at += 1) {
    const kind = tokens[at]?.kind;
    if (kind === "open") depth += 1;
    if (kind === "close") depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** What would close the brackets that are open at the end of the text. */
export function missingClosers(text: string): string {
  const open: string[] = [];
  for (const { kind, text: bracket } of tokenize(text)) {
    if (kind === "open") open.push(closers[bracket] ?? "");
    if (kind === "close") open.pop();
  }
  return open.reverse().join("");
}

/** A field's name as it stands in an expression. */
export const asName = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) && !/^(and|or|in|true|false|null|function)$/.test(name) ? name : `\`${name}\``;
