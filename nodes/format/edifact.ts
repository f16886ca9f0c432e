import type { Format } from "#schemas/format.ts";
import { unreadable } from "./formatError.ts";
import { bodyOf, checkCount, checkSame, type Delimiters, nextOf, readUntil, type Segment, textAt } from "./segments.ts";

type EdifactFormat = Extract<Format, { type: "edifact" }>;
type Json = Record<string, unknown>;

/** Where no UNA says otherwise (ISO 9735, level A). */
export const usualDelimiters: Delimiters = { component: ":", element: "+", release: "?", segment: "'" };

/** UNA and its six characters: component, element, decimal mark, release, repeat (or a space), segment. */
const UNA_LENGTH = 9;

/** From syntax version 4 on an element may repeat, with this between where no UNA names another. */
const USUAL_REPEAT = "*";

/**
 * EDIFACT interchanges as JSON. Of each: who sent it to whom, its control reference, and its messages. Counts and
 * references of the envelope must fit. Our own reader on one core with X12: the package `edifact` (the judge in the
 * tests) gives events, knows no repeats and checks no counts. Throws FormatError.
 */
export function readEdifact(text: string, format: EdifactFormat): { interchanges: Json[] } {
  const interchanges: Json[] = [];
  let rest = text.replace(/^\ufeff/, "").trimStart();
  if (rest === "") throw unreadable("The EDIFACT text is empty.");
  while (rest !== "") {
    const { delimiters, body } = advice(rest);
    const read = readUntil(body, "UNZ", delimiters);
    interchanges.push(readInterchange(read.segments, format));
    rest = read.rest;
  }
  return { interchanges };
}

function advice(text: string): { delimiters: Delimiters; body: string } {
  const una = text.startsWith("UNA") ? text.slice(3, UNA_LENGTH) : undefined;
  const [component = ":", element = "+", , release = "?", repeat = " ", segment = "'"] = una ?? [];
  const body = (una === undefined ? text : text.slice(UNA_LENGTH)).trimStart();
  const declared = una === undefined ? usualDelimiters : { component, element, segment, ...(release === " " ? {} : { release }) };
  const version = new RegExp(`^UNB\\${element}[A-Z]{3}[A-Z]\\${component}(\\d)`).exec(body)?.[1] ?? "";
  const repeats = version >= "4" ? (repeat === " " ? USUAL_REPEAT : repeat) : undefined;
  return { delimiters: { ...declared, ...(repeats === undefined ? {} : { repeat: repeats }) }, body };
}

function readInterchange([unb, ...inner]: Segment[], format: EdifactFormat): Json {
  const unz = inner.pop();
  if (unb?.tag !== "UNB" || !unz) throw unreadable("An EDIFACT interchange begins with UNB, which does not stand here.");
  const messages: Json[] = [];
  for (let at = 0; at < inner.length; ) {
    const head = inner[at];
    const grouping = head?.tag === "UNG" || head?.tag === "UNE";
    const end = grouping ? at : nextOf(inner, at + 1, ["UNT", "UNH"]);
    if (!grouping) messages.push(readMessage(head, inner.slice(at + 1, end), inner[end], format));
    at = end + 1;
  }
  const groups = inner.filter(({ tag }) => tag === "UNG").length;
  checkSame(textAt(unb, 5), textAt(unz, 2), "UNB05 and UNZ02", unz);
  checkCount(groups || messages.length, textAt(unz, 1), groups > 0 ? "groups" : "messages", unz);
  const [date = "", time = ""] = list(unb.elements[3]);
  return {
    syntax: list(unb.elements[0]).join(":"),
    sender: party(unb.elements[1]),
    receiver: party(unb.elements[2]),
    date,
    time,
    control: textAt(unb, 5),
    messages,
  };
}

const list = (value: Segment["elements"][number] | undefined): string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : Array.isArray(value) ? value : value.repeats.flat();

const party = (value: Segment["elements"][number] | undefined): Json => {
  const [id = "", qualifier = ""] = list(value);
  return { id, qualifier };
};

function readMessage(unh: Segment | undefined, inner: Segment[], unt: Segment | undefined, format: EdifactFormat): Json {
  if (unh?.tag !== "UNH") throw unreadable(`Segment ${unh?.number} is ${unh?.tag} where UNH belongs.`);
  if (unt?.tag !== "UNT") throw unreadable(`The message that begins at segment ${unh.number} is not ended by UNT.`);
  checkSame(textAt(unh, 1), textAt(unt, 2), "UNH01 and UNT02", unt);
  checkCount(inner.length + 2, textAt(unt, 1), "segments", unt);
  const [type = "", ...version] = list(unh.elements[1]);
  return { type, version: version.join(":"), control: textAt(unh, 1), ...bodyOf(inner, format.loops) };
}
