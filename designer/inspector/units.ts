/** Units of a length of time, in seconds, smallest first. */
export const units = { s: 1, min: 60, h: 3_600, d: 86_400 } as const;

export type Unit = keyof typeof units;

export const unitNames = Object.keys(units) as Unit[];

/** The largest unit in which so many seconds are a whole number; seconds for none. */
export function unitOf(seconds: number | undefined): Unit {
  if (seconds === undefined || seconds === 0) return "s";
  return unitNames.findLast((unit) => Number.isInteger(seconds / units[unit])) ?? "s";
}
