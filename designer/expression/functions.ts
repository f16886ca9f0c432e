import { type Known, member, merged, moneyText, single, withCard } from "./shape.ts";

export type FunctionName = keyof typeof signatures;

/** Every function that an expression may call, with what it takes; in brackets what may be left out. */
export const signatures = {
  // Exact decimals, the product's own.
  dec: "value",
  add: "a, b",
  sub: "a, b",
  mul: "a, b",
  div: "a, b, scale",
  addall: "values",
  fixed: "value, scale",
  cmp: "a, b",
  neg: "value",
  currencyDigits: "currency",
  inZone: "time, zone",
  // Of canonical documents.
  toShip: "order, [settings]",
  toBook: "order, [settings]",
  inLines: "texts, width, most, [name]",
  orderKey: "order, [prefix, longest]",
  orderRef: "key",
  keyOf: "part, part, ...",
  shortId: "id, longest",
  longId: "id",
  aliasOf: "account",
  onlyShipped: "shipment",
  trackingOf: "shipment",
  shippedLines: "shipment, [lines]",
  sellable: "levels",
  // Texts.
  string: "value, [prettify]",
  length: "text",
  substring: "text, start, [length]",
  substringBefore: "text, chars",
  substringAfter: "text, chars",
  uppercase: "text",
  lowercase: "text",
  trim: "text",
  pad: "text, width, [char]",
  contains: "text, pattern",
  split: "text, separator, [limit]",
  join: "texts, [separator]",
  match: "text, pattern, [limit]",
  replace: "text, pattern, replacement, [limit]",
  base64encode: "text",
  base64decode: "text",
  encodeUrl: "text",
  encodeUrlComponent: "text",
  decodeUrl: "text",
  decodeUrlComponent: "text",
  // Numbers.
  number: "value",
  abs: "number",
  floor: "number",
  ceil: "number",
  round: "number, [precision]",
  power: "base, exponent",
  sqrt: "number",
  random: "",
  formatNumber: "number, picture, [options]",
  formatBase: "number, [radix]",
  formatInteger: "number, picture",
  parseInteger: "text, picture",
  // Of many values.
  sum: "numbers",
  max: "numbers",
  min: "numbers",
  average: "numbers",
  count: "list",
  append: "a, b",
  sort: "list, [function]",
  reverse: "list",
  shuffle: "list",
  distinct: "list",
  zip: "list, ...",
  map: "list, function",
  filter: "list, function",
  single: "list, [function]",
  reduce: "list, function, [start]",
  // Objects.
  keys: "object",
  lookup: "object, key",
  spread: "object",
  merge: "objects",
  each: "object, function",
  sift: "object, [function]",
  // Of any value.
  boolean: "value",
  not: "value",
  exists: "value",
  type: "value",
  clone: "value",
  error: "message",
  assert: "condition, message",
  // Times.
  now: "[picture], [timezone]",
  millis: "",
  fromMillis: "millis, [picture], [timezone]",
  toMillis: "text, [picture]",
} as const;

export const functionNames: ReadonlySet<string> = new Set(Object.keys(signatures));

export const isFunctionName = (name: string): name is FunctionName => functionNames.has(name);

const makes: Readonly<Record<string, (shapes: readonly Known[]) => Known>> = {
  map: ([list, made]) => manyOf(list ?? null, made ?? null),
  filter: ([list]) => manyOf(list ?? null, list ?? null),
  distinct: ([list]) => list ?? null,
  reverse: ([list]) => list ?? null,
  sort: ([list]) => withCard(list ?? null, "array"),
  shuffle: ([list]) => withCard(list ?? null, "array"),
  single: ([list]) => member(list ?? null),
  onlyShipped: ([shipment]) => shipment ?? null,
  toBook: ([order]) => order ?? null,
  inLines: () => withCard(single("text"), "array"),
  append: ([a, b]) => withCard(merged(member(a ?? null), member(b ?? null)), "array"),
  number: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
  round: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
  abs: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
  sum: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
  max: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
  min: ([value]) => ({ ...single("number"), money: value?.money ?? false }),
};

/** Of each member one: what is made of a list of one is one value, not a list. */
const manyOf = (list: Known, each: Known): Known => (list?.card === "one" ? member(each) : withCard(each, "either"));

const texts = new Set<string>([
  "string",
  "substring",
  "substringBefore",
  "substringAfter",
  "uppercase",
  "lowercase",
  "trim",
  "pad",
  "join",
  "replace",
  "base64encode",
  "base64decode",
  "encodeUrl",
  "encodeUrlComponent",
  "decodeUrl",
  "decodeUrlComponent",
  "formatNumber",
  "formatBase",
  "formatInteger",
  "type",
  "now",
  "fromMillis",
  "inZone",
]);
const numbers = new Set<string>([
  "sellable",
  "length",
  "floor",
  "ceil",
  "power",
  "sqrt",
  "random",
  "parseInteger",
  "average",
  "count",
  "millis",
  "toMillis",
  "cmp",
  "currencyDigits",
]);
const decimals = new Set<string>(["dec", "add", "sub", "mul", "div", "addall", "fixed", "neg"]);
const truths = new Set<string>(["boolean", "not", "exists", "contains"]);

/** What is known of what a function gives. */
export function resultOf(name: string, shapes: readonly Known[]): Known {
  const make = Object.hasOwn(makes, name) ? makes[name] : undefined;
  if (make) return make(shapes);
  if (decimals.has(name)) return moneyText;
  if (texts.has(name)) return single("text");
  if (numbers.has(name)) return single("number");
  if (truths.has(name)) return single("boolean");
  return null;
}

/** What a function that is given to another is called with. */
export function parametersOf(name: string, list: Known): Known[] {
  const one = member(list);
  switch (name) {
    case "map":
    case "filter":
    case "single":
      return [one, single("number"), list];
    case "each":
    case "sift":
      return [null, single("text"), list];
    case "sort":
      return [one, one];
    case "reduce":
      return [null, one, single("number"), list];
    default:
      return [];
  }
}
