/** What a short id begins with: X12 and EDIFACT may write it, and no marketplace's id is a point and 25 digits of base 36. */
const MARK = ".";
/** Digits of 128 bits in base 36. */
const DIGITS = 25;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHORT = /^\.[0-9A-Z]{25}$/;

/**
 * An id as a system writes it that holds only so many characters: itself where it fits, and a UUID of 36 characters (Zalando's, OTTO's)
 * as 26, capitals and digits. Another stays as it is. `longId` gives it back.
 */
export function shortId(id: string, longest: number): string {
  if (id.length <= longest || !UUID.test(id)) return id;
  const digits = BigInt(`0x${id.replaceAll("-", "")}`)
    .toString(36)
    .toUpperCase();
  return MARK + digits.padStart(DIGITS, "0");
}

/** The id that `shortId` made shorter; one of another make is itself. */
export function longId(id: string): string {
  if (!SHORT.test(id)) return id;
  let value = 0n;
  for (const digit of id.slice(MARK.length)) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  const hex = value.toString(16).padStart(32, "0");
  return hex.length > 32 ? id : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
