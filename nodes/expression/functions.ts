import type { Expression, Focus } from "jsonata";
import { inLines } from "#schemas/canonical/inLines.ts";
import { aliasOf, orderKey, orderRef } from "#schemas/canonical/orderKey.ts";
import { sellable } from "#schemas/canonical/sellable.ts";
import { type OrderLine, onlyShipped, type Shipment, shippedLines, trackingOf } from "#schemas/canonical/shipped.ts";
import { longId, shortId } from "#schemas/canonical/shortId.ts";
import { toBook } from "#schemas/canonical/toBook.ts";
import { toShip } from "#schemas/canonical/toShip.ts";
import { currencyDigits } from "#schemas/currencyDigits.ts";
import * as decimal from "#schemas/decimal.ts";
import { inZone, ZoneError } from "#schemas/zonedTime.ts";
import { ExpressionError } from "./expressionError.ts";
import type { Random } from "./random.ts";

/** What is fixed for one evaluation. */
export interface Fixed {
  /** Milliseconds since 1970, what `$millis()` gives. */
  millis: number;
  random: Random;
}

/** Under this name a run's fixed values stand among the variables. No expression can spell it. */
export const FIXED = "fixed values of the run";

const absent = (value: unknown): value is undefined | null | "" => value === undefined || value === null || value === "";

const asDecimal = (value: unknown): decimal.DecimalInput => {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new decimal.DecimalError(
    "decimal.notANumber",
    `A value of type ${Array.isArray(value) ? "array" : typeof value} is not a decimal number.`,
  );
};

/** Two decimals in, as JSONata does it: nothing in, nothing out. */
const ofTwo =
  <T>(compute: (a: decimal.DecimalInput, b: decimal.DecimalInput) => T) =>
  (a: unknown, b: unknown): T | undefined =>
    absent(a) || absent(b) ? undefined : compute(asDecimal(a), asDecimal(b));

const scaleOf = (scale: unknown): number => {
  if (typeof scale === "number") return scale;
  throw new decimal.DecimalError("decimal.scale", "The scale is missing; give the number of digits after the point.");
};

const addAll = (values: unknown): string =>
  decimal.addAll((Array.isArray(values) ? values : [values]).filter((value) => !absent(value)).map(asDecimal));

/** Exact decimal functions: strings or numbers in, decimal strings out. Absent values (nothing, null, "") give nothing. */
const decimalFunctions: Record<string, (...values: unknown[]) => unknown> = {
  dec: (value) => (absent(value) ? undefined : decimal.normalise(asDecimal(value))),
  add: ofTwo(decimal.add),
  sub: ofTwo(decimal.subtract),
  mul: ofTwo(decimal.multiply),
  div: (a, b, scale) => (absent(a) || absent(b) ? undefined : decimal.divide(asDecimal(a), asDecimal(b), scaleOf(scale))),
  addall: addAll,
  fixed: (value, scale) => (absent(value) ? undefined : decimal.toScale(asDecimal(value), scaleOf(scale))),
  cmp: ofTwo(decimal.compare),
  neg: (value) => (absent(value) ? undefined : decimal.negate(asDecimal(value))),
  currencyDigits: (currency) => (absent(currency) ? undefined : currencyDigits(String(currency))),
};

/** Nothing in, nothing out; a zone that is missing is a fault of the expression. */
const zoned = (time: unknown, zone: unknown): string | undefined => {
  if (absent(time)) return undefined;
  if (typeof zone !== "string" || (typeof time !== "string" && typeof time !== "number")) {
    throw new ZoneError("zone.arguments", "$inZone takes a time and the name of a zone, such as Europe/Berlin.");
  }
  return inZone(time, zone);
};

/** Functions of a canonical document: nothing in, nothing out. They refuse what must not leave. */
const ofDocument =
  <T extends object>(compute: (document: T, more: unknown, longest: unknown) => unknown) =>
  (document: unknown, more?: unknown, longest?: unknown): unknown =>
    typeof document === "object" && document !== null ? compute(document as T, more, longest) : undefined;

/** A node's settings, which a preview may not have. */
const settingsOf = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});

const canonicalFunctions: Record<string, (document: unknown, more?: unknown, longest?: unknown) => unknown> = {
  toShip: ofDocument((order: Parameters<typeof toShip>[0], allowed) => toShip(order, settingsOf(allowed))),
  toBook: ofDocument((order: Parameters<typeof toBook>[0], allowed) => toBook(order, settingsOf(allowed))),
  sellable: ofDocument(sellable),
  orderKey: ofDocument(orderKey),
  onlyShipped: ofDocument(onlyShipped),
  trackingOf: ofDocument(trackingOf),
  shippedLines: ofDocument((shipment: Shipment, lines) => shippedLines(shipment, lines as OrderLine[] | undefined)),
};

/** The parts of a document's key with ":" between them; nothing where one is missing, for the key would be that of other documents. */
const keyOf = (...parts: unknown[]): string | undefined => (parts.some(absent) ? undefined : parts.map(String).join(":"));

/** Functions of a text out of a canonical document: nothing in, nothing out. */
const identityFunctions: Record<string, (text: unknown, longest?: unknown) => unknown> = {
  orderRef: (reference) => (absent(reference) ? undefined : orderRef(reference)),
  aliasOf: (account) => (absent(account) ? undefined : aliasOf(account)),
  shortId: (id, longest) => (absent(id) ? undefined : shortId(String(id), Number(longest))),
  longId: (id) => (absent(id) ? undefined : longId(String(id))),
};

/** A width or a count that is missing is a fault of the expression. */
function addressLines(texts: unknown, width: unknown, most: unknown, what: unknown): string[] {
  if (typeof width === "number" && typeof most === "number") return inLines(texts, width, most, String(what ?? "text"));
  throw new ExpressionError(
    "inLines.arguments",
    "$inLines takes texts, how many characters a line holds, and how many lines there are.",
  );
}

const fixedOf = (focus: Focus): Fixed => focus.environment.lookup(FIXED) as Fixed;

function now(this: Focus, picture?: string, timezone?: string): unknown {
  const format = this.environment.lookup("fromMillis") as { implementation: (...args: unknown[]) => unknown };
  return format.implementation.call(this, fixedOf(this).millis, picture, timezone);
}

function shuffle(this: Focus, values: unknown): unknown {
  if (!Array.isArray(values)) return values;
  const { random } = fixedOf(this);
  const result = [...values];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [result[index], result[other]] = [result[other], result[index]];
  }
  return result;
}

/** The functions that are ours alone, without those that stand in the place of one of JSONata's. */
export const ownFunctionNames: readonly string[] = [
  ...Object.keys({ ...decimalFunctions, ...canonicalFunctions, ...identityFunctions }),
  ...["inZone", "keyOf", "inLines"],
];

/** Adds the decimal functions and replaces every built-in function that would give another result next time. */
export function registerFunctions(expression: Expression): void {
  // Not `Object.entries(...).forEach(register)` with a signature: JSONata would coerce "" and null before we see them.
  for (const [name, compute] of Object.entries(decimalFunctions)) expression.registerFunction(name, compute);
  expression.registerFunction("inZone", zoned);
  expression.registerFunction("keyOf", keyOf);
  expression.registerFunction("inLines", addressLines);
  for (const [name, compute] of Object.entries({ ...canonicalFunctions, ...identityFunctions }))
    expression.registerFunction(name, compute);
  expression.registerFunction("now", now, "<s?s?:s>");
  expression.registerFunction(
    "millis",
    function (this: Focus) {
      return fixedOf(this).millis;
    },
    "<:n>",
  );
  expression.registerFunction(
    "random",
    function (this: Focus) {
      return fixedOf(this).random();
    },
    "<:n>",
  );
  expression.registerFunction("shuffle", shuffle, "<a:a>");
  // `$eval` would run text out of a document as code, unseen by any check of the flow.
  expression.registerFunction("eval", () => {
    throw new ExpressionError("expression.noEval", "$eval is not available: text from a document must never run as code.");
  });
}
