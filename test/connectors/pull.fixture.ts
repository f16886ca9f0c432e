import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import type { Failure } from "#runtime/engine/outcome.ts";
import { retryPolicy } from "#runtime/engine/outcome.ts";
import { type Ask, newStanding, visit } from "#runtime/engine/standing.ts";
import { lookAgain } from "#runtime/sources/lookAgain.ts";
import { afterPage, lookNext, newPoll, nextPage, type PollCursor, spoilsRound } from "#runtime/sources/pollRound.ts";
import type { operationOf } from "./operation.fixture.ts";

const breaker = { failures: 10, openMs: 5_000, mostOpenMs: 60_000 };
/** What a request takes, there and back. */
const REQUEST_MS = 400;

/** A clock that only a test moves. */
export interface Clock {
  now: number;
}

interface Pulling {
  clock: Clock;
  source: string;
  asked: ReturnType<typeof operationOf>;
  answer: (request: RenderedRequest) => RawResponse | Promise<RawResponse>;
  /** Whether all has been seen that there will be, between two rounds that end at `upTo`. */
  done: (upTo: number) => boolean;
}

/**
 * Lets a source look again and again as the product does (admission, pages, rounds, waits), with no time but the test's. Gives
 * the dedupe keys of what came.
 */
export async function pull({ clock, source, asked, answer, done }: Pulling): Promise<Set<string>> {
  const { operation, ask, readPage } = asked;
  if (operation?.transport !== "poll") throw new Error(`${source} is no source that polls.`);
  const { intervalMs, retry, rate } = operation;
  const inbox = new Set<string>();
  let standing = newStanding(1);
  let cursor: PollCursor = newPoll;
  let failures = 0;
  let closeForMs = 0;
  const told: Ask = {
    worker: "w",
    concurrency: 1,
    most: 1,
    taken: 0,
    waiting: true,
    leaseMs: 5_000,
    needs: rate ? { [source]: rate } : {},
    events: [],
    closeForMs: 0,
    probing: false,
    wants: true,
  };
  const failed = (failure: Failure): void => {
    failures++;
    const again = lookAgain(failure, { failures, intervalMs, random: 0.5, policy: retryPolicy(retry, undefined) });
    if (failure.class === "rateLimited") closeForMs = failure.retryAfterMs ?? 0;
    clock.now += again.waitMs;
  };

  while (!(cursor.round === null && done(Date.parse(cursor.upTo ?? "")))) {
    const visited = visit(standing, { ...told, closeForMs }, clock.now, breaker);
    standing = visited.standing;
    closeForMs = 0;
    const { count, nextMs } = rate ? (visited.grant.tokens[source] ?? { count: 0, nextMs: 1_000 }) : { count: 1, nextMs: 0 };
    const waitMs = Math.max(visited.grant.closedForMs, count > 0 ? 0 : nextMs);
    if (waitMs > 0) {
      clock.now += waitMs;
      continue;
    }
    const { round, at } = nextPage(cursor, operation, new Date(clock.now).toISOString());
    const page = await readPage(await answer(await ask(at)), at);
    clock.now += REQUEST_MS;
    if (!page.ok) {
      cursor = { ...cursor, round: round.page !== null && spoilsRound(page.class) ? null : round };
      failed(page);
      continue;
    }
    if (!("page" in page)) throw new Error("A request came where a page was asked for.");
    failures = 0;
    for (const { dedupeKey } of page.page.records) inbox.add(dedupeKey);
    const after = afterPage(cursor, round, page.page, operation);
    cursor = after.cursor;
    if (!after.ok) {
      failed(after);
      continue;
    }
    const next = lookNext(after.next, { intervalMs, waitMs: page.page.waitMs });
    if (next !== "goesOn") clock.now += next.afterMs;
  }
  return inbox;
}
