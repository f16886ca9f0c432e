import { isOperand, type Token, tokenize } from "./tokens.ts";

/** A token by itself, or all between two brackets. */
export type Piece = { kind: "token"; token: Token } | Group;

export interface Group {
  kind: "group";
  open: Token;
  close: Token;
  items: Item[];
  /** What the brackets are for; it decides how they are written. */
  role: "call" | "parameters" | "body" | "object" | "block" | "list" | "filter";
  /** The author began the first item on a line of its own. */
  spread: boolean;
}

/** What stands between two separators. */
export interface Item {
  pieces: Piece[];
  separator: Token | null;
  /** Comments on lines of their own before it. */
  comments: Token[];
  /** The author left an empty line before it. */
  blank: boolean;
}

export const firstOf = (piece: Piece): Token => (piece.kind === "token" ? piece.token : piece.open);
export const lastOf = (piece: Piece): Token => (piece.kind === "token" ? piece.token : piece.close);

/** Brackets that do not match: the text is left as it is. */
export class Unbalanced extends Error {}

/** The expression as nested pieces; its own items are those of the whole text. */
export function piecesOf(text: string): Item[] {
  const reader: Reader = { text, tokens: tokenize(text), at: 0 };
  const items = readItems(reader, undefined);
  if (reader.at < reader.tokens.length) throw new Unbalanced();
  return items;
}

interface Reader {
  text: string;
  tokens: Token[];
  at: number;
}

const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** Lines between two places of the text. */
const linesBetween = (text: string, from: number, to: number): number => text.slice(from, to).split("\n").length - 1;

function readItems(reader: Reader, open: Token | undefined): Item[] {
  const items: Item[] = [];
  let item: Item | undefined;
  let end = open?.to ?? 0;
  for (let token = reader.tokens[reader.at]; token && token.kind !== "close"; token = reader.tokens[reader.at]) {
    if (!item) {
      const blank = items.length > 0 && linesBetween(reader.text, end, token.from) > 1;
      item = { pieces: [], separator: null, comments: [], blank };
      items.push(item);
    }
    if (token.kind === "separator") {
      item.separator = token;
      item = undefined;
      reader.at += 1;
    } else if (token.kind === "comment" && item.pieces.length === 0 && isAlone(reader, token)) {
      item.comments.push(token);
      reader.at += 1;
    } else item.pieces.push(readPiece(reader, item.pieces));
    end = reader.tokens[reader.at - 1]?.to ?? end;
  }
  return items;
}

/** A comment with nothing behind it on its line. */
const isAlone = ({ text, tokens, at }: Reader, comment: Token): boolean => {
  const next = tokens[at + 1];
  return next === undefined || linesBetween(text, comment.to, next.from) > 0;
};

function readPiece(reader: Reader, before: readonly Piece[]): Piece {
  const token = reader.tokens[reader.at] as Token;
  reader.at += 1;
  if (token.kind !== "open") return { kind: "token", token };
  const first = reader.tokens[reader.at];
  const spread = first !== undefined && linesBetween(reader.text, token.to, first.from) > 0;
  const items = readItems(reader, token);
  const close = reader.tokens[reader.at];
  if (!close || close.text !== closers[token.text]) throw new Unbalanced();
  reader.at += 1;
  return { kind: "group", open: token, close, items, role: roleOf(token, before), spread };
}

function roleOf(open: Token, before: readonly Piece[]): Group["role"] {
  const last = before.at(-1);
  const behind = last && isOperand(lastOf(last));
  const isFunction = last?.kind === "token" && /^(function|λ)$/.test(last.token.text);
  const afterParameters =
    (last?.kind === "group" && last.role === "parameters") || (last?.kind === "token" && last.token.kind === "signature");
  if (open.text === "(") return isFunction ? "parameters" : behind ? "call" : "block";
  if (open.text === "[") return behind ? "filter" : "list";
  return afterParameters ? "body" : "object";
}

/** What stands between two pieces that follow each other on a line: a blank, or nothing. */
export function gap(before: Piece, next: Piece, inObject: boolean): "" | " " {
  const a = lastOf(before);
  const b = firstOf(next);
  if (next.kind === "group") {
    if (next.role === "call" || next.role === "parameters" || next.role === "filter") return "";
    if (next.role === "body") return " ";
    if (next.role === "object" && isOperand(a)) return "";
  }
  if (isTight(a, before) || (b.kind === "operator" && /^(\.|\.\.|@|#|\^|\|)$/.test(b.text) && !isApplied(a, b))) return "";
  if (a.kind === "signature" || b.kind === "signature") return "";
  if (b.text === "," || (b.text === ":" && inObject)) return "";
  return " ";
}

/** `$ ~> |a|{}|`: before the first of the bars stands a blank. */
const isApplied = (a: Token, b: Token): boolean => b.text === "|" && a.text === "~>";

/** Operators that cling to what follows them. */
function isTight(token: Token, piece: Piece): boolean {
  if (piece.kind !== "token" || token.kind !== "operator" || isOperand(token)) return false;
  return /^(\.|\.\.|@|#|\^|\|)$/.test(token.text) || prefixes.has(piece);
}

/** `-` before an operand with none before it, `<` and `>` in the terms of a sort. */
const prefixes = new WeakSet<Piece>();

/** Marks the operators of an item that have nothing at their left. */
export function markPrefixes(pieces: readonly Piece[]): void {
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== "token" || piece.token.kind !== "operator" || !/^[-<>]$/.test(piece.token.text)) continue;
    const before = pieces[index - 1];
    if (!before || !isOperand(lastOf(before))) prefixes.add(piece);
  }
}
