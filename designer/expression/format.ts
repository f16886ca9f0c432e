import { firstOf, type Group, gap, type Item, markPrefixes, type Piece, piecesOf, Unbalanced } from "./pieces.ts";

/** Longer lines are broken where that is possible. */
const WIDTH = 100;
const STEP = "  ";

/**
 * The expression in one layout: entries and statements on lines of their own where they are long, or where the author
 * began so; two blanks for each bracket. What it says stays the same, comments too. A text that has a bracket too many
 * or too few comes back as it is.
 */
export function formatExpression(text: string): string {
  try {
    const items = piecesOf(text);
    const lines = items.flatMap((item) => [
      ...(item.blank ? [""] : []),
      ...item.comments.map((comment) => comment.text),
      ...(item.pieces.length > 0 ? [sequence(item.pieces, { indent: "", used: 0, inObject: false })] : []),
    ]);
    return lines.join("\n");
  } catch (raw) {
    if (raw instanceof Unbalanced) return text;
    throw raw;
  }
}

/** Where something is written: the indent of its line, how much of the line is used already, and what it stands in. */
interface Place {
  indent: string;
  used: number;
  inObject: boolean;
  /** It is the other choice of a condition: its own choices stand below that. */
  inChoice?: boolean;
}

const hasComment = ({ comments }: Item): boolean => comments.length > 0;

/** The pieces on one line; null where they cannot stand on one. */
function flat(pieces: readonly Piece[], inObject: boolean): string | null {
  markPrefixes(pieces);
  let line = "";
  for (const [index, piece] of pieces.entries()) {
    const text = piece.kind === "token" ? piece.token.text : flatGroup(piece);
    if (text === null || text.includes("\n")) return null;
    const before = pieces[index - 1];
    line += (before ? gap(before, piece, inObject && !isInside(pieces, index)) : "") + text;
  }
  return line;
}

/** True where a `:` at this place belongs to a condition, not to an entry's name. */
const isInside = (pieces: readonly Piece[], index: number): boolean =>
  pieces.slice(0, index).some((piece) => piece.kind === "token" && piece.token.text === "?");

function flatGroup(group: Group): string | null {
  const { open, close, items, role, spread } = group;
  if (items.some(hasComment) || (spread && role === "object" && items.length > 0)) return null;
  if (role === "block" && items.length > 1) return null;
  const texts = items.map((item) => flatItem(item, role === "object"));
  if (texts.includes(null)) return null;
  const inner = texts.join(" ");
  const room = open.text === "{" && inner !== "" ? " " : "";
  return `${open.text}${room}${inner}${room}${close.text}`;
}

function flatItem({ pieces, separator }: Item, inObject: boolean): string | null {
  const text = flat(pieces, inObject);
  return text === null ? null : text + (separator?.text ?? "");
}

const fits = (text: string | null, { indent, used }: Place, more = 0): text is string =>
  text !== null && indent.length + used + text.length + more <= WIDTH;

/** Pieces in as many lines as they need. */
function sequence(pieces: readonly Piece[], place: Place): string {
  const line = flat(pieces, place.inObject);
  // Of several choices each has its line, a short last one too.
  if (fits(line, place) && !(place.inChoice && pieces.some((piece) => isToken(piece, /^\?$/)))) return line;
  return (
    named(pieces, place) ??
    conditional(pieces, place) ??
    hugging(pieces, place) ??
    chained(pieces, place) ??
    inTurn(pieces, place)
  );
}

const isToken = (piece: Piece, pattern: RegExp): boolean => piece.kind === "token" && pattern.test(piece.token.text);

/** `$name := ...` and `"entry": ...`: the name stays where it is, the rest is written as by itself. */
function named(pieces: readonly Piece[], place: Place): string | null {
  const at = pieces.findIndex((piece) => isToken(piece, place.inObject ? /^(:|\?)$/ : /^:=$/));
  const sign = pieces[at];
  if (!sign || isToken(sign, /^\?$/)) return null;
  const head = flat(pieces.slice(0, at + 1), place.inObject);
  if (head === null || at === pieces.length - 1) return null;
  const used = place.used + head.length + 1;
  return `${head} ${sequence(pieces.slice(at + 1), { indent: place.indent, used, inObject: false })}`;
}

/** `a ? b : c ? d : e`: each choice on a line of its own. */
function conditional(pieces: readonly Piece[], place: Place): string | null {
  const mark = pieces.findIndex((piece) => isToken(piece, /^\?$/));
  if (mark <= 0) return null;
  let depth = 0;
  const other = pieces.findIndex((piece, index) => {
    if (index > mark && isToken(piece, /^\?$/)) depth += 1;
    if (index <= mark || !isToken(piece, /^:$/)) return false;
    depth -= 1;
    return depth < 0;
  });
  const indent = place.inChoice ? place.indent : place.indent + STEP;
  const condition = sequence(pieces.slice(0, mark), { ...place, inObject: false, inChoice: false });
  const first = condition + chosen(condition, pieces.slice(mark + 1, other < 0 ? undefined : other), place, indent);
  if (other < 0) return first;
  const rest = pieces.slice(other + 1);
  const short = flat(rest, false);
  const closed = first.includes("\n") && /^\s*[)\]}]+$/.test(lastLine(first));
  // Behind a closing bracket there is room for a short last choice.
  if (closed && short !== null && !rest.some((piece) => isToken(piece, /^\?$/)) && lastLine(first).length + short.length < WIDTH)
    return `${first} : ${short}`;
  return `${first}\n${indent}: ${sequence(rest, { indent, used: 2, inObject: false, inChoice: true })}`;
}

/** What a condition chooses: behind it where it fits or is opened there, else on a line of its own. */
function chosen(condition: string, then: readonly Piece[], place: Place, indent: string): string {
  const used = condition.includes("\n")
    ? lastLine(condition).length - place.indent.length + 3
    : place.used + condition.length + 3;
  const line = flat(then, false);
  const [only] = then;
  const opens =
    then.length === 1 && only?.kind === "group" && (only.role === "object" || only.role === "list" || only.role === "block");
  if (!condition.includes("\n") && (fits(line, { ...place, used }) || opens))
    return ` ? ${sequence(then, { indent: place.indent, used, inObject: false })}`;
  return `\n${indent}? ${sequence(then, { indent, used: 2, inObject: false })}`;
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);

/** All but the last pair of brackets on the line; those broken: `$map(list, function($x) {` and so on. */
function hugging(pieces: readonly Piece[], place: Place): string | null {
  const last = pieces.at(-1);
  if (last?.kind !== "group" || last.items.length === 0) return null;
  const head = pieces.slice(0, -1);
  if (head.some((piece) => isToken(piece, loose))) return null;
  const before = flat(head, place.inObject);
  if (before === null || !fits(before, place, 2)) return null;
  const between = head.length > 0 ? gap(head.at(-1) as Piece, last, place.inObject) : "";
  return before + between + broken(last, { ...place, used: place.used + before.length + between.length });
}

/** What lines may begin with, the loosest first. */
const breaks = [/^~>$/, /^or$/, /^and$/, /^(\?\?|\?:)$/, /^&$/, /^(=|!=|<|>|<=|>=|in)$/, /^[-+]$/];
const loose = /^(~>|or|and|\?\?|\?:|&)$/;

/** Broken before each operator that binds least. */
function chained(pieces: readonly Piece[], place: Place): string | null {
  for (const pattern of breaks) {
    const cuts = pieces.flatMap((piece, index) =>
      index > 0 && isToken(piece, pattern) && !isSign(pieces, index) ? [index] : [],
    );
    if (cuts.length === 0) continue;
    const indent = place.indent + STEP;
    const parts = cuts.map((cut, index) => pieces.slice(cut, cuts[index + 1]));
    const first = sequence(pieces.slice(0, cuts[0]), { ...place, inObject: false });
    return [
      first,
      ...parts.map(([operator, ...rest]) => {
        const sign = operator ? firstOf(operator).text : "";
        return `${indent}${sign} ${sequence(rest, { indent, used: sign.length + 1, inObject: false })}`;
      }),
    ].join("\n");
  }
  return null;
}

/** A sign with no operand before it begins no line. */
function isSign(pieces: readonly Piece[], index: number): boolean {
  const before = pieces[index - 1];
  return !before || (before.kind === "token" && before.token.kind === "operator" && !isToken(before, /^(\*|\*\*|%)$/));
}

/** One after another, each pair of brackets broken where it does not fit. */
function inTurn(pieces: readonly Piece[], place: Place): string {
  markPrefixes(pieces);
  let text = "";
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1];
    if (before) text += gap(before, piece, place.inObject);
    const used = text.includes("\n") ? lastLine(text).length - place.indent.length : place.used + text.length;
    if (piece.kind === "token") text += piece.token.text;
    else {
      const line = flatGroup(piece);
      text += fits(line, { ...place, used }) ? line : broken(piece, { ...place, used });
    }
  }
  return text;
}

/** Brackets with their items on lines of their own, or with the last of them opened on the same line. */
function broken(group: Group, place: Place): string {
  const { open, close, items, role } = group;
  if (items.length === 0) return open.text + close.text;
  const hugged = hugOf(group, place);
  if (hugged !== null) return hugged;
  const indent = place.indent + STEP;
  const lines = items.flatMap((item) => {
    const { comments, pieces, separator, blank } = item;
    const written = pieces.length > 0 ? sequence(pieces, { indent, used: 0, inObject: role === "object" }) : "";
    return [
      ...(blank ? [""] : []),
      ...comments.map((comment) => indent + comment.text),
      ...(written === "" && !separator ? [] : [indent + written + (separator?.text ?? "")]),
    ];
  });
  return [open.text, ...lines, place.indent + close.text].join("\n");
}

/** `{(`, `[$map(list, function($x) {`, `$f(a, {`: nothing of it needs a line of its own but what is in the last brackets. */
function hugOf({ open, close, items, role }: Group, place: Place): string | null {
  const last = items.at(-1);
  const alone = items.length === 1;
  if (!last || role === "object" || items.some(hasComment) || (!alone && role !== "call") || last.separator) return null;
  if (role === "block" && !alone) return null;
  const tail = last.pieces.at(-1);
  if (tail?.kind !== "group" || tail.items.length === 0 || (role === "body" && last.pieces.length > 1)) return null;
  // A statement or an argument of several parts is clearer on lines of its own.
  if (last.pieces.some((piece) => isToken(piece, /^(\?|:=|~>|or|and|&)$/))) return null;
  const before = items.slice(0, -1).map((item) => flatItem(item, false));
  if (before.includes(null)) return null;
  const lead = open.text + before.map((text) => `${text} `).join("");
  const head = flat(last.pieces.slice(0, -1), false);
  if (head === null || !fits(lead + head, place, 2)) return null;
  const inner = hugging(last.pieces, { ...place, used: place.used + lead.length, inObject: false });
  return inner === null ? null : lead + inner + close.text;
}
