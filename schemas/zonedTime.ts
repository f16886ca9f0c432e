/** A text that is no time, or a zone that nobody knows. */
export class ZoneError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ZoneError";
    this.code = code;
  }
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A day, or a time in seconds at most a fraction of one, with an offset or without. */
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;
const OFFSET = /^([+-])(\d{2}):?(\d{2})$/;

/** Formatters are dear to make. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat("en-US", {
      ...{ timeZone: zone, hourCycle: "h23", era: "short", year: "numeric", month: "2-digit", day: "2-digit" },
      ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    });
    formatters.set(zone, made);
    return made;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ZoneError("zone.unknown", `"${zone}" is no time zone. Name one as the world does, such as Europe/Berlin.`);
  }
}

const minutesOf = (offset: string): number | undefined => {
  const [, sign, hours, minutes] = OFFSET.exec(offset) ?? [];
  return sign === undefined ? undefined : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offsetAt(ms: number, zone: string): number {
  const fixed = zone === "Z" || zone === "UTC" ? 0 : minutesOf(zone);
  if (fixed !== undefined) return fixed * MINUTE_MS;
  const parts = Object.fromEntries(
    formatterOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return local - Math.floor(ms / 1_000) * 1_000;
}

/**
 * The moment that the clocks of a zone show as `local` (as if it were UTC). What they show twice in autumn is the first of both; what
 * they leave out in spring is as much later.
 */
function momentOf(local: number, zone: string): number {
  const before = local - offsetAt(local - DAY_MS, zone);
  const after = local - offsetAt(local + DAY_MS, zone);
  return [before, after].sort((a, b) => a - b).find((ms) => ms + offsetAt(ms, zone) === local) ?? before;
}

const two = (count: number): string => String(count).padStart(2, "0");

function written(ms: number, zone: string): string {
  const offset = offsetAt(ms, zone);
  const minutes = Math.abs(Math.round(offset / MINUTE_MS));
  const behind = `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return new Date(ms + offset).toISOString().replace("Z", behind);
}

/**
 * A time as the clocks of a zone show it, in ISO 8601 with their offset: one with an offset is converted, one without is the
 * zone's own. Zones are named as in the IANA database, or are an offset themselves. Throws ZoneError.
 */
export function inZone(time: string | number, zone: string): string {
  if (typeof time === "number") return written(time, zone);
  const [, day, clock = "00:00", seconds = "00", fraction = "", offset] = TIME.exec(time.trim()) ?? [];
  const local = day === undefined ? Number.NaN : Date.parse(`${day}T${clock}:${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
  if (Number.isNaN(local)) throw new ZoneError("zone.noTime", `"${time.slice(0, 40)}" is no time such as 2026-07-15T09:30:00.`);
  return written(momentOf(local, offset ?? zone), zone);
}
