import type { Loop } from "#schemas/format.ts";
import { shown, unreadable, unwritable } from "./formatError.ts";

/** What X12 and EDIFACT put between parts; `release` takes the meaning from the character after it. */
export interface Delimiters {
  segment: string;
  element: string;
  component: string;
  /** Between repeats of one element. */
  repeat?: string;
  release?: string;
}

/** An element: its text, the texts of its components, or what repeats. */
export type ElementValue = string | string[] | { repeats: (string | string[])[] };

/** A segment with its place: `number` counts from the beginning of the text, 1 is the first. */
export interface Segment {
  tag: string;
  elements: ElementValue[];
  number: number;
}

/** More segments than this in one text are no business document; each becomes an object. */
const MOST_SEGMENTS = 500_000;

/** Line breaks before a segment, its tag, and the delimiter after it. */
const LEAD_IN = 16;

/** Splits at a character that is not released. */
function split(text: string, at: string, release: string | undefined): string[] {
  if (release === undefined || !text.includes(release)) return text.split(at);
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === release) i++;
    else if (text[i] === at) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function plain(text: string, release: string | undefined): string {
  if (release === undefined || !text.includes(release)) return text;
  let out = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] === release) i++;
    out += text[i] ?? "";
  }
  return out;
}

/** The segments of a text. Line breaks between them do not count. Throws FormatError. */
export function readSegments(text: string, delimiters: Delimiters): Segment[] {
  const { segment, element, release } = delimiters;
  const texts = split(text, segment, release);
  const rest = texts.pop() ?? "";
  if (rest.trim() !== "") {
    throw unreadable(`The last segment, ${shown(rest.trim())}, is not ended by ${shown(segment)}: the text was cut off.`);
  }
  if (texts.length > MOST_SEGMENTS) throw unreadable(`It has more than ${MOST_SEGMENTS} segments. Split it.`);
  return texts.map((each, index) => {
    const [tag = "", ...elements] = split(each.replace(/^[\r\n\t ]+/, ""), element, release);
    if (!/^[A-Z][A-Z0-9]{1,2}$/.test(tag)) {
      throw unreadable(`Segment ${index + 1} begins with ${shown(tag)}, which is no tag.`);
    }
    return { tag, elements: elements.map((one) => readElement(one, delimiters)), number: index + 1 };
  });
}

/** The segments up to the first of a tag, and the text after it. Throws FormatError where there is none. */
export function readUntil(text: string, last: string, delimiters: Delimiters): { segments: Segment[]; rest: string } {
  const { segment, element, release } = delimiters;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === release) i++;
    else if (text[i] === segment) {
      const found = text.slice(from, from + LEAD_IN).trimStart();
      if (found.startsWith(last + element)) {
        return { segments: readSegments(text.slice(0, i + 1), delimiters), rest: text.slice(i + 1).trimStart() };
      }
      from = i + 1;
    }
  }
  throw unreadable(`The interchange has no ${last} segment: the text was cut off.`);
}

/** Where the next segment of one of these tags stands, from a place on; -1 where there is none. */
export function nextOf(segments: readonly Segment[], from: number, tags: readonly string[]): number {
  for (let at = from; at < segments.length; at++) if (tags.includes(segments[at]?.tag ?? "")) return at;
  return -1;
}

/** A closing control number must be the opening one. */
export function checkSame(opening: string, closing: string, what: string, { number }: Segment): void {
  if (opening.trim() === closing.trim()) return;
  throw unreadable(`${what} differ at segment ${number}: "${opening}" and "${closing}". Ask for the interchange again.`);
}

/** A closing segment states how many there were. */
export function checkCount(counted: number, stated: string, what: string, { tag, number }: Segment): void {
  if (/^\d+$/.test(stated) && Number(stated) === counted) return;
  throw unreadable(`${tag} of segment ${number} states ${stated || "no"} ${what}, and there are ${counted}: something was lost.`);
}

function readElement(text: string, { component, repeat, release }: Delimiters): ElementValue {
  const one = (part: string): string | string[] => {
    const components = split(part, component, release);
    return components.length === 1 ? plain(part, release) : components.map((each) => plain(each, release));
  };
  const repeats = repeat === undefined ? [text] : split(text, repeat, release);
  return repeats.length === 1 ? one(text) : { repeats: repeats.map(one) };
}

/** The text of an element, or of its first component; "" where there is none. */
export function textAt({ elements }: Segment, position: number): string {
  const value = elements[position - 1] ?? "";
  if (typeof value === "string") return value;
  return (Array.isArray(value) ? value[0] : [value.repeats[0]].flat()[0]) ?? "";
}

type Json = Record<string, unknown>;

/** A segment as JSONata reads it best: `{ id: "PO1", PO101: "1", PO102: "120" }`; empty elements are left out. */
export function segmentObject({ tag, elements }: Segment): Json {
  const object: Json = { id: tag };
  elements.forEach((value, index) => {
    if (value !== "") object[tag + String(index + 1).padStart(2, "0")] = value;
  });
  return object;
}

interface Node {
  loop: Pick<Loop, "has" | "loops">;
  into: Json;
}

const listIn = (into: Json, name: string): unknown[] => {
  const list = (Object.hasOwn(into, name) ? into[name] : undefined) ?? [];
  into[name] = list;
  return list as unknown[];
};

/**
 * The segments of a message: without loops a list in their order, else lists by tag and, for each loop, by its name. A
 * segment belongs to the innermost open loop that knows it; one that none knows belongs to the message and ends all loops.
 */
export function bodyOf(segments: readonly Segment[], loops: readonly Loop[] | undefined): Json {
  if (!loops) return { segments: segments.map(segmentObject) };
  const body: Json = {};
  const root: Node = { loop: { loops: [...loops] }, into: body };
  let open: Node[] = [root];
  for (const segment of segments) {
    const at = open.findLastIndex(
      ({ loop }) => loop.loops?.some(({ starts }) => starts === segment.tag) || loop.has?.includes(segment.tag),
    );
    const found = open[at] ?? root;
    open = open.slice(0, Math.max(at, 0) + 1);
    const starts = found.loop.has?.includes(segment.tag)
      ? undefined
      : found.loop.loops?.find((each) => each.starts === segment.tag);
    let { into } = found;
    if (starts) {
      into = {};
      listIn(found.into, starts.name).push(into);
      open.push({ loop: starts, into });
    }
    listIn(into, segment.tag).push(segmentObject(segment));
  }
  return body;
}

/** A segment to write: as it is read, `{ id, BEG01, ... }`, or as a list, `["BEG", "00", ...]`. Throws FormatError. */
export function asSegment(value: unknown, where: string): { tag: string; elements: unknown[] } {
  if (Array.isArray(value)) {
    const [tag, ...elements] = value as unknown[];
    return { tag: checkedTag(tag, where), elements };
  }
  if (typeof value !== "object" || value === null) throw unwritable(`${where} is neither a list nor an object.`);
  const { id, ...parts } = value as Json;
  const tag = checkedTag(id, where);
  const elements: unknown[] = [];
  for (const [name, part] of Object.entries(parts)) {
    const position = name.startsWith(tag) ? /^\d{2,3}$/.exec(name.slice(tag.length)) : null;
    if (!position || Number(position[0]) === 0) throw unwritable(`${where} (${tag}) has "${name}", which is no element of it.`);
    elements[Number(position[0]) - 1] = part;
  }
  return { tag, elements: Array.from(elements) };
}

function checkedTag(tag: unknown, where: string): string {
  if (typeof tag === "string" && /^[A-Z][A-Z0-9]{1,2}$/.test(tag)) return tag;
  throw unwritable(`${where} begins with ${shown(String(tag))}, which is no tag.`);
}

/** Writes a segment with its end. Empty elements and components at its end are left out. Throws FormatError. */
export function writeSegment(tag: string, elements: readonly unknown[], delimiters: Delimiters): string {
  const texts = elements.map((each, index) => writeElement(each, delimiters, `${tag}${String(index + 1).padStart(2, "0")}`));
  return [tag, ...withoutEnd(texts)].join(delimiters.element) + delimiters.segment;
}

function withoutEnd(texts: string[]): string[] {
  const last = texts.findLastIndex((text) => text !== "");
  return texts.slice(0, last + 1);
}

function writeElement(value: unknown, delimiters: Delimiters, name: string): string {
  const { repeat, component } = delimiters;
  if (typeof value === "object" && value !== null && "repeats" in value && Array.isArray(value.repeats)) {
    if (repeat === undefined) throw unwritable(`${name} repeats, which this version of the standard cannot write.`);
    return value.repeats.map((each: unknown) => writeElement(each, { ...delimiters, component }, name)).join(repeat);
  }
  if (Array.isArray(value)) return withoutEnd(value.map((each) => writeText(each, delimiters, name))).join(component);
  return writeText(value, delimiters, name);
}

function writeText(value: unknown, delimiters: Delimiters, name: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") throw unwritable(`${name} is a list or an object where text belongs.`);
  const text = String(value);
  if (/\p{Cc}/u.test(text)) throw unwritable(`${name} holds a line break or another control character.`);
  const { release, segment, element, component, repeat } = delimiters;
  const special = [segment, element, component, repeat, release].filter((each) => each !== undefined);
  if (release !== undefined) return [...text].map((each) => (special.includes(each) ? release + each : each)).join("");
  const found = special.find((each) => text.includes(each));
  if (found === undefined) return text;
  throw unwritable(`${name} holds ${shown(found)}, which divides the parts of the document. Replace it in the mapping.`);
}
