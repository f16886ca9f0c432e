import { sha256Hex } from "#schemas/hash.ts";
import type { PersonalKind } from "./classify.ts";
import type { Hidden } from "./hidden.ts";

const first = [
  "Ada",
  "Bela",
  "Cleo",
  "Dario",
  "Edda",
  "Finn",
  "Gala",
  "Hugo",
  "Ines",
  "Juno",
  "Kai",
  "Lena",
  "Milo",
  "Nora",
  "Odo",
  "Pia",
  "Quinn",
  "Rosa",
  "Sven",
  "Tilda",
  "Uma",
  "Vito",
  "Wanda",
  "Xenia",
  "Yuri",
  "Zoe",
];
const endings = ["", "bel", "dan", "lin", "mar", "nor", "ra", "son", "ta", "ton", "vik", "wen"];
const trades = [
  "Weaver",
  "Cooper",
  "Tanner",
  "Fletcher",
  "Dyer",
  "Carver",
  "Mason",
  "Potter",
  "Thatcher",
  "Glover",
  "Turner",
  "Sawyer",
];
const streets = ["Loom Street", "Shuttle Lane", "Spindle Road", "Thread Avenue", "Bobbin Way", "Heddle Court", "Selvage Drive"];

/** Tries before a made-up value gives way to digits that cannot be hit again. */
const TRIES = 40;

/**
 * What stands in the place of a value: the same for the same value, kind and salt, of the same form, and none of the
 * values that are to be hidden.
 */
export function pseudonym(kind: PersonalKind, value: string, salt: string, hidden: Hidden): string {
  // Word by word: a full name is made of the same words as its first and last name.
  const words = kind === "name" ? value.trim().split(/\s+/) : [];
  if (words.length > 1) return words.map((word) => pseudonym(kind, word, salt, hidden)).join(" ");
  const seed = (turn: number): string => sha256Hex(`${salt}\n${kind}\n${turn}\n${value.trim().toLowerCase()}`);
  for (let turn = 0; turn < TRIES; turn += 1) {
    const made = makers[kind](value, seed(turn));
    if (!hidden.isIn(made)) return made;
  }
  // Whatever letters the hidden values take: a run of marks holds none of them.
  return "*".repeat(Math.max(1, value.length));
}

const number = (hex: string, most: number, at = 0): number => Number.parseInt(hex.slice(at, at + 8), 16) % most;
const pick = (list: readonly string[], hex: string, at = 0): string => list[number(hex, list.length, at)] ?? "";

type Maker = (value: string, hex: string) => string;

/** Each character by another of its class: forms and checks on lengths go on to hold. */
const alike: Maker = (value, hex) =>
  [...value]
    .map((sign, at) => {
      const turn = Number.parseInt(hex.slice(at % 56, (at % 56) + 6), 16) + at;
      if (/\d/.test(sign)) return String(turn % 10);
      if (/[a-z]/.test(sign)) return String.fromCharCode(97 + (turn % 26));
      if (/[A-Z]/.test(sign)) return String.fromCharCode(65 + (turn % 26));
      return /[\p{L}\p{N}]/u.test(sign) ? "x" : sign;
    })
    .join("");

/** The letters of the country in front stay. */
const afterCountry: Maker = (value, hex) => {
  const [country = ""] = /^[A-Z]{2}(?=[0-9A-Z])/.exec(value) ?? [];
  return country + alike(value.slice(country.length), hex);
};

const makers: Record<PersonalKind, Maker> = {
  email: (_value, hex) => `${pick(first, hex).toLowerCase()}.${hex.slice(8, 16)}@example.com`,
  phone: (value, hex) => {
    const [country = ""] = /^\+\d/.exec(value) ?? [];
    return country + alike(value.slice(country.length), hex);
  },
  name: (_value, hex) => pick(first, hex) + pick(endings, hex, 8),
  company: (_value, hex) => `${pick(trades, hex)} & ${pick(trades, hex, 8)} ${hex.slice(16, 19)}`,
  street: (value, hex) => (/[\p{L}]{3}/u.test(value) ? `${1 + number(hex, 199)} ${pick(streets, hex, 8)}` : alike(value, hex)),
  taxId: afterCountry,
  account: afterCountry,
  userName: (_value, hex) => `user_${hex.slice(0, 8)}`,
  note: (value, hex) => `Note ${hex.slice(0, 6)} (${value.length} characters)`,
  ip: (_value, hex) => `192.0.2.${1 + number(hex, 250)}`,
  birthDate: (value) => value.replace(/^(\d{4})(\D?)\d{2}(\D?)\d{2}/, (_all, year, a, b) => `${year}${a}01${b}01`),
  place: (value) => (Number.isFinite(Number(value)) ? String(Math.round(Number(value) * 10) / 10) : ""),
  postalCode: (value) => area(value),
  token: alike,
  web: (value) => value.replace(/\?.*$/s, ""),
};

/** The part of a postal code that names the area; the rest is filled up. */
function area(value: string): string {
  const signs = [...value].filter((sign) => /[\p{L}\p{N}]/u.test(sign)).length;
  let left = signs >= 5 ? 3 : 2;
  return [...value]
    .map((sign) => {
      if (!/[\p{L}\p{N}]/u.test(sign)) return sign;
      left -= 1;
      if (left >= 0) return sign;
      return /\d/.test(sign) ? "0" : "A";
    })
    .join("");
}
