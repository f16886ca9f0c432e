import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import { evaluateExpression, type Surroundings } from "../expression/expression.ts";
import { expressionFailure } from "../expression/expressionFailure.ts";
import type { Plan, RawResponse, RenderedRequest } from "../plan.ts";
import { answerFailure, asAnswer } from "./answer.ts";
import { baseUrl } from "./connection.ts";
import { type Answer, type EvaluateOnAnswer, judge } from "./errorRules.ts";
import { EvaluationFailure, toFailure } from "./failure.ts";
import { filledIn } from "./fills.ts";
import { mappingOf, operationOf } from "./operation.ts";
import { nextOf, pagedRequest, pageVariable } from "./paging.ts";
import { leaveAloneMs } from "./rateHint.ts";
import { rendererFor, renderRequest, withRestricted } from "./renderEffect.ts";
import { bindingOf, operationVariables } from "./variables.ts";

/** Where a round of polling stands; all times are ISO 8601, null where the operation has no delta. */
export interface PollPosition {
  /** When the round began. */
  now: string;
  since: string | null;
  until: string | null;
  /** Up to when everything is known. */
  cursor: string | null;
  /** What the page before gave for this one; null on the first. */
  page: unknown;
}

export type PollJob = { planKey: string; node: string; at: PollPosition } & (
  | { want: "request" }
  /** Takes committed records out of a queue. */
  | { want: "acknowledge"; records: unknown[] }
  | { want: "page"; response: RawResponse }
);

/** One record of a page, and by what it is known. */
export interface PollRecord {
  body: unknown;
  /** SHA-256 of the body in canonical JSON. */
  hash: string;
  dedupeKey: string;
  documentKey: string | null;
  documentVersion: string | null;
  /** When it last changed, ISO 8601; null where that cannot be told. */
  changedAt: string | null;
  /** The operation passes it over; it counts for paging and delta alone. */
  passedOver?: true;
}

export interface PollPage {
  records: PollRecord[];
  /** What the next page is asked for with; null at the end. */
  next: unknown;
  /** Up to when the answer is complete, where the system says so. */
  watermark: string | null;
  /** How long the system is to be left alone, as it says of its limits. */
  waitMs?: number;
}

export type PollResult =
  | { ok: true; request: RenderedRequest }
  | { ok: true; page: PollPage }
  | { ok: false; class: OutcomeClass; reason: Reason; retryAfterMs?: number };

interface Polling {
  plan: Plan;
  node: FlowNode;
  type: string;
  connector: Connector;
  operation: PollOperation;
  /** What the page before gave for this one. */
  page: unknown;
  surroundings: Surroundings;
}

function pollingOf(plan: Plan, { node: id, at }: PollJob): Polling {
  const node = plan.flow.nodes.find((each) => each.id === id);
  const manifest = node && Object.hasOwn(plan.lock.manifests, node.type) ? plan.lock.manifests[node.type] : undefined;
  const declared = operationOf(plan.lock, manifest);
  const connector = plan.lock.connectors[manifest?.connector ?? ""];
  if (!node || !manifest || !connector || declared?.transport !== "poll") {
    throw new Error(`The version has no node "${id}" that polls.`);
  }
  const operation = filledIn(declared, node.config);
  // A page is read the same however often it is asked for: nothing in it depends on the time of day.
  const clock = { runId: "", now: at.now, seed: `${id} ${at.now}`, sourceNode: id };
  const variables = {
    ...operationVariables(plan, node, clock),
    cursor: at.cursor ?? undefined,
    since: at.since ?? undefined,
    until: at.until ?? undefined,
    page: pageVariable(operation.page, at.page),
  };
  return { plan, node, type: manifest.type, connector, operation, page: at.page, surroundings: { clock, salt: id, variables } };
}

/**
 * Renders the request of a page, or reads the page out of the answer. Never throws: an answer that is no success is
 * classed by the connector's rules, a faulty expression is class `bug`.
 */
export async function poll(plan: Plan, job: PollJob): Promise<PollResult> {
  try {
    const polling = pollingOf(plan, job);
    if (job.want === "acknowledge") return await acknowledge(polling, job.records);
    return await (job.want === "request"
      ? askFor(polling)
      : readPage(polling, asAnswer(job.response, polling.operation.decode, polling.connector.title)));
  } catch (raw) {
    const failure = toFailure(raw);
    // Nobody's document is at fault here: the connector is.
    return { ok: false, class: failure.class === "invalid" ? "bug" : failure.class, reason: failure.reason };
  }
}

async function askFor({ plan, node, type, connector, operation, page, surroundings }: Polling): Promise<PollResult> {
  const renderer = rendererFor(type, {}, surroundings);
  const origin = { connector, mapping: mappingOf(plan.lock, connector), writes: false };
  const rendered = await renderRequest(renderer, type, origin, operation.request, operation.decode);
  const request = withRestricted(rendered, operation.restricted);
  const base = () => baseUrl(connector, bindingOf(plan, node)?.config ?? {}, request.base);
  return { ok: true, request: pagedRequest(request, operation.page, page, base) };
}

async function acknowledge({ plan, type, connector, operation, surroundings }: Polling, records: unknown[]): Promise<PollResult> {
  if (operation.acknowledge === undefined) throw new Error(`The operation ${type} takes nothing out of a queue.`);
  const origin = { connector, mapping: mappingOf(plan.lock, connector), writes: true };
  return {
    ok: true,
    request: await renderRequest(rendererFor(type, { records }, surroundings), type, origin, operation.acknowledge),
  };
}

async function readPage(polling: Polling, answer: Answer): Promise<PollResult> {
  const { operation, connector, surroundings } = polling;
  const evaluate: EvaluateOnAnswer = (expression, input) => evaluateExpression(expression, input, surroundings);
  const rules = [...(operation.errors ?? []), ...connector.errors];
  const judged = await judge(answer, { success: operation.success, rules }, evaluate);
  if (!judged.good) return { ok: false, ...(await answerFailure(connector.title, answer, judged.rule, evaluate)) };
  // A page for people (a login, a maintenance notice) under a good status would read as "nothing new".
  if (typeof answer.body === "string" && operation.decode?.format === undefined) throw noJson(connector.title, answer);
  const found = await read(polling, "records", operation.records, answer);
  const list = (found === undefined || found === null ? [] : Array.isArray(found) ? found : [found]).map((each: unknown) =>
    unpacked(each, operation.jsonIn),
  );
  const { page, delta } = operation;
  const counted = { answer, at: polling.page, count: list.length, overlap: 1 } as const;
  const next = await nextOf(page, counted, (expression) => read(polling, "page/next", expression, answer));
  const watermark = delta?.watermark === undefined ? undefined : await read(polling, "delta/watermark", delta.watermark, answer);
  const records: PollRecord[] = [];
  for (const body of list) records.push(await readRecord(polling, body));
  const waitMs = await leaveAloneMs(connector.limits.hint, answer, evaluate);
  return {
    ok: true,
    page: {
      records,
      next: isEnd(next) ? null : next,
      watermark: instant(watermark, delta?.unit),
      ...(waitMs === undefined ? {} : { waitMs }),
    },
  };
}

const noJson = (system: string, { status }: Answer): EvaluationFailure =>
  new EvaluationFailure({
    class: "transient",
    reason: {
      code: "poll.noJson",
      message: `${system} answered with status ${status}, but not with JSON.`,
      hint: "Look at the address of the connection; a maintenance page passes by itself.",
    },
  });

/** Text that is no JSON stays text: one odd record must not stop all that come after it. */
function unpacked(record: unknown, field: string | undefined): unknown {
  if (field === undefined || typeof record !== "object" || record === null || !Object.hasOwn(record, field)) return record;
  const text = (record as Record<string, unknown>)[field];
  if (typeof text !== "string") return record;
  try {
    return { ...record, [field]: parseJson(text) };
  } catch (raw) {
    if (raw instanceof JsonError) return record;
    throw raw;
  }
}

const isEnd = (next: unknown): boolean => next === undefined || next === null || next === "" || next === false;

/** An expression that every page needs: a fault in it stops the poll, and says where. */
async function read({ type, surroundings }: Polling, part: string, expression: string, input: unknown): Promise<unknown> {
  try {
    return await evaluateExpression(expression, input, surroundings);
  } catch (raw) {
    throw new EvaluationFailure(expressionFailure(raw, `/${part}`, `The expression ${part} of ${type}`));
  }
}

/** One odd record must not stop all that come after it: what cannot be read of it is taken as absent. */
async function readRecord(polling: Polling, body: unknown): Promise<PollRecord> {
  const { operation, surroundings } = polling;
  const of = async (expression: string | undefined): Promise<unknown> =>
    expression === undefined ? undefined : evaluateExpression(expression, body, surroundings).catch(() => undefined);
  const hash = sha256Hex(canonicalJson(body ?? null));
  const key = keyText(await of(operation.dedupeKey));
  const version = operation.version === undefined ? "" : (keyText(await of(operation.version)) ?? hash);
  return {
    body,
    hash,
    dedupeKey: JSON.stringify(key === null ? [hash] : version === "" ? [key] : [key, version]),
    documentKey: keyText(await of(operation.documentKey)),
    documentVersion: keyText(await of(operation.documentVersion)),
    changedAt: instant(await of(operation.delta?.field), operation.delta?.unit),
    ...((await isWanted(polling, body)) ? {} : { passedOver: true as const }),
  };
}

/** A fault in this one stops the poll: taken as "no" it would lose records. */
const isWanted = async (polling: Polling, body: unknown): Promise<boolean> =>
  polling.operation.wanted === undefined || (await read(polling, "wanted", polling.operation.wanted, body)) === true;

const keyText = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;

/** A time as systems write it, in ISO 8601; null when it is none. Numbers count milliseconds, or what `unit` says. */
function instant(value: unknown, unit: "ms" | "s" = "ms"): string | null {
  const number = typeof value === "number" ? value : typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined;
  const ms =
    number === undefined ? (typeof value === "string" ? Date.parse(value) : Number.NaN) : number * (unit === "s" ? 1000 : 1);
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
