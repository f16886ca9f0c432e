import { faultOf } from "../expression/fault.ts";
import { firstOf, type Group, type Item, lastOf, type Piece, piecesOf } from "../expression/pieces.ts";
import { type Token, tokenize } from "../expression/tokens.ts";
import type { Range } from "../expression/tree.ts";
import type { Bound, Entry, Frame, Made, Member, Reading, Through } from "./mapping.ts";

interface Binding {
  name: string;
  pieces: readonly Piece[];
  around: Around;
}

interface Around {
  bindings: Bound[];
  frames: readonly Frame[];
  scope: ReadonlyMap<string, Binding>;
  through: readonly Through[];
}

/** Reads an expression as a mapping. */
export function readMapping(text: string): Reading {
  if (text.trim() === "") return { kind: "empty" };
  const fault = faultOf(text);
  if (fault) return { kind: "unreadable", fault };
  const all = tokenize(text);
  const pieces = piecesOf(text).flatMap((item) => item.pieces);
  const bindings: Bound[] = [];
  const root = madeOf(pieces, { bindings, frames: [{ via: "", origin: null }], scope: new Map(), through: [] });
  if (!root) return { kind: "other" };
  const comments = all.filter(({ kind }) => kind === "comment");
  return { kind: "drawn", mapping: { text, tokens: all.filter(({ kind }) => kind !== "comment"), comments, root, bindings } };
}

const isComment = (piece: Piece): boolean => piece.kind === "token" && piece.token.kind === "comment";
const isOperator = (piece: Piece | undefined, text: string): boolean =>
  piece?.kind === "token" && piece.token.kind === "operator" && piece.token.text === text;
const isGroup = (piece: Piece | undefined, role: Group["role"]): piece is Group => piece?.kind === "group" && piece.role === role;

function rangeOfPieces(pieces: readonly Piece[]): Range {
  const [first, last] = [pieces[0], pieces.at(-1)];
  return first && last ? { from: firstOf(first).from, to: lastOf(last).to } : { from: 0, to: 0 };
}

/** The object that some pieces make, if it is one: alone, in brackets, of each member of a list, under a condition, by a variable. */
function madeOf(given: readonly Piece[], around: Around): Made | null {
  const pieces = given.filter((piece) => !isComment(piece));
  const [only] = pieces;
  const value = rangeOfPieces(pieces);
  const found =
    pieces.length === 1 && only
      ? ofOne(only, around)
      : (ofCondition(pieces, around) ?? ofStep(pieces, around) ?? ofCall(pieces, around));
  return found && { ...found, value };
}

function ofOne(only: Piece, around: Around): Made | null {
  if (only.kind === "token") return only.token.kind === "variable" ? ofVariable(only.token, around) : null;
  if (only.role === "object") return ofObject(only, around);
  if (only.role === "block") return ofBlock(only, around);
  return only.role === "list" ? ofList(only, around) : null;
}

function ofObject(group: Group, around: Around): Made {
  const members: Member[] = [];
  const entries: Entry[] = [];
  for (const { pieces, separator } of group.items) {
    const own = pieces.filter((piece) => !isComment(piece));
    if (own.length === 0) continue;
    const range = rangeOfPieces(own);
    const index = members.push({ ...range, comma: separator?.from ?? null }) - 1;
    const entry = entryOf(own, around);
    if (entry && !entries.some(({ name }) => name === entry.name)) entries.push({ ...entry, ...range, index });
  }
  const braces = { from: group.open.from, to: group.close.to };
  return { value: braces, braces, members, entries, each: null, frames: around.frames, through: around.through };
}

/** A member whose name is a text; any other stays as it is. */
function entryOf(pieces: readonly Piece[], around: Around): Pick<Entry, "name" | "value" | "made"> | null {
  const [key, colon, ...rest] = pieces;
  if (key?.kind !== "token" || key.token.kind !== "string" || !isOperator(colon, ":") || rest.length === 0) return null;
  const name = textOf(key.token.text);
  return name === null ? null : { name, value: rangeOfPieces(rest), made: madeOf(rest, { ...around, through: [] }) };
}

/** The text that a string of JSONata stands for. */
export function textOf(quoted: string): string | null {
  const inner = quoted.slice(1, -1);
  const asJson = quoted.startsWith("'") ? inner.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"') : inner;
  try {
    return JSON.parse(`"${asJson}"`) as string;
  } catch {
    return null;
  }
}

/** `( $x := …; { … } )`: the last counts, the variables before it are known in it. */
function ofBlock(group: Group, around: Around): Made | null {
  const items = group.items.filter(({ pieces }) => pieces.some((piece) => !isComment(piece)));
  const last = items.at(-1);
  if (!last) return null;
  const scope = new Map(around.scope);
  for (const item of items.slice(0, -1)) {
    const binding = bindingOf(item, { ...around, scope: new Map(scope), through: [] });
    if (!binding) continue;
    scope.set(binding.name, binding);
    around.bindings.push({ name: binding.name, range: rangeOfPieces(binding.pieces) });
  }
  return madeOf(last.pieces, { ...around, scope });
}

function bindingOf({ pieces }: Item, around: Around): Binding | null {
  const [name, sign, ...rest] = pieces.filter((piece) => !isComment(piece));
  if (name?.kind !== "token" || name.token.kind !== "variable" || !isOperator(sign, ":=") || rest.length === 0) return null;
  return { name: name.token.text, pieces: rest, around };
}

/** `[ … ]` around one thing: the result is always an array. */
function ofList(group: Group, around: Around): Made | null {
  const [only, more] = group.items;
  if (!only || more) return null;
  const inner = madeOf(only.pieces, around);
  return inner && { ...inner, each: { list: inner.each?.list ?? null, keeps: true } };
}

/** `lines.{ … }`, `lines.( $x := …; { … } )`, and either with `[]` behind it. */
function ofStep(pieces: readonly Piece[], around: Around): Made | null {
  const last = pieces.at(-1);
  const keeps = isGroup(last, "filter") && last.items.length === 0;
  const path = keeps ? pieces.slice(0, -1) : pieces;
  const step = path.at(-1);
  if (!isOperator(path.at(-2), ".")) return null;
  const list = path.slice(0, -2);
  if (list.length === 0 || !list.every(isOnPath)) return null;
  const outer = around.frames.filter(({ via }) => via !== "");
  const input: Frame[] = outer.some(({ via }) => via === "$$") ? [] : [{ via: "$$", origin: null }];
  const inside = { ...around, frames: [...input, ...outer, { via: "", origin: originOf(list) }] };
  const made = isGroup(step, "object") ? ofObject(step, inside) : isGroup(step, "block") ? ofBlock(step, inside) : null;
  // Of two lists that are gone through in one another the fields would have to say of which.
  return made && !made.each ? { ...made, each: { list: rangeOfPieces(list), keeps } } : null;
}

const isOnPath = (piece: Piece): boolean => {
  if (piece.kind === "group") return piece.role !== "object" && piece.role !== "body";
  const { kind, text } = piece.token;
  return kind === "name" || kind === "quoted" || kind === "variable" || (kind === "operator" && /^[.^#]$/.test(text));
};

/** The end of the name that says what a list is made of: the last one outside filters, inside calls too. */
function originOf(pieces: readonly Piece[]): number {
  for (const piece of pieces.toReversed()) {
    if (piece.kind === "token") {
      const { kind, to } = piece.token;
      const at = pieces.indexOf(piece);
      // `#$i` counts the members, and is none.
      const isOther = isGroup(pieces[at + 1], "call") || isOperator(pieces[at - 1], "#");
      if (!isOther && (kind === "name" || kind === "quoted" || kind === "variable")) return to;
    } else if (piece.role === "call" || piece.role === "list") {
      const inner = originOf(piece.items[0]?.pieces ?? []);
      if (inner >= 0) return inner;
    } else if (piece.role === "block") return -1;
  }
  return -1;
}

/** `$map(list, function($line) { … })`, and functions that only leave fields out. */
function ofCall(pieces: readonly Piece[], around: Around): Made | null {
  const [name, call, more] = pieces;
  if (name?.kind !== "token" || name.token.kind !== "variable" || !isGroup(call, "call") || more) return null;
  const called = name.token.text;
  const [first, second] = call.items;
  if (called === "$map" && first && second) return ofMap(first, second, around);
  if (!first || !leavesOut(called, around)) return null;
  return madeOf(first.pieces, { ...around, through: [...around.through, { kind: "function", name: called }] });
}

function ofMap(list: Item, each: Item, around: Around): Made | null {
  const [word, parameters, ...rest] = each.pieces.filter((piece) => !isComment(piece));
  const body = rest.at(-1);
  if (word?.kind !== "token" || !/^(function|λ)$/.test(word.token.text)) return null;
  if (!isGroup(parameters, "parameters") || !isGroup(body, "body")) return null;
  const [variable] = parameters.items[0]?.pieces ?? [];
  if (variable?.kind !== "token") return null;
  const gone = list.pieces.filter((piece) => !isComment(piece));
  const frames = [...around.frames, { via: variable.token.text, origin: originOf(gone) }];
  const inner = madeOf(body.items[0]?.pieces ?? [], { ...around, frames });
  return inner && { ...inner, each: { list: rangeOfPieces(gone), keeps: inner.each?.keeps ?? false } };
}

/** `$sift`, and a function of the expression's own that does nothing but sift its parameter. */
function leavesOut(called: string, { scope }: Around): boolean {
  if (called === "$sift") return true;
  const own = scope.get(called)?.pieces;
  const [parameters, body] = [own?.at(1), own?.at(-1)];
  if (!isGroup(parameters, "parameters") || !isGroup(body, "body")) return false;
  const [parameter] = parameters.items[0]?.pieces ?? [];
  const [name, call, more] = body.items[0]?.pieces.filter((piece) => !isComment(piece)) ?? [];
  if (name?.kind !== "token" || name.token.text !== "$sift" || !isGroup(call, "call") || more) return false;
  const [given, other] = call.items[0]?.pieces ?? [];
  return parameter?.kind === "token" && given?.kind === "token" && !other && given.token.text === parameter.token.text;
}

/** `condition ? { … } : null`: one of the two makes the object, the other nothing, or refuses the item. */
function ofCondition(pieces: readonly Piece[], around: Around): Made | null {
  const mark = pieces.findIndex((piece) => isOperator(piece, "?"));
  if (mark <= 0 || pieces.slice(0, mark).some((piece) => isOperator(piece, ":="))) return null;
  let depth = 0;
  const other = pieces.findIndex((piece, index) => {
    if (index <= mark) return false;
    if (isOperator(piece, "?")) depth += 1;
    if (!isOperator(piece, ":")) return false;
    depth -= 1;
    return depth < 0;
  });
  const then = pieces.slice(mark + 1, other < 0 ? undefined : other);
  const rest = other < 0 ? [] : pieces.slice(other + 1);
  const range = rangeOfPieces(pieces.slice(0, mark));
  const under = (through: Through): Around => ({ ...around, through: [...around.through, through] });
  const guarded = (refusal: readonly Piece[], refusesWhen: boolean): Around =>
    under({ kind: "guard", condition: range, refusal: rangeOfPieces(refusal), refusesWhen });
  if (isRefusal(then)) return madeOf(rest, guarded(then, true));
  if (isRefusal(rest)) return madeOf(then, guarded(rest, false));
  const inside = under({ kind: "condition", range });
  if (isNothing(rest)) return madeOf(then, inside);
  return isNothing(then) ? madeOf(rest, inside) : null;
}

/** `$error("…")`, and nothing beside it. */
const isRefusal = ([name, call, more]: readonly Piece[]): boolean =>
  name?.kind === "token" && name.token.text === "$error" && isGroup(call, "call") && !more;

const isNothing = (pieces: readonly Piece[]): boolean => {
  const [only, more] = pieces;
  if (!only) return true;
  if (more) return false;
  if (only.kind === "token") return only.token.text === "null";
  return (only.role === "list" || only.role === "object") && only.items.length === 0;
};

/** `$lines`: what is made where it is bound. */
function ofVariable({ text: name }: Token, around: Around): Made | null {
  const binding = around.scope.get(name);
  if (!binding) return null;
  const through: Through = { kind: "variable", name, binding: rangeOfPieces(binding.pieces) };
  return madeOf(binding.pieces, { ...binding.around, through: [...around.through, through] });
}
