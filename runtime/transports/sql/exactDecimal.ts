/** The driver reads a decimal as a double: that holds this many digits, whatever they are, and not always one more. */
const EXACT_DIGITS = 15;

/** A number of a column with so many decimal places, as the database writes it; undefined where digits of it may be lost. */
export const exactDecimal = (value: number, scale: number): string | undefined =>
  Math.abs(value) * 10 ** scale < 10 ** EXACT_DIGITS ? value.toFixed(scale) : undefined;

/** How many digits a number has before and after its point as it is written; undefined for one that needs an exponent, or too many. */
export function decimalPlaces(value: number): { precision: number; scale: number } | undefined {
  const [, whole = "", fraction = ""] = /^-?(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  const precision = whole.length + fraction.length;
  return whole === "" || precision > EXACT_DIGITS ? undefined : { precision, scale: fraction.length };
}

/** A value that cannot be read to its last digit. */
export class TooManyDigits extends Error {
  constructor(column: string) {
    super(
      `The column ${column} holds a number of more than ${EXACT_DIGITS} digits, which the driver cannot read exactly; ` +
        `let the statement give it as text: cast(${column} as varchar(40)) as ${column}.`,
    );
  }
}
