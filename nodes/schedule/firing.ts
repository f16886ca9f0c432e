import { Cron } from "croner";

/** The config of a schedule node. */
export interface ScheduleConfig {
  cron: string;
  /** IANA name; UTC when absent or empty. */
  timeZone?: string;
  missed?: "once" | "skip";
}

/** What a schedule keeps between two looks. */
export interface ScheduleCursor {
  /** The config by which `next` was counted; another one counts anew. */
  rule: string;
  /** ISO 8601; null when no time is left (a day that never comes). */
  next: string | null;
}

export interface ScheduleDecision {
  /** The due time to start a run for, ISO 8601; null for none. */
  fire: string | null;
  cursor: ScheduleCursor;
}

/** A time that passed no longer ago is late, not missed: a scheduler may have to start first. */
export const LATE_MS = 60_000;

const cronOf = ({ cron, timeZone }: ScheduleConfig): Cron => new Cron(cron, { timezone: timeZone || "UTC", paused: true });

/**
 * The first due time after `after`; undefined when there is none. Throws a sentence when the fields or the zone cannot be
 * read.
 */
export function nextDue(config: ScheduleConfig, after: Date): Date | undefined {
  try {
    return cronOf(config).nextRun(after) ?? undefined;
  } catch (raw) {
    throw new Error(`The times "${config.cron}" in the zone ${config.timeZone || "UTC"} cannot be read: ${reasonOf(raw)}`);
  }
}

const reasonOf = (raw: unknown): string => {
  const text = raw instanceof Error ? raw.message : String(raw);
  return /Invalid time ?zone/i.test(text)
    ? "there is no such time zone."
    : `${text.replace(/^Cron\w+: /, "").replace(/[.]?$/, "")}.`;
};

/** The latest due time up to and including `now`, and not before `first`, which is one. */
function latestDue(config: ScheduleConfig, first: Date, now: Date): Date {
  // The moment asked for is not among those before it.
  const [last] = cronOf(config).previousRuns(1, new Date(now.getTime() + 1));
  return last && last > first ? last : first;
}

/**
 * Whether a run is to be started at `now`, and when to look again. Times are counted from the first look on: a schedule
 * never starts runs for the time before it was deployed.
 */
export function decideSchedule(config: ScheduleConfig, kept: ScheduleCursor | null, now: Date): ScheduleDecision {
  const rule = `${config.cron} ${config.timeZone || "UTC"}`;
  const cursor = { rule, next: nextDue(config, now)?.toISOString() ?? null };
  if (kept?.rule !== rule || kept.next === null) return { fire: null, cursor };
  if (Date.parse(kept.next) > now.getTime()) return { fire: null, cursor: kept };
  const due = latestDue(config, new Date(kept.next), now);
  const late = now.getTime() - due.getTime() > LATE_MS;
  return { fire: late && config.missed === "skip" ? null : due.toISOString(), cursor };
}
