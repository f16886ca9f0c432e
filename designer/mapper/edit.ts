import type { Range } from "../expression/tree.ts";
import { type Entry, type Guard, guardsOf, type Made, type Mapping, type Member, slice } from "./mapping.ts";
import type { Path } from "./path.ts";
import { readMapping } from "./read.ts";

/** One change of a text; everything outside it stays byte for byte. */
export interface TextEdit extends Range {
  insert: string;
}

export const applyEdit = (text: string, { from, to, insert }: TextEdit): string => text.slice(0, from) + insert + text.slice(to);

/** One name on the way to a field, and how it is begun where it is not there yet. */
export interface Level {
  name: string;
  /** For an array of objects: the text of what is gone through, one object for each of its members. */
  list?: string;
}

const STEP = "  ";

/** Writes a value where nothing is written yet: a new object around it. */
export const startWith = (levels: readonly Level[], value: string): string => `{\n${STEP}${memberText(levels, value, STEP)}\n}`;

/**
 * Gives a field a value. Undefined when a field on the way is given by an expression that is not drawn: then there is no
 * place for it.
 */
export function setField(mapping: Mapping, levels: readonly Level[], value: string): TextEdit | undefined {
  const [level, ...inner] = levels;
  return level && setInside(mapping, mapping.root, level, inner, value);
}

function setInside(mapping: Mapping, made: Made, level: Level, inner: readonly Level[], value: string): TextEdit | undefined {
  const entry = made.entries.find(({ name }) => name === level.name);
  if (!entry) return insertMember(mapping, made, [level, ...inner], value);
  const [next, ...rest] = inner;
  if (!next) return { ...entry.value, insert: value };
  return entry.made ? setInside(mapping, entry.made, next, rest, value) : undefined;
}

/** Where new members go: behind the one whose name comes before in `order`, else first. */
function insertMember(mapping: Mapping, made: Made, levels: readonly Level[], value: string): TextEdit {
  const { text } = mapping;
  const { from, to } = made.braces;
  const lines = isSpread(mapping, made);
  const inner = text.slice(from + 1, to - 1);
  const last = made.members.at(-1);
  if (!last) {
    const indent = indentAt(text, from) + STEP;
    const member = memberText(levels, value, indent);
    if (inner.trim() !== "") return { from: to - 1, to: to - 1, insert: `${member} ` };
    return { from: from + 1, to: to - 1, insert: `\n${indent}${member}\n${indentAt(text, from)}` };
  }
  const indent = lines ? indentAt(text, made.members[0]?.from ?? from) : "";
  const gap = lines ? `\n${indent}` : " ";
  const member = memberText(levels, value, lines ? indent : indentAt(text, from));
  // A remark behind the last member stays with it.
  const remark = mapping.comments.findLast((one) => one.from >= last.to && one.to < to);
  const end = remark?.to ?? last.to;
  return { from: last.to, to: end, insert: `,${text.slice(last.to, end)}${gap}${member}` };
}

/** True where members stand on lines of their own. */
function isSpread({ text }: Mapping, { braces, members }: Made): boolean {
  const [first] = members;
  return first !== undefined && text.slice(braces.from, first.from).includes("\n");
}

/** The blanks that the line of a place begins with. */
function indentAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

/** `"name": value`, with the objects on the way to the value. */
function memberText([level, ...inner]: readonly Level[], value: string, indent: string): string {
  if (!level) return value;
  const name = JSON.stringify(level.name);
  if (inner.length === 0) return `${name}: ${level.list === undefined ? value : `[${level.list}.${value}]`}`;
  const deeper = indent + STEP;
  const object = `{\n${deeper}${memberText(inner, value, deeper)}\n${indent}}`;
  return `${name}: ${level.list === undefined ? object : `[${level.list}.${object}]`}`;
}

/**
 * Takes a field's value away, and with it the objects that have nothing else in them. Undefined when the field has none of
 * its own.
 */
export function unsetField(mapping: Mapping, path: Path): TextEdit | undefined {
  const way = wayTo(mapping.root, path);
  for (const [at, { entry, owner }] of way.toReversed().entries()) {
    const isOuter = at === way.length - 1;
    const alone = owner.members.length === 1 && !hasRemark(mapping, owner) && !isShared(owner);
    if (!alone || isOuter) return removeMember(mapping, owner, entry);
  }
  return undefined;
}

/** The entries from the outermost object to a field; empty where it has none. */
export function wayTo(made: Made, path: Path): { entry: Entry; owner: Made }[] {
  const [name, ...rest] = path;
  const entry = made.entries.find((one) => one.name === name);
  if (!entry) return [];
  const step = { entry, owner: made };
  if (rest.length === 0) return [step];
  const inner = entry.made ? wayTo(entry.made, rest) : [];
  return inner.length === 0 ? [] : [step, ...inner];
}

const hasRemark = ({ comments }: Mapping, { value }: Made): boolean =>
  comments.some(({ from, to }) => from >= value.from && to <= value.to);

/** Another reads it too, or what refuses the item stands before it: it does not go with its last field. */
const isShared = ({ through }: Made): boolean => through.some(({ kind }) => kind === "variable" || kind === "guard");

function removeMember(mapping: Mapping, owner: Made, { index }: Entry): TextEdit {
  const { text, comments } = mapping;
  const own = owner.members[index] as Member;
  const before = owner.members[index - 1];
  const next = owner.members[index + 1];
  if (!before) return removeFirst(mapping, owner, own, next);
  const remark = comments.findLast((one) => one.from >= before.to && one.to <= own.from);
  if (!remark) return { from: before.to, to: own.to, insert: "" };
  const comma = before.comma ?? before.to;
  if (remark.to <= comma) return { from: comma, to: own.to, insert: "" };
  // Remarks survive: the comma behind goes, or the one before where there is none.
  if (own.comma !== null) return { from: remark.to, to: own.comma + 1, insert: remarksIn(mapping, own.to, own.comma) };
  return { from: before.to, to: own.to, insert: text.slice(before.to, comma) + text.slice(comma + 1, remark.to) };
}

function removeFirst(mapping: Mapping, owner: Made, own: Member, next: Member | undefined): TextEdit {
  if (!next) {
    const inner = { from: owner.braces.from + 1, to: owner.braces.to - 1 };
    const remarked = mapping.comments.some(({ from, to }) => from >= inner.from && to <= inner.to);
    return remarked ? { ...own, insert: "" } : { ...inner, insert: "" };
  }
  const comma = own.comma ?? own.to;
  const remark = mapping.comments.find(({ from, to }) => from > comma && to <= next.from);
  const insert = remarksIn(mapping, own.to, comma);
  return { from: own.from, to: remark?.from ?? next.from, insert: insert === "" ? "" : `${insert.trim()} ` };
}

/** The text between two places where it holds a remark; nothing else is worth keeping of it. */
const remarksIn = ({ text, comments }: Mapping, from: number, to: number): string =>
  comments.some((one) => one.from >= from && one.to <= to) ? text.slice(from, to) : "";

/** One thing done to a field. */
export type Change = { levels: readonly Level[]; value: string } | { path: Path; value: null };

/** The text after changes one after the other; one that has no place is left out and told. */
export function changeFields(text: string, changes: readonly Change[]): { text: string; refused: Change[] } {
  const refused: Change[] = [];
  let now = text;
  for (const change of changes) {
    const next = changeField(now, change);
    if (next === undefined) refused.push(change);
    else now = next;
  }
  return { text: now, refused };
}

function changeField(text: string, change: Change): string | undefined {
  const reading = readMapping(text);
  if (reading.kind === "empty") return change.value === null ? undefined : startWith(change.levels, change.value);
  if (reading.kind !== "drawn") return undefined;
  const edit =
    change.value === null ? unsetField(reading.mapping, change.path) : setField(reading.mapping, change.levels, change.value);
  return edit && applyEdit(text, edit);
}

/** The parts of a guard that are written by hand. */
export type GuardPart = "condition" | "refusal";

/**
 * Writes a part of what refuses an item. Undefined where the text would then be read as something else than that guard
 * before the same object; a condition that needs brackets to stay one gets them.
 */
export function writeGuard(text: string, at: number, part: GuardPart, value: string): string | undefined {
  const reading = readMapping(text);
  const guard = reading.kind === "drawn" ? guardsOf(reading.mapping)[at] : undefined;
  if (reading.kind !== "drawn" || !guard || value.trim() === "") return undefined;
  const written = value.trim();
  const texts = part === "condition" ? [written, `(${written})`] : [written];
  for (const insert of texts) {
    const after = applyEdit(text, { ...guard[part], insert });
    const wanted = partsOf(reading.mapping, (one, name) => (one === guard && name === part ? insert : undefined));
    const read = readMapping(after);
    if (read.kind === "drawn" && partsOf(read.mapping).join("\n") === wanted.join("\n")) return after;
  }
  return undefined;
}

/** The texts of all guards and of the object behind them. */
function partsOf(mapping: Mapping, instead: (guard: Guard, part: GuardPart) => string | undefined = () => undefined): string[] {
  const parts = guardsOf(mapping).flatMap((guard) => [
    instead(guard, "condition") ?? slice(mapping, guard.condition),
    instead(guard, "refusal") ?? slice(mapping, guard.refusal),
    String(guard.refusesWhen),
  ]);
  return [...parts, slice(mapping, mapping.root.braces)];
}
