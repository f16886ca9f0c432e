import type { PollPage, PollPosition, PollRecord } from "#nodes/connector/poll.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";

/** What a poll keeps between two pages. Times are ISO 8601. */
export interface PollCursor {
  /** Up to when everything is known; null before the first round has ended, and for ever without a delta. */
  upTo: string | null;
  /** When the last round that came to its end began: what changed until then has been asked for. */
  asOf: string | null;
  /** The round under way, at the page that comes next. */
  round: PollRound | null;
}

export interface PollRound {
  startedAt: string;
  since: string | null;
  until: string | null;
  page: unknown;
  /** Pages taken over. */
  pages: number;
  /** The pages asked for so far, by hash: one that comes again would never end. */
  visited: string[];
  /** The newest change seen, or the system's own mark. */
  newest: string | null;
  /** Of pages that overlap: the records of the page taken over last, by hash; one of them has to be in the next. */
  before?: string[];
  /** What that page was asked for with, until the round went back to it. */
  earlier?: unknown;
}

export const newPoll: PollCursor = { upTo: null, asOf: null, round: null };

type Rules = Pick<PollOperation, "page" | "delta">;

const shifted = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString();
const later = (a: string | null, b: string | null): string | null => (a === null || (b !== null && b > a) ? b : a);
const earlier = (a: string, b: string): string => (a < b ? a : b);

/** Where to go on: in the round under way, or at the first page of a new one. */
export function nextPage(cursor: PollCursor, { delta }: Rules, now: string): { round: PollRound; at: PollPosition } {
  const round = cursor.round ?? newRound(cursor, delta, now);
  const { startedAt, since, until, page } = round;
  return { round, at: { now: startedAt, since, until, cursor: cursor.upTo, page } };
}

function newRound({ upTo }: PollCursor, delta: Rules["delta"], now: string): PollRound {
  const round = { startedAt: now, since: null, until: null, page: null, pages: 0, visited: [], newest: null };
  if (!delta) return round;
  const since = upTo === null ? shifted(now, -delta.lookBackMs) : shifted(upTo, -delta.overlapMs);
  // Counted from what is known, not from the overlap before it: a window no longer than the overlap moves on as well.
  const until = delta.windowMs === undefined ? now : earlier(now, shifted(upTo ?? since, delta.windowMs));
  return { ...round, since, until };
}

export type AfterPage =
  | { ok: true; cursor: PollCursor; next: "page" | "window" | "end" }
  | { ok: false; class: OutcomeClass; reason: Reason; cursor: PollCursor };

/**
 * What is kept once a page has been taken over. `upTo` moves at the end of a round alone, since pages may come in any
 * order, and never back. A time beyond the round's own end (a clock that is wrong over there) moves it no further than
 * that.
 */
export function afterPage(cursor: PollCursor, round: PollRound, page: PollPage, rules: Rules): AfterPage {
  const seen = rules.delta?.watermark
    ? page.watermark
    : page.records.reduce<string | null>((all, { changedAt }) => later(all, changedAt), null);
  const newest = later(round.newest, seen === null ? null : earlier(seen, round.until ?? seen));
  const pages = round.pages + 1;
  const back = backTo(round, page, rules);
  if (back === undefined && page.next === null) return ended(cursor, { ...round, newest }, rules);
  const to = back ? back.to : page.next;
  const mark = sha256Hex(canonicalJson(to)).slice(0, 16);
  const again = back === undefined && round.visited.includes(mark);
  const fault = again ? repeats : pages >= (rules.page?.most ?? 1) ? tooMany(pages) : undefined;
  // The next round asks for the same window again: what was taken over is known by its keys.
  if (fault) return { ok: false, class: "bug", reason: fault, cursor: { ...cursor, round: null } };
  const { earlier: _, ...kept } = round;
  const next: PollRound = { ...kept, page: to, pages, visited: back === undefined ? [...round.visited, mark] : [], newest };
  if (back === undefined && overlapping(rules)) {
    next.before = page.records.slice(-MOST_BEFORE).map(markOf);
    next.earlier = round.page;
  }
  return { ok: true, cursor: { ...cursor, round: next }, next: "page" };
}

/** So many records of a page are kept to find it again; more would be written with every page. */
const MOST_BEFORE = 100;

/** Which record it is, in the state that it had: one that has changed may stand elsewhere. */
const markOf = ({ dedupeKey, changedAt }: PollRecord): string => sha256Hex(`${changedAt} ${dedupeKey}`).slice(0, 16);

const overlapping = ({ page }: Rules): boolean =>
  page !== undefined && (page.type === "offset" || ("overlaps" in page && page.overlaps === true));

/**
 * Of pages that overlap: where to ask again, because nothing of the page before is in this one. Records before it have left the
 * list, so that others which nobody has read moved up. What stands still keeps its order: where one record of the page before is
 * found again, everything in front of it is known. By offset the round goes back a page as often as it takes; a page that is asked
 * for by what the system gave, to the page before, and then to the first.
 */
function backTo({ page: at, before, earlier }: PollRound, { records }: PollPage, rules: Rules): { to: unknown } | undefined {
  if (!overlapping(rules) || before === undefined || at === null || at === 0) return undefined;
  if (records.some((record) => before.includes(markOf(record)))) return undefined;
  if (rules.page?.type === "offset") return { to: Math.max(0, Number(at) - (rules.page.size - 1)) };
  return { to: earlier ?? null };
}

/**
 * When the source looks next: at once for a further page or window, unless the system asks to be left alone; then the round
 * goes on at that page later.
 */
export function lookNext(
  next: "page" | "window" | "end",
  { intervalMs, waitMs = 0 }: { intervalMs: number; waitMs?: number | undefined },
): "goesOn" | { afterMs: number } {
  if (next === "page") return waitMs === 0 ? "goesOn" : { afterMs: waitMs };
  return { afterMs: Math.max(waitMs, next === "window" ? 0 : intervalMs) };
}

function ended({ upTo, asOf }: PollCursor, round: PollRound, { delta }: Rules): AfterPage {
  if (!delta) return { ok: true, cursor: { ...newPoll, asOf: round.startedAt }, next: "end" };
  // A window that lies in the past is known to its end; the present may still show changes late.
  const past = round.until !== null && round.until < round.startedAt;
  const known = later(later(upTo, round.newest), past ? round.until : null);
  return {
    ok: true,
    cursor: { upTo: known ?? round.since, asOf: later(asOf, round.until), round: null },
    next: past ? "window" : "end",
  };
}

const repeats: Reason = {
  code: "poll.pageRepeats",
  message: "The system gave a page as the next one that had come before; the round was ended.",
  hint: "Correct the paging of the connector's operation.",
};

const tooMany = (pages: number): Reason => ({
  code: "poll.tooManyPages",
  message: `There was a further page after ${pages}, more than one round may have; the round was ended.`,
  hint: "Raise the most pages of the connector's operation, or give its delta a window.",
  params: { pages },
});

/** Whether a failure may be the page's own fault: its token has run out, so the round begins again. */
export const spoilsRound = (kind: OutcomeClass): boolean => kind === "rejected" || kind === "invalid" || kind === "bug";
