import { escapePointer } from "#schemas/pointer.ts";
import { coarsened, isKept, kindByName, kindByShape, type PersonalKind } from "./classify.ts";
import { type Hidden, hiddenOf } from "./hidden.ts";
import { pseudonym } from "./pseudonyms.ts";

export interface MaskRules {
  /** The same value gives the same pseudonym under one salt, and another one under another. */
  salt: string;
  /** Pointers of values that are masked besides those found by name and shape. */
  mask?: readonly string[];
  /** Pointers of values that stay as they are. */
  keep?: readonly string[];
}

/** A value that was masked; `mention` where another masked value stood in a text. */
export interface MaskedValue {
  pointer: string;
  kind: PersonalKind | "mention";
}

export interface Masked {
  value: unknown;
  masked: MaskedValue[];
}

interface Found {
  kind: PersonalKind;
  text: string;
}

/** One masking under way. */
interface Masking {
  rules: MaskRules;
  /** By pointer: what is personal. */
  found: Map<string, Found>;
  /** Texts that must not be read anywhere afterwards. */
  hidden: Hidden;
  masked: MaskedValue[];
}

/**
 * A copy of a document without what tells who a person is: names, ways to reach them, streets, companies, tax ids, free
 * notes. Money, quantities, ids of goods, countries, cities and the area of a postal code stay. Equal values stay equal, and
 * forms stay valid. What was found is hidden in other texts too, except in those that name sums, goods and states.
 */
export function maskPersonal(document: unknown, rules: MaskRules): Masked {
  const found = new Map<string, Found>();
  find({ rules, found }, document, "", []);
  const hidden = hiddenOf([...found.values()].filter(({ kind }) => !coarsened.has(kind)).flatMap(partsOf));
  const masking: Masking = { rules, found, hidden, masked: [] };
  const value = rebuild(masking, document, "", []);
  return { value, masked: masking.masked };
}

/** A full name is hidden as a whole and by each of its words that is more than an initial. */
const partsOf = ({ kind, text }: Found): string[] =>
  kind === "name" ? [text, ...text.split(/\s+/).filter((word) => word.length > LONGEST_PARTICLE)] : [text];

/** "van", "de la": such words are in every text. */
const LONGEST_PARTICLE = 3;

const isUnder = (pointer: string, places: readonly string[] | undefined): boolean =>
  (places ?? []).some((place) => pointer === place || pointer.startsWith(`${place}/`));

type Finding = Pick<Masking, "rules" | "found">;

function find(masking: Finding, value: unknown, pointer: string, way: readonly string[]): void {
  if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      // A list's members stand for the list.
      find(masking, inner, `${pointer}/${escapePointer(name)}`, Array.isArray(value) ? way : [...way, name]);
    }
    return;
  }
  if (typeof value !== "string" && typeof value !== "number") return;
  const text = String(value);
  if (text.trim() === "" || isUnder(pointer, masking.rules.keep)) return;
  const kind = kindOf(masking, value, pointer, way);
  if (kind) masking.found.set(pointer, { kind, text: text.trim() });
}

function kindOf({ rules }: Finding, value: string | number, pointer: string, way: readonly string[]): PersonalKind | undefined {
  const shaped = typeof value === "string" ? kindByShape(value) : undefined;
  const named = kindByName(way);
  // What a person points at is masked, of whatever kind it is.
  if (isUnder(pointer, rules.mask)) return shaped ?? named ?? (typeof value === "number" ? "account" : "note");
  // A text that is an e-mail address is one, whatever the field is called.
  return shaped === "email" ? shaped : (named ?? shaped);
}

function rebuild(masking: Masking, value: unknown, pointer: string, way: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((inner, at) => rebuild(masking, inner, `${pointer}/${at}`, way));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, inner]) => {
      const place = `${pointer}/${escapePointer(name)}`;
      return [keyOf(masking, name), rebuild(masking, inner, place, [...way, name])] as const;
    });
    return Object.fromEntries(entries);
  }
  const found = masking.found.get(pointer);
  if (found) {
    masking.masked.push({ pointer, kind: found.kind });
    const made = pseudonym(found.kind, String(value), masking.rules.salt, masking.hidden);
    return typeof value === "number" ? numberLike(made) : made;
  }
  if (typeof value !== "string" || isKept(way.at(-1) ?? "") || isUnder(pointer, masking.rules.keep)) return value;
  const said = withoutMentions(masking, value);
  if (said !== value) masking.masked.push({ pointer, kind: "mention" });
  return said;
}

/** A list by customer has its customers' addresses for keys. */
const keyOf = ({ rules, hidden }: Masking, name: string): string =>
  kindByShape(name) === "email" ? pseudonym("email", name, rules.salt, hidden) : name;

const numberLike = (text: string): number => {
  const made = Number(text);
  return Number.isSafeInteger(made) || /^-?\d+\.\d$/.test(text) ? made : 0;
};

/** A text in which no hidden value can be read any more. */
function withoutMentions({ rules, hidden }: Masking, text: string): string {
  const said = hidden.replaced(text, (value) => pseudonym("name", value, rules.salt, hidden));
  if (said === undefined) return text;
  // Two parts that have become neighbours may make another: then nothing of it stays.
  return hidden.isIn(said) ? pseudonym("note", text, rules.salt, hidden) : said;
}
