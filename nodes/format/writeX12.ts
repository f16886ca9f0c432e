import { unwritable } from "./formatError.ts";
import { asSegment, type Delimiters, writeSegment } from "./segments.ts";

type Json = Record<string, unknown>;

/** Delimiters that hardly any text of the trade holds; an interchange to write may name its own. */
const usual: Delimiters = { element: "*", segment: "~", component: ">" };

/** From 00402 on ISA11 is the repetition separator; we write it so that no element may use it unseen. */
const REPEAT = "^";

const object = (value: unknown, what: string): Json => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw unwritable(`The X12 to write has no ${what}.`);
};

const list = (value: unknown, what: string): unknown[] => {
  if (value === undefined || value === null) throw unwritable(`The X12 to write has no ${what}.`);
  return Array.isArray(value) ? value : [value];
};

/** Text of exactly so many characters at most; nothing is cut. */
function text(value: unknown, what: string, most: number, otherwise?: string): string {
  const given = value === undefined || value === null || value === "" ? otherwise : String(value);
  if (given === undefined) throw unwritable(`The X12 to write has no ${what}.`);
  if (given.length > most) throw unwritable(`${what} of the X12 is "${given}": longer than ${most} characters.`);
  return given;
}

function digits(value: unknown, what: string, length: number): string {
  const given = text(value, what, length);
  if (!/^\d+$/.test(given)) throw unwritable(`${what} of the X12 is "${given}", and has to be digits.`);
  return given.padStart(length, "0");
}

/**
 * An interchange as text: as `readX12` reads it, with `segments` in each transaction. The envelope, its counts and its
 * control numbers are made here; whoever sends gives `control`, `date` (YYYYMMDD) and `time` (HHMM), so that the same
 * document is written the same. Without `groups`, its `transactions` are one group. Throws FormatError.
 */
export function writeX12(value: unknown): string {
  const given = object(value, "interchange");
  const one = Array.isArray(given.interchanges) && given.interchanges.length === 1 ? given.interchanges[0] : given;
  const interchange = object(one, "interchange");
  const version = text(interchange.version, "version", 5, "00401");
  const declared = { ...usual, ...(typeof interchange.delimiters === "object" ? (interchange.delimiters as object) : {}) };
  const delimiters: Delimiters = { ...declared, ...(version >= "00402" ? { repeat: declared.repeat ?? REPEAT } : {}) };
  const control = digits(interchange.control, "control", 9);
  const groups = interchange.groups === undefined ? [interchange] : list(interchange.groups, "groups");
  const end = "\n";
  return [
    isa(interchange, version, control, delimiters),
    ...groups.flatMap((group, at) => writeGroup(object(group, "group"), interchange, String(at + 1), delimiters)),
    writeSegment("IEA", [String(groups.length), control], delimiters),
  ]
    .map((line) => line + end)
    .join("");
}

function isa(interchange: Json, version: string, control: string, delimiters: Delimiters): string {
  const party = (value: unknown, name: string): string[] => {
    const { qualifier, id } = object(value, name);
    const fixed = [text(qualifier, `${name}.qualifier`, 2, "ZZ").padEnd(2), text(id, `${name}.id`, 15).padEnd(15)];
    const found = fixed.join("").match(/[^\x20-\x7e]/) ?? Object.values(delimiters).find((each) => fixed.join("").includes(each));
    if (found) throw unwritable(`${name} of the X12 holds a character that may not stand in ISA.`);
    return fixed;
  };
  const { element, component, segment, repeat } = delimiters;
  return (
    [
      "ISA",
      "00",
      " ".repeat(10),
      "00",
      " ".repeat(10),
      ...party(interchange.sender, "sender"),
      ...party(interchange.receiver, "receiver"),
      digits(shortDate(interchange.date), "date", 6),
      digits(interchange.time, "time", 4).slice(0, 4),
      repeat ?? "U",
      version,
      control,
      interchange.asksAcknowledgement === true ? "1" : "0",
      text(interchange.usage, "usage", 1, "P"),
    ].join(element) +
    element +
    component +
    segment
  );
}

/** ISA has six digits for a date, GS eight. */
const shortDate = (date: unknown): unknown => (typeof date === "string" && date.length === 8 ? date.slice(2) : date);
const longDate = (date: unknown): unknown => (typeof date === "string" && date.length === 6 ? `20${date}` : date);

/** The functional code of a group, by the transactions in it. */
const functionalOf: Readonly<Record<string, string>> = {
  "810": "IN",
  "832": "SC",
  "846": "IB",
  "850": "PO",
  "855": "PR",
  "856": "SH",
  "860": "PC",
  "940": "OW",
  "943": "AR",
  "944": "RE",
  "945": "SW",
  "997": "FA",
};

function writeGroup(group: Json, interchange: Json, usualControl: string, delimiters: Delimiters): string[] {
  const transactions = list(group.transactions, "transactions").map((each) => object(each, "transaction"));
  const type = String(transactions[0]?.type ?? "");
  const party = (own: unknown, outer: unknown): string =>
    text(typeof own === "string" ? own : (outer as Json | undefined)?.id, "sender or receiver of the group", 15);
  const control = text(group === interchange ? interchange.control : group.control, "control of the group", 9, usualControl);
  const functional = text(group.functional, `functional code for transaction ${type}`, 2, functionalOf[type]);
  const version = text(group === interchange ? interchange.groupVersion : group.version, "version of the group", 12, "004010");
  const head = [functional, party(group.sender, interchange.sender), party(group.receiver, interchange.receiver)];
  const when = [longDate(group.date ?? interchange.date), group.time ?? interchange.time];
  return [
    writeSegment("GS", [...head, ...when, control, "X", version], delimiters),
    ...transactions.flatMap((each, at) => writeTransaction(each, String(at + 1).padStart(4, "0"), delimiters)),
    writeSegment("GE", [String(transactions.length), control], delimiters),
  ];
}

function writeTransaction(transaction: Json, usualControl: string, delimiters: Delimiters): string[] {
  const type = text(transaction.type, "type of a transaction", 3);
  const control = text(transaction.control, "control of a transaction", 9, usualControl);
  const segments = list(transaction.segments, `segments of transaction ${type}`).map((each, at) => {
    const { tag, elements } = asSegment(each, `Segment ${at + 1} of transaction ${type}`);
    return writeSegment(tag, elements, delimiters);
  });
  return [
    writeSegment("ST", [type, control], delimiters),
    ...segments,
    writeSegment("SE", [String(segments.length + 2), control], delimiters),
  ];
}

/**
 * The 997 that acknowledges an interchange: each group and each transaction, accepted, since one that could not be read
 * was refused before. `given` has what was read under `received`, and `control`, `date` and `time` of what is written.
 */
export function writeAcknowledgement(value: unknown): string {
  const { received, control, date, time } = object(value, "acknowledgement");
  const outer = object(received, '"received"');
  const { interchanges } = outer;
  if (Array.isArray(interchanges) && interchanges.length !== 1) {
    throw unwritable("An acknowledgement answers one interchange: split them before.");
  }
  const interchange = object(Array.isArray(interchanges) ? interchanges[0] : outer, "interchange");
  const groups = list(interchange.groups, "groups").map((each) => object(each, "group"));
  return writeX12({
    sender: interchange.receiver,
    receiver: interchange.sender,
    version: interchange.version,
    usage: interchange.usage,
    delimiters: interchange.delimiters,
    control,
    date,
    time,
    groups: groups
      .filter(({ functional }) => functional !== "FA")
      .map((group) => ({ ...answered(group), control: String(Number(control)) })),
  });
}

/** A group of 997, one for each group that came: who sends and who receives change places. */
function answered(group: Json): Json {
  const transactions = list(group.transactions, "transactions").map((each) => object(each, "transaction"));
  const all = String(transactions.length);
  const segments = [
    ["AK1", group.functional, group.control],
    ...transactions.flatMap(({ type, control }) => [
      ["AK2", type, control],
      ["AK5", "A"],
    ]),
    ["AK9", "A", all, all, all],
  ];
  return {
    functional: "FA",
    sender: group.receiver,
    receiver: group.sender,
    version: group.version,
    transactions: [{ type: "997", segments }],
  };
}
