import cronstrue from "cronstrue";
import { nextDue } from "#nodes/schedule/firing.ts";

export type Firings = { ok: true; times: Date[] } | { ok: false; reason: string };

/** The next times of a schedule after a moment, or why there are none to tell. */
export function nextFirings(cron: string, timeZone: string, after: Date, count: number): Firings {
  const times: Date[] = [];
  try {
    for (let at = after; times.length < count; ) {
      const next = nextDue({ cron, timeZone }, at);
      if (!next) break;
      times.push(next);
      at = next;
    }
    return { ok: true, times };
  } catch (raw) {
    return { ok: false, reason: raw instanceof Error ? raw.message : String(raw) };
  }
}

/** What a schedule says in words, such as "Every 15 minutes"; undefined where it cannot be read. */
export function inWords(cron: string): string | undefined {
  try {
    const words = cronstrue.toString(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: true });
    return words === "" ? undefined : words;
  } catch {
    return undefined;
  }
}

/** A moment as the clocks of a zone show it, with the day of the week. */
export const inZone = (at: Date, timeZone: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(at.getUTCSeconds() === 0 ? {} : { second: "2-digit" }),
    timeZone,
  }).format(at);
