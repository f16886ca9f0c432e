import { usualDelimiters } from "./edifact.ts";
import { unwritable } from "./formatError.ts";
import { asSegment, type Delimiters, writeSegment } from "./segments.ts";

type Json = Record<string, unknown>;

/** Written first, so that no reader has to guess. */
const UNA = "UNA:+.? '";

/** UNOC is ISO 8859-1 by name; version 3 is what trading partners read. */
const SYNTAX = "UNOC:3";

const object = (value: unknown, what: string): Json => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw unwritable(`The EDIFACT to write has no ${what}.`);
};

const text = (value: unknown, what: string): string => {
  if ((typeof value === "string" && value !== "") || typeof value === "number") return String(value);
  throw unwritable(`The EDIFACT to write has no ${what}.`);
};

/**
 * An interchange as text: as `readEdifact` reads it, with `segments` in each message. UNA, the envelope and its counts
 * are made here; whoever sends gives `control`, `date` (YYMMDD) and `time` (HHMM). Throws FormatError.
 */
export function writeEdifact(value: unknown): string {
  const given = object(value, "interchange");
  const one = Array.isArray(given.interchanges) && given.interchanges.length === 1 ? given.interchanges[0] : given;
  const interchange = object(one, "interchange");
  const syntax = text(interchange.syntax ?? SYNTAX, "syntax").split(":");
  const repeat = (syntax[1] ?? "") >= "4" ? { repeat: "*" } : {};
  const delimiters: Delimiters = { ...usualDelimiters, ...repeat };
  const control = text(interchange.control, "control");
  const messages = [interchange.messages ?? []].flat();
  if (messages.length === 0) throw unwritable("The EDIFACT to write has no messages.");
  const when = [text(interchange.date, "date"), text(interchange.time, "time")];
  const parties = [party(interchange.sender, "sender"), party(interchange.receiver, "receiver")];
  const lines = [
    repeat.repeat ? UNA.replace(" ", "*") : UNA,
    writeSegment("UNB", [syntax, ...parties, when, control], delimiters),
    ...messages.flatMap((message, at) => writeMessage(object(message, "message"), String(at + 1), delimiters)),
    writeSegment("UNZ", [String(messages.length), control], delimiters),
  ];
  const written = lines.map((line) => `${line}\n`).join("");
  const strange = isLatin1(syntax) ? /[\u0100-\u{10ffff}]/u.exec(written)?.[0] : undefined;
  if (strange !== undefined) throw unwritable(`EDIFACT of syntax ${syntax.join(":")} is ISO 8859-1, which has no "${strange}".`);
  return written;
}

const isLatin1 = ([identifier]: readonly string[]): boolean => identifier === "UNOC";

/** How the characters of a text stand in bytes: EDIFACT says so itself in its first segment, everything else is UTF-8. */
export const charsetOf = (text: string): "latin1" | "utf8" => (/^UNA.{6}\s*UNB\+UNOC:/.test(text) ? "latin1" : "utf8");

function party(value: unknown, name: string): string[] {
  const { id, qualifier } = object(value, name);
  return [text(id, `${name}.id`), typeof qualifier === "string" ? qualifier : ""];
}

function writeMessage(message: Json, usualControl: string, delimiters: Delimiters): string[] {
  const type = text(message.type, "type of a message");
  const version = text(message.version ?? "D:96A:UN", "version of a message");
  const control = text(message.control ?? usualControl, "control of a message");
  const segments = [message.segments ?? []].flat().map((each: unknown, at) => {
    const { tag, elements } = asSegment(each, `Segment ${at + 1} of message ${type}`);
    return writeSegment(tag, elements, delimiters);
  });
  return [
    writeSegment("UNH", [control, [type, ...version.split(":")]], delimiters),
    ...segments,
    writeSegment("UNT", [String(segments.length + 2), control], delimiters),
  ];
}
