import { expect, it } from "vitest";
import type { Failure } from "#runtime/engine/outcome.ts";
import { retryPolicy } from "#runtime/engine/outcome.ts";
import { type Ask, newStanding, visit } from "#runtime/engine/standing.ts";
import { lookAgain } from "#runtime/sources/lookAgain.ts";
import { afterPage, lookNext, newPoll, nextPage, type PollCursor, spoilsRound } from "#runtime/sources/pollRound.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { operationOf } from "./operation.fixture.ts";
import { VirtualAmazon } from "./simulatedTime.fixture.ts";

const ORDERS = 100_000;
const DAY_MS = 86_400_000;
const breaker = { failures: 10, openMs: 5_000, mostOpenMs: 60_000 };
const START = Date.parse("2026-11-27T00:00:00Z");

it("Amazon's 20 requests at once and one each three minutes bring 100,000 orders, and lose none", async () => {
  let now = START;
  // A day's backlog, and a day and a half that comes while it is fetched.
  const amazon = new VirtualAmazon({ orders: ORDERS, from: START - DAY_MS + 60_000, to: START + 1.5 * DAY_MS, now: () => now });
  const { operation, ask, readPage } = operationOf("amazon", "ordersChanged", marketplaces.amazon as Marketplace);
  if (operation?.transport !== "poll" || !operation.rate) throw new Error("There is no such source.");
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
    needs: { ordersChanged: rate },
    events: [],
    closeForMs: 0,
    probing: false,
    wants: true,
  };
  const failed = (failure: Failure): void => {
    failures++;
    const again = lookAgain(failure, { failures, intervalMs, random: 0.5, policy: retryPolicy(retry, undefined) });
    if (failure.class === "rateLimited") closeForMs = failure.retryAfterMs ?? 0;
    now += again.waitMs;
  };

  const done = () => cursor.round === null && Date.parse(cursor.upTo ?? "") > amazon.quietFrom;
  while (!done()) {
    const visited = visit(standing, { ...told, closeForMs }, now, breaker);
    standing = visited.standing;
    closeForMs = 0;
    const { count, nextMs } = visited.grant.tokens.ordersChanged ?? { count: 0, nextMs: 1_000 };
    const waitMs = Math.max(visited.grant.closedForMs, count > 0 ? 0 : nextMs);
    if (waitMs > 0) {
      now += waitMs;
      continue;
    }
    const { round, at } = nextPage(cursor, operation, new Date(now).toISOString());
    const page = await readPage(amazon.answer(await ask(at)), at);
    now += 400;
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
    if (next !== "goesOn") now += next.afterMs;
  }

  const missing = [...amazon.newest].filter(([id, time]) => !inbox.has(JSON.stringify([id, new Date(time).toISOString()])));
  const hours = Math.round((now - START) / 3_600_000);
  console.info(`${ORDERS} orders by ${amazon.counts.pages} pages in ${hours} simulated hours:`, amazon.counts);
  expect(missing).toEqual([]);
  // The world was not kind: pages were refused and failed on the way, and it is the rate that took so long.
  expect(amazon.counts.refused).toBeGreaterThan(0);
  expect(amazon.counts.failed).toBeGreaterThan(0);
  expect(hours).toBeGreaterThan(40);
}, 60_000);
