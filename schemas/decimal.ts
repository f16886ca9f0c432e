import Big from "big.js";

/**
 * Exact decimal arithmetic on strings, for money. Results never carry an exponent. Addition and subtraction keep the
 * larger scale of the two ("10.00" + "5" is "15.00"), multiplication adds the scales ("19.90" x 2 is "39.80"), as on
 * paper; rounding happens only where a scale is asked for, half away from zero.
 */

/** What counts as a decimal: a decimal string, or a JavaScript number read by its shortest notation. */
export type DecimalInput = string | number;

/** Longer numbers than this are no money and would cost memory out of proportion ("1e400000000"). */
const MAX_DIGITS = 100;
const MAX_SCALE = 34;
const DECIMAL = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,4}))?$/;

export class DecimalError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "DecimalError";
    this.code = code;
  }
}

interface Decimal {
  big: Big;
  scale: number;
}

const show = (value: unknown): string => (typeof value === "string" ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80));

function read(value: unknown): Decimal {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  const match = DECIMAL.exec(text);
  if (!match) throw new DecimalError("decimal.notANumber", `${show(value)} is not a decimal number.`);
  const [, sign = "", digits = "", exponent = "0"] = match;
  const power = Number(exponent);
  if (digits.length + Math.abs(power) > MAX_DIGITS) {
    throw new DecimalError("decimal.tooLong", `${show(value)} has more than ${MAX_DIGITS} digits.`);
  }
  const fraction = digits.includes(".") ? digits.length - digits.indexOf(".") - 1 : 0;
  return { big: new Big(`${sign === "-" ? "-" : ""}${digits}e${power}`), scale: Math.max(0, fraction - power) };
}

const write = (big: Big, scale: number): string => {
  const text = big.toFixed(scale);
  return big.eq(0) && text.startsWith("-") ? text.slice(1) : text;
};

function checkScale(scale: unknown): number {
  if (typeof scale === "number" && Number.isInteger(scale) && scale >= 0 && scale <= MAX_SCALE) return scale;
  throw new DecimalError("decimal.scale", `The scale ${show(scale)} is not a whole number from 0 to ${MAX_SCALE}.`);
}

/** The decimal in plain notation, with the scale it was given in. Throws DecimalError when it is no number. */
export function normalise(value: DecimalInput): string {
  const { big, scale } = read(value);
  return write(big, scale);
}

export function isDecimal(value: unknown): value is DecimalInput {
  try {
    read(value);
    return true;
  } catch {
    return false;
  }
}

/** How many digits follow the decimal point. */
export const scaleOf = (value: DecimalInput): number => read(value).scale;

export function add(a: DecimalInput, b: DecimalInput): string {
  const [x, y] = [read(a), read(b)];
  return write(x.big.plus(y.big), Math.max(x.scale, y.scale));
}

export function subtract(a: DecimalInput, b: DecimalInput): string {
  const [x, y] = [read(a), read(b)];
  return write(x.big.minus(y.big), Math.max(x.scale, y.scale));
}

export function multiply(a: DecimalInput, b: DecimalInput): string {
  const [x, y] = [read(a), read(b)];
  return write(x.big.times(y.big), x.scale + y.scale);
}

/** The quotient rounded to `scale` digits, half away from zero. Throws DecimalError on division by zero. */
export function divide(a: DecimalInput, b: DecimalInput, scale: number): string {
  const places = checkScale(scale);
  const [x, y] = [read(a), read(b)];
  if (y.big.eq(0)) throw new DecimalError("decimal.divisionByZero", `${show(a)} cannot be divided by zero.`);
  // Exact integer division: big.js rounds quotients at a global setting, which would round twice.
  const shift = new Big(10).pow(places + y.scale);
  const numerator = BigInt(x.big.times(shift).times(new Big(10).pow(x.scale)).toFixed(0));
  const denominator = BigInt(y.big.times(new Big(10).pow(y.scale)).times(new Big(10).pow(x.scale)).toFixed(0));
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const rounded = (2n * n + d) / (2n * d);
  const units = new Big(`${negative ? "-" : ""}${rounded}e-${places}`);
  return write(units, places);
}

/** The sum of all; "0" for none. */
export const addAll = (values: readonly DecimalInput[]): string => values.reduce<string>((sum, value) => add(sum, value), "0");

/** Rounded to `scale` digits, half away from zero. */
export function toScale(value: DecimalInput, scale: number): string {
  const places = checkScale(scale);
  return write(read(value).big.round(places, Big.roundHalfUp), places);
}

/** -1, 0 or 1; "1.0" and "1" are equal. */
export const compare = (a: DecimalInput, b: DecimalInput): -1 | 0 | 1 => read(a).big.cmp(read(b).big);

export function negate(value: DecimalInput): string {
  const { big, scale } = read(value);
  return write(big.times(-1), scale);
}

export function absolute(value: DecimalInput): string {
  const { big, scale } = read(value);
  return write(big.abs(), scale);
}
