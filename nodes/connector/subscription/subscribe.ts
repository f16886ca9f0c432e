import type { Connector } from "#schemas/connector.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Subscription, SubscriptionRequest } from "#schemas/subscription.ts";
import { evaluateExpression, type Surroundings } from "../../expression/expression.ts";
import { expressionFailure } from "../../expression/expressionFailure.ts";
import type { RawResponse, RenderedRequest } from "../../plan.ts";
import { answerFailure, asAnswer } from "../answer.ts";
import { baseUrl } from "../connection.ts";
import { type Answer, type EvaluateOnAnswer, judge } from "../errorRules.ts";
import { EvaluationFailure, toFailure } from "../failure.ts";
import { nextOf, pagedRequest, pageVariable } from "../paging.ts";
import { rendererFor, renderRequest } from "../renderEffect.ts";
import type { FoundSubscription } from "./reconcile.ts";

/** Whose subscriptions it is about. Nothing here is a secret. */
export interface Subscriber {
  /** Without its operations: the subscription is the one in question. */
  connector: Connector;
  /** The node type, for sentences. */
  type: string;
  subscription: Subscription;
  /** Of the node. */
  config: Record<string, unknown>;
  /** Settings of the connection. */
  connection: Record<string, unknown>;
  /** Of the source, as the outside knows it. */
  address: string;
  /** What people at the system see. */
  name: string;
  /** ISO 8601. */
  now: string;
}

export type SubscriptionJob = Subscriber &
  (
    | { want: "topics" | "to" }
    | { want: "list"; page: unknown }
    | { want: "found"; page: unknown; response: RawResponse }
    | { want: "create"; topic: string }
    | { want: "renew" | "delete"; given: unknown }
    | { want: "made"; response: RawResponse }
    | { want: "gone"; response: RawResponse }
  );

export type SubscriptionResult =
  | { ok: true; topics: string[] }
  /** Where it sends. */
  | { ok: true; to: string }
  | { ok: true; request: RenderedRequest }
  /** `next` is what the next page is asked for with; null at the end. */
  | { ok: true; found: FoundSubscription[]; next: unknown }
  /** What the system told of one that it made or renewed. */
  | { ok: true; made: { id: string | null; expiresAt: number | null } }
  | { ok: true; gone: true }
  | { ok: false; class: OutcomeClass; reason: Reason; retryAfterMs?: number };

/** Statuses that say that there is nothing to delete. */
const GONE: readonly number[] = [404, 410];

/** Renders a request about subscriptions, or reads the answer to one. Never throws: a faulty expression is class `bug`. */
export async function subscribe(job: SubscriptionJob): Promise<SubscriptionResult> {
  try {
    switch (job.want) {
      case "topics":
        return { ok: true, topics: topicsOf(await read(job, "topics", job.subscription.topics, {})) };
      case "to":
        return { ok: true, to: textOf(await read(job, "to", job.subscription.to, {})) ?? "" };
      case "list":
        return { ok: true, request: await listRequest(job, job.page) };
      case "create":
        return { ok: true, request: await render(job, job.subscription.create, {}, { topic: job.topic }) };
      case "renew":
      case "delete":
        return { ok: true, request: await render(job, requestOf(job, job.want), job.given, {}) };
      case "found":
        return await readList(job, job.page, job.response);
      case "made":
        return await readMade(job, job.response);
      case "gone":
        return GONE.includes(job.response.status) ? { ok: true, gone: true } : await readGone(job, job.response);
    }
  } catch (raw) {
    const failure = toFailure(raw);
    // Nobody's document is at fault here: the connector is.
    return { ok: false, class: failure.class === "invalid" ? "bug" : failure.class, reason: failure.reason };
  }
}

const surroundingsOf = (
  { address, name, config, connection, now, type }: Subscriber,
  more: Record<string, unknown>,
): Surroundings => ({
  clock: { runId: "", now, seed: `${address} ${now}`, sourceNode: "" },
  salt: type,
  variables: { address, name, config, connection, ...more },
});

function requestOf({ subscription, type }: Subscriber, want: "renew" | "delete"): SubscriptionRequest {
  const request = subscription[want];
  if (!request) throw new Error(`The subscription of ${type} cannot be renewed.`);
  return request;
}

function render(
  job: Subscriber,
  request: SubscriptionRequest,
  item: unknown,
  more: Record<string, unknown>,
): Promise<RenderedRequest> {
  const renderer = rendererFor(job.type, item, surroundingsOf(job, more));
  return renderRequest(renderer, job.type, { connector: job.connector, mapping: () => undefined, writes: false }, request);
}

async function listRequest(job: Subscriber, at: unknown): Promise<RenderedRequest> {
  const { list, page } = job.subscription;
  const rendered = await render(job, list, {}, { page: pageVariable(page, at) });
  return pagedRequest(rendered, page, at, () => baseUrl(job.connector, job.connection, list.base));
}

/** A good answer; throws what else it is. */
async function good(job: Subscriber, response: RawResponse): Promise<Answer | Extract<SubscriptionResult, { ok: false }>> {
  const answer = asAnswer(response);
  const evaluate: EvaluateOnAnswer = (expression, input) => evaluateExpression(expression, input, surroundingsOf(job, {}));
  const rules = [...(job.subscription.errors ?? []), ...job.connector.errors];
  const judged = await judge(answer, { success: job.subscription.success, rules }, evaluate);
  return judged.good ? answer : { ok: false, ...(await answerFailure(job.connector.title, answer, judged.rule, evaluate)) };
}

async function readList(job: Subscriber, at: unknown, response: RawResponse): Promise<SubscriptionResult> {
  const answer = await good(job, response);
  if ("ok" in answer) return answer;
  // A page for people under a good status would read as "none stands", and another would be made each time.
  if (typeof answer.body === "string") throw noJson(job.connector.title, answer.status);
  const given = listOf(await read(job, "found", job.subscription.found, answer));
  const found: FoundSubscription[] = [];
  for (const each of given) found.push(await readOne(job, each));
  const counted = { answer, at, count: given.length };
  const next = await nextOf(job.subscription.page, counted, (text) => read(job, "page/next", text, answer));
  return { ok: true, found, next: next === undefined || next === "" || next === false ? null : next };
}

async function readOne(job: Subscriber, given: unknown): Promise<FoundSubscription> {
  const { id, address, topic, current, expiresAt } = job.subscription;
  const of = (part: string, text: string | undefined) => read(job, part, text, given);
  const known = textOf(await of("id", id));
  if (known === null) throw noId(job);
  return {
    id: known,
    topic: textOf(await of("topic", topic)) ?? "",
    // A token may stand behind it.
    address: (textOf(await of("address", address)) ?? "").split("?")[0] ?? "",
    expiresAt: instant(await of("expiresAt", expiresAt)),
    current: current === undefined || (await of("current", current)) === true,
    given,
  };
}

async function readMade(job: Subscriber, response: RawResponse): Promise<SubscriptionResult> {
  const answer = await good(job, response);
  if ("ok" in answer) return answer;
  const { made = "body", id, expiresAt } = job.subscription;
  const one = await read(job, "made", made, answer);
  // An answer need not repeat what the list would say: what is missing is read from there.
  const of = (text: string | undefined) =>
    text === undefined || one === undefined || one === null
      ? undefined
      : evaluateExpression(text, one, surroundingsOf(job, {})).catch(() => undefined);
  return { ok: true, made: { id: textOf(await of(id)), expiresAt: instant(await of(expiresAt)) } };
}

async function readGone(job: Subscriber, response: RawResponse): Promise<SubscriptionResult> {
  const answer = await good(job, response);
  return "ok" in answer ? answer : { ok: true, gone: true };
}

async function read(job: Subscriber, part: string, expression: string | undefined, input: unknown): Promise<unknown> {
  if (expression === undefined) return undefined;
  try {
    return await evaluateExpression(expression, input, surroundingsOf(job, {}));
  } catch (raw) {
    throw new EvaluationFailure(
      expressionFailure(raw, `/subscription/${part}`, `The expression subscription/${part} of ${job.type}`),
    );
  }
}

const listOf = (value: unknown): unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? [...value] : [value];

/** Without any there is one, of no name. */
const topicsOf = (value: unknown): string[] => {
  const topics = listOf(value).flatMap((each) => textOf(each) ?? []);
  return topics.length === 0 ? [""] : topics;
};

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;

function instant(value: unknown): number | null {
  const ms = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}

const noId = ({ type }: Subscriber): EvaluationFailure =>
  new EvaluationFailure({
    class: "bug",
    reason: {
      code: "subscription.noId",
      message: `A subscription of ${type} has no id by the expression "id".`,
      hint: "Correct the subscription of the connector's operation.",
    },
  });

const noJson = (system: string, status: number): EvaluationFailure =>
  new EvaluationFailure({
    class: "transient",
    reason: {
      code: "subscription.noJson",
      message: `${system} answered with status ${status}, but not with JSON.`,
      hint: "Look at the address of the connection; a maintenance page passes by itself.",
    },
  });
