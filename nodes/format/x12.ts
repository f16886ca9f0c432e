import type { Format } from "#schemas/format.ts";
import { unreadable } from "./formatError.ts";
import { bodyOf, checkCount, checkSame, type Delimiters, nextOf, readUntil, type Segment, textAt } from "./segments.ts";

type X12Format = Extract<Format, { type: "x12" }>;
type Json = Record<string, unknown>;

/** ISA has a fixed length; the delimiters stand at fixed places in it. */
const ISA_LENGTH = 106;

/** From this version on ISA11 is the repetition separator; before, a code. */
const REPEATS_SINCE = "00402";

/**
 * X12 interchanges as JSON. Of each: who sent it to whom, its control number, and its groups with their transactions.
 * Counts and control numbers of the envelope must fit, else something was lost on the way. Our own reader on one core
 * with EDIFACT: node-x12 (the judge in the tests) checks no counts and knows no loops. Throws FormatError.
 */
export function readX12(text: string, format: X12Format): { interchanges: Json[] } {
  const interchanges: Json[] = [];
  let rest = text.replace(/^\ufeff/, "").trimStart();
  if (rest === "") throw unreadable("The X12 text is empty.");
  while (rest !== "") {
    const delimiters = delimitersOf(rest);
    const read = readUntil(rest, "IEA", delimiters);
    interchanges.push(readInterchange(read.segments, delimiters, format));
    rest = read.rest;
  }
  return { interchanges };
}

function delimitersOf(text: string): Delimiters {
  const isa = text.slice(0, ISA_LENGTH);
  const element = isa[3] ?? "";
  if (!isa.startsWith("ISA") || isa.length < ISA_LENGTH || isa.slice(0, ISA_LENGTH - 2).split(element).length !== 17) {
    throw unreadable("An X12 interchange begins with ISA and its 16 elements of fixed length, which do not stand here.");
  }
  const [component = "", segment = ""] = isa.slice(ISA_LENGTH - 2);
  const repeat = isa[82] ?? "";
  const repeats = isa.slice(84, 89) >= REPEATS_SINCE && /[^A-Za-z0-9 ]/.test(repeat);
  const all = [element, component, segment, ...(repeats ? [repeat] : [])];
  if (new Set(all).size < all.length) throw unreadable("Two delimiters of the ISA segment are the same character.");
  return { element, component, segment, ...(repeats ? { repeat } : {}) };
}

const trimmed = (segment: Segment, position: number): string => textAt(segment, position).trim();

function readInterchange(segments: Segment[], delimiters: Delimiters, format: X12Format): Json {
  const [isa, ...inner] = segments;
  const iea = inner.pop();
  if (!isa || iea?.tag !== "IEA") throw unreadable("The interchange does not end with IEA.");
  const groups: Json[] = [];
  for (let at = 0; at < inner.length; ) {
    const gs = expected(inner[at], "GS");
    const end = nextOf(inner, at + 1, ["GE"]);
    const ge = expected(inner[end], "GE", gs);
    groups.push(readGroup(gs, inner.slice(at + 1, end), ge, format));
    at = end + 1;
  }
  checkSame(textAt(isa, 13), textAt(iea, 2), "ISA13 and IEA02", iea);
  checkCount(groups.length, textAt(iea, 1), "groups", iea);
  const party = (position: number) => ({ qualifier: textAt(isa, position), id: trimmed(isa, position + 1) });
  return {
    sender: party(5),
    receiver: party(7),
    date: textAt(isa, 9),
    time: textAt(isa, 10),
    version: textAt(isa, 12),
    control: textAt(isa, 13),
    /** `P` for production, `T` for a test. */
    usage: textAt(isa, 15),
    delimiters: { ...delimiters },
    groups,
  };
}

function readGroup(gs: Segment, inner: Segment[], ge: Segment, format: X12Format): Json {
  const transactions: Json[] = [];
  for (let at = 0; at < inner.length; ) {
    const st = expected(inner[at], "ST");
    const end = nextOf(inner, at + 1, ["SE", "ST"]);
    const se = expected(inner[end], "SE", st);
    checkSame(textAt(st, 2), textAt(se, 2), "ST02 and SE02", se);
    checkCount(end - at + 1, textAt(se, 1), "segments", se);
    transactions.push({ type: textAt(st, 1), control: textAt(st, 2), ...bodyOf(inner.slice(at + 1, end), format.loops) });
    at = end + 1;
  }
  checkSame(textAt(gs, 6), textAt(ge, 2), "GS06 and GE02", ge);
  checkCount(transactions.length, textAt(ge, 1), "transactions", ge);
  return {
    functional: textAt(gs, 1),
    sender: trimmed(gs, 2),
    receiver: trimmed(gs, 3),
    date: textAt(gs, 4),
    time: textAt(gs, 5),
    control: textAt(gs, 6),
    version: textAt(gs, 8),
    transactions,
  };
}

function expected(segment: Segment | undefined, tag: string, opening?: Segment): Segment {
  if (segment?.tag === tag) return segment;
  const found = segment ? `Segment ${segment.number} is ${segment.tag}` : "The end of the interchange comes";
  const why = opening ? `, before the ${tag} that ends ${opening.tag} of segment ${opening.number}.` : ` where ${tag} belongs.`;
  throw unreadable(found + why);
}
