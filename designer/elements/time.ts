/** Times as people read them. All take ISO 8601 and show the user's own zone; `locale` and `zone` are for tests. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** "3 min ago", "in 2 hr.", "yesterday"; under ten seconds `justNow`. Both times in milliseconds since 1970. */
export function relative(then: number, now: number, justNow: string, locale?: string): string {
  const distance = then - now;
  const size = Math.abs(distance);
  if (size < 10_000) return justNow;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  if (size < minute) return format.format(Math.trunc(distance / 1_000), "second");
  if (size < hour) return format.format(Math.trunc(distance / minute), "minute");
  if (size < day) return format.format(Math.trunc(distance / hour), "hour");
  return format.format(Math.trunc(distance / day), "day");
}

/** Date, time with milliseconds, and zone: what a hover shows. */
export function exact(iso: string, locale?: string, zone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
    ...(zone ? { timeZone: zone } : {}),
  }).format(new Date(iso));
}

/** The moment at which a day such as `2026-11-27` begins where the user is, or one so many days later; ISO 8601. */
export function startOfDay(day: string | undefined, later = 0): string | undefined {
  const [year = Number.NaN, month = 1, date = 1] = (day ?? "").split("-").map(Number);
  // Built from its parts: on the day of a change of clocks it has not 24 hours.
  const moment = new Date(year, month - 1, date + later);
  return day && !Number.isNaN(moment.getTime()) ? moment.toISOString() : undefined;
}

/** A length of time given in milliseconds: "820 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "1 d 3 h". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  // 59.96 s would round to 60.0 s; from there on minutes are told.
  if (milliseconds < 59_950) return `${trimmed(milliseconds / 1_000)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

const trimmed = (value: number): string => value.toFixed(1).replace(/\.0$/, "");

const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
