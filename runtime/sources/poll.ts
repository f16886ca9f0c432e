import type { PollPage, PollPosition } from "#nodes/connector/poll.ts";
import { doorOf } from "#runtime/engine/admission.ts";
import type { Permit } from "#runtime/engine/gate.ts";
import type { Failure } from "#runtime/engine/outcome.ts";
import { sendOver, tellAnswer } from "#runtime/engine/sendOver.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import type { Incoming } from "./acceptable.ts";
import { commit, fail, intervalOf, type Look, type LookedAt, lookedAt, release } from "./look.ts";
import { afterPage, lookNext, newPoll, nextPage, type PollCursor, spoilsRound } from "./pollRound.ts";

/** A page state longer than this is no token but a document; it would be written with every page. */
const MAX_PAGE_STATE = 16_384;

interface Polled extends LookedAt {
  operation: PollOperation;
  connector: Connector;
  connection: OpenConnection;
}

/**
 * Polls page by page until the round ends. What a page brought and the page to go on at are committed together, so
 * whoever takes the source over goes on at the page after the last that was committed.
 *
 * Each page needs a place at the connection, as an effect does; the first has `permit`, if that is given. True when a
 * page waits for one: the source is handed back for that time, due as it is.
 */
export async function lookPoll(look: Look, permit?: Permit): Promise<boolean> {
  let cursor = (look.source.cursor as PollCursor | null) ?? newPoll;
  let place = permit;
  try {
    for (;;) {
      // Looked at anew for each page: a pause or another version takes effect in the middle of a long round.
      const polled = look.signal.aborted ? undefined : await lookedAt(look);
      if (isPolled(polled)) place = await through(look, polled, place);
      if (!isPolled(polled) || !place) {
        await release(look);
        return isPolled(polled);
      }
      const after = await lookPage(look, polled, cursor, place);
      if (after === "lostPlace") {
        await release(look);
        return true;
      }
      if (after === "ended") return false;
      cursor = after;
      // Whoever waits has his turn before the next page.
      place.leave();
      place = undefined;
    }
  } finally {
    place?.leave();
  }
}

/** The place with all tokens for one page; undefined when there is none now. */
async function through({ parts, source }: Look, polled: Polled, held: Permit | undefined): Promise<Permit | undefined> {
  const door = doorOf(polled.connection, polled.plan, source.node);
  const place = held ?? (await parts.admission.enter(door));
  if (!place || (await place.through(door, { flow: source.flow, node: source.node })) === 0) return place;
  place.leave();
  return undefined;
}

const isPolled = (at: LookedAt | undefined): at is Polled =>
  at?.operation?.transport === "poll" && at.connector !== undefined && at.connection !== undefined;

/** Asks for one page and commits it. Answers what is kept where the round goes on. */
async function lookPage(
  look: Look,
  polled: Polled,
  cursor: PollCursor,
  place: Permit,
): Promise<PollCursor | "ended" | "lostPlace"> {
  const { operation, connection, deployed, node } = polled;
  const intervalMs = intervalOf(node, operation.intervalMs);
  const failed = async (failure: Failure, kept: PollCursor): Promise<"ended"> => {
    await fail(look, failure, { intervalMs, cursor: kept, connection, retry: operation.retry });
    return "ended";
  };
  const { round, at } = nextPage(cursor, operation, look.source.now.toISOString());
  const asked = await ask(look, polled, at, place);
  if (asked === "lostPlace") return asked;
  if (!asked.ok) {
    const again = round.page !== null && spoilsRound(asked.failure.class);
    return failed(asked.failure, { ...cursor, round: again ? null : round });
  }
  if (canonicalJson(asked.page.next).length > MAX_PAGE_STATE) return failed(tooLong, { ...cursor, round: null });
  const after = afterPage(cursor, round, asked.page, operation);
  const incoming = asked.page.records.filter(({ passedOver }) => !passedOver).map((record) => incomingOf(record, operation));
  const { waitMs } = asked.page;
  const next = after.ok ? lookNext(after.next, { intervalMs, waitMs }) : "goesOn";
  if (!(await commit(look, deployed, incoming, { cursor: after.cursor, next }))) return "ended";
  if (operation.acknowledge && asked.page.records.length > 0) await acknowledge(look, polled, at, asked.page.records, place);
  if (!after.ok) return failed(after, after.cursor);
  return next === "goesOn" ? after.cursor : "ended";
}

const tooLong: Failure = {
  class: "bug",
  reason: {
    code: "poll.pageTooLong",
    message: `What the next page is asked for with is longer than ${MAX_PAGE_STATE} characters.`,
    hint: "Let the operation's page.next give a token, not the answer.",
  },
};

const incomingOf = (record: PollPage["records"][number], { milestone }: PollOperation): Incoming => ({
  body: record.body,
  contentHash: record.hash,
  dedupeKey: record.dedupeKey,
  documentKey: record.documentKey,
  documentVersion: record.documentVersion,
  headers: {},
  milestone,
});

/** Takes what was committed out of the queue. What fails is given again by the queue, and known here by its key. */
async function acknowledge(
  { parts, source }: Look,
  { plan, connector, connection }: Polled,
  at: PollPosition,
  records: PollPage["records"],
  permit: Permit,
): Promise<void> {
  const job = {
    planKey: plan.key,
    node: source.node,
    at,
    want: "acknowledge",
    records: records.map(({ body }) => body),
  } as const;
  const rendered = await parts.evaluators.poll(plan, job);
  const sent =
    rendered.ok && "request" in rendered
      ? await sendOver({ parts, connection, permit }, connector, rendered.request, "request.poll")
      : undefined;
  if (sent?.ok && sent.response.status < 300) return;
  parts.log.warn({ source: source.id }, "The queue was not told that its messages were taken; it gives them again.");
}

type Asked = { ok: true; page: PollPage } | { ok: false; failure: Failure } | "lostPlace";

/** Asks for a page and reads it; how the system answered is told to the connection. */
async function ask({ parts, source }: Look, polled: Polled, at: PollPosition, permit: Permit): Promise<Asked> {
  const { plan, connector, connection } = polled;
  const job = { planKey: plan.key, node: source.node, at };
  try {
    const rendered = await parts.evaluators.poll(plan, { ...job, want: "request" });
    if (!rendered.ok) return { ok: false, failure: rendered };
    if (!("request" in rendered)) throw new Error("The evaluator gave a page where a request was asked for.");
    const { request } = rendered;
    if (!(await permit.stands())) return "lostPlace";
    const performed = await sendOver({ parts, connection, permit }, connector, request, "request.poll");
    if (!performed.ok) return performed;
    const read = await parts.evaluators.poll(plan, { ...job, want: "page", response: performed.response });
    if (read.ok && !("page" in read)) throw new Error("The evaluator gave a request where a page was asked for.");
    tellAnswer(permit, read.ok ? { ok: true, waitMs: read.page.waitMs } : read, performed.response.status);
    return read.ok ? read : { ok: false, failure: read };
  } catch (error) {
    if (!(error instanceof EvaluatorDied)) throw error;
    const reason = {
      code: "evaluatorDied",
      message: `Reading a page of "${source.node}" used more memory or time than it may.`,
      hint: "Ask for smaller pages.",
    };
    return { ok: false, failure: { class: "poison", reason } };
  }
}
