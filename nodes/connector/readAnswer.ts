import type { EffectOperation, ItemResults, RequestOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Paging } from "#schemas/paging.ts";
import type { ErrorRule } from "#schemas/request.ts";
import { evaluateExpression, type Surroundings } from "../expression/expression.ts";
import { ExpressionError } from "../expression/expressionError.ts";
import type { AnswerJob, AnswerResult, Plan, RefusedCall } from "../plan.ts";
import { answerFailure, asAnswer } from "./answer.ts";
import {
  type BatchResult,
  documentsIn,
  inTheirPlaces,
  isBatchResult,
  keysOf,
  type RefusedItem,
  resultsByItem,
  textOf,
  withDocuments,
} from "./batchItems.ts";
import { effectOutputs } from "./effectOutputs.ts";
import { type Answer, type EvaluateOnAnswer, isGood, judge, matchingRule, mayHaveApplied } from "./errorRules.ts";
import { EvaluationFailure } from "./failure.ts";
import { afterLookupPage, type ReadPage, renderPage } from "./lookupPages.ts";
import { type LockedOperation, lockedOperation } from "./operation.ts";
import { pagesOf } from "./paging.ts";
import { leaveAloneMs } from "./rateHint.ts";
import { effectIdentity, renderEffect, renderStep } from "./renderEffect.ts";
import { stepAfter, stepsOf } from "./steps.ts";
import { isSuperseded, type LaterRequest } from "./supersededItem.ts";
import { operationVariables } from "./variables.ts";

/** What declares how an answer is read. */
type Asked = Partial<Pick<RequestOperation, "decode" | "success" | "result" | "until" | "errors">>;

interface Reading {
  plan: Plan;
  node: FlowNode;
  manifest: NodeManifest;
  job: AnswerJob;
  locked: LockedOperation;
  asked: Asked;
  answer: Answer;
  evaluate: EvaluateOnAnswer;
  surroundings: Surroundings;
}

async function failed({ locked, answer, evaluate }: Reading, rule: ErrorRule | undefined): Promise<AnswerResult> {
  const failure = await answerFailure(locked.connector.title, answer, rule, evaluate);
  return { ok: false, ...failure, applied: mayHaveApplied(answer.status, rule) };
}

const rulesOf = (own: ErrorRule[] | undefined, { connector }: LockedOperation): ErrorRule[] => [
  ...(own ?? []),
  ...connector.errors,
];

async function readRequestAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, asked, evaluate, node, manifest, job } = reading;
  const { success, until, result: resultExpression } = asked;
  const judged = await judge(answer, { success, rules: rulesOf(asked.errors, locked) }, evaluate);
  if (!judged.good) return failed(reading, judged.rule);
  if (until && (await evaluate(until.done, answer)) !== true) return notYet(reading, until);
  const result = (resultExpression === undefined ? answer.body : await evaluate(resultExpression, answer)) ?? null;
  const waitMs = await leaveAloneMs(locked.connector.limits.hint, answer, evaluate);
  const wait = waitMs === undefined ? {} : { waitMs };
  const page = job.response.last ? undefined : pagesOf(locked.operation);
  if (page) return readPageOf(reading, page, result, wait);
  const next = job.response.last ? undefined : await nextStep(reading, result);
  if (next) return { ok: true, found: true, result, outputs: {}, next, ...wait };
  if (locked.operation.items) {
    const read = await readItems(reading, locked.operation.items, result);
    return read.ok ? { ...read, ...wait } : read;
  }
  return { ok: true, found: true, result, outputs: effectOutputs(manifest, node, job.item, result), ...wait };
}

/** A page of the answer: the next one follows, or all records together are the result. */
async function readPageOf(
  { plan, node, manifest, job, locked, answer, evaluate }: Reading,
  page: Paging,
  result: unknown,
  wait: { waitMs?: number },
): Promise<AnswerResult> {
  const before = (job.before ?? []) as ReadPage[];
  const read = { before, result, answer, system: locked.connector.title };
  const after = await afterLookupPage(page, read, (expression) => evaluate(expression, answer));
  if ("ok" in after) return { ...after, applied: "no" };
  if ("done" in after) {
    const { done } = after;
    return { ok: true, found: true, result: done, outputs: effectOutputs(manifest, node, job.item, done), ...wait };
  }
  const request = await renderPage(plan, node, manifest, { item: job.item, clock: job.clock, at: after.at });
  return { ok: true, found: true, result, outputs: {}, next: { before: after.before, request }, ...wait };
}

/**
 * What became of each document of the request. One that was sent alone and refused is the operation's own failure; of many,
 * those refused are calls of their own, and the rest is done.
 */
async function readItems(reading: Reading, items: ItemResults, answer: unknown): Promise<AnswerResult> {
  const { node, manifest, job } = reading;
  const documents = documentsIn(job.item, items.list);
  const failures = await failuresOf(reading, items, documents);
  const only = documents.length === 1 ? failures[0] : undefined;
  if (only) {
    const { place: _place, key: _key, ...failure } = only;
    return { ok: false, ...failure };
  }
  if (items.list === undefined) {
    return { ok: true, found: true, result: answer, outputs: effectOutputs(manifest, node, job.item, answer) };
  }
  const refused = failures.map(
    ({ place, key, class: kind, reason }): RefusedItem => ({ place, key, class: kind, message: reason.message }),
  );
  const result: BatchResult = { answer, refused };
  return batchAnswer(reading, items.list, result, failures);
}

const aloneHint = "The other documents of the request were taken. Correct this one, then retry: it is sent alone.";

/** What a batch came to: what was taken goes on, each document that was refused becomes a call of its own. */
async function batchAnswer(
  { plan, node, manifest, job, surroundings }: Reading,
  list: string,
  result: BatchResult,
  failures: readonly (Omit<RefusedCall, "call"> & { place: number })[],
): Promise<AnswerResult> {
  const documents = documentsIn(job.item, list);
  const refused: RefusedCall[] = [];
  for (const { place, class: kind, reason, retryAfterMs } of failures) {
    const alone = withDocuments(job.item, list, [documents[place]]);
    const call = await renderEffect(plan, node, manifest, alone, surroundings.clock);
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    refused.push({ call, class: kind, reason: { ...reason, hint: aloneHint }, ...wait });
  }
  const outputs = effectOutputs(manifest, node, job.item, result);
  return { ok: true, found: true, result, outputs, ...(refused.length === 0 ? {} : { refused }) };
}

interface ItemFailure {
  place: number;
  key: string;
  class: OutcomeClass;
  reason: Reason;
  applied: "no" | "maybe";
  retryAfterMs?: number;
}

async function failuresOf(reading: Reading, items: ItemResults, documents: unknown[]): Promise<ItemFailure[]> {
  const { answer, evaluate, locked, surroundings } = reading;
  const found = await evaluate(items.results, answer);
  const results = found === undefined || found === null ? [] : Array.isArray(found) ? found : [found];
  const over = (expression: string, input: unknown, variables: Record<string, unknown> = {}) =>
    evaluateExpression(expression, input, { ...surroundings, variables: { ...surroundings.variables, ...variables } });
  const isTaken = async (result: unknown) => (await over(items.good, result)) === true;
  const byItem = await resultsByItem(items, documents, results, over, isTaken);
  const failures: ItemFailure[] = [];
  for (const [place, { key, result }] of byItem.entries()) {
    const taken = result === undefined ? items.unnamed === "taken" : await isTaken(result);
    if (taken) continue;
    const said: Answer = { status: answer.status, headers: answer.headers, body: result ?? null };
    const rule = result === undefined ? undefined : await matchingRule(items.errors ?? [], said, evaluate);
    const failure = await answerFailure(locked.connector.title, said, rule, evaluate);
    const message = result === undefined ? `${locked.connector.title} said nothing of ${key}.` : failure.reason.message;
    const kind = result === undefined ? "transient" : failure.class;
    const reason = { ...failure.reason, code: `answer.${kind}`, message };
    const applied = rule?.applied ?? (kind === "transient" ? "maybe" : "no");
    failures.push({ ...failure, place, key, class: kind, reason, applied });
  }
  return failures;
}

/** What the operation asks next, if it is not done with this result. */
async function nextStep({ plan, node, manifest, job, locked }: Reading, result: unknown) {
  const before = [...(job.before ?? []), result];
  const step = stepAfter(locked.operation, before);
  if (step === undefined) return undefined;
  const { item, clock, once = `${clock.runId}/${node.id}` } = job;
  return { before, request: await renderStep(plan, node, manifest, { item, clock, once, before, step }) };
}

/** The step that was asked, or the operation's own first request; a sample answers the last step. */
function askedOf(operation: EffectOperation, job: AnswerJob): Asked {
  if (job.question !== "request") return {};
  if (job.response.last) return stepsOf(operation).at(-1) ?? operation;
  return job.before === undefined ? operation : (stepAfter(operation, job.before) ?? operation);
}

/** The system still works on it: asked again by the declared waits, whatever the retry policy says of faults. */
function notYet({ locked }: Reading, { everyMs, mostMs }: NonNullable<EffectOperation["until"]>): AnswerResult {
  const message = `${locked.connector.title} still works on it.`;
  const hint = `It is asked again every ${everyMs / 1000} s, for ${mostMs / 1000} s at most.`;
  return {
    ok: false,
    class: "timeout",
    reason: { code: "answer.notYet", message, hint },
    applied: "no",
    again: { everyMs, mostMs },
  };
}

/** The first request stands with this result, without an answer to it. */
async function goOn(reading: Reading, result: unknown): Promise<AnswerResult> {
  const next = await nextStep(reading, result);
  if (next) return { ok: true, found: true, result, outputs: {}, next };
  const { list } = reading.locked.operation.items ?? {};
  if (list !== undefined && isBatchResult(result)) return batchStands(reading, list, result);
  return { ok: true, found: true, result, outputs: effectOutputs(reading.manifest, reading.node, reading.job.item, result) };
}

/**
 * A batch stands with those of its documents that were taken. They are known by their keys: the same request may have come of
 * documents in another order.
 */
async function batchStands(reading: Reading, list: string, { answer, refused: known }: BatchResult): Promise<AnswerResult> {
  const { job, locked, surroundings } = reading;
  const key = locked.operation.items?.key ?? "$place";
  const keys = await keysOf(key, documentsIn(job.item, list), (expression, document, more) =>
    evaluateExpression(expression, document, { ...surroundings, variables: { ...surroundings.variables, ...more } }),
  );
  const refused = inTheirPlaces(known, keys);
  const failures = refused.map(({ place, class: kind, message }) => ({
    place,
    class: kind,
    reason: { code: `answer.${kind}`, message },
  }));
  return batchAnswer(reading, list, { answer, refused }, failures);
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0);

/**
 * Only a clear answer may say "not there": the effect is then sent again. So a good status that a rule of the connector
 * knows as an error (GraphQL answers 200 to everything) is one here too.
 */
async function readLookupAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, evaluate } = reading;
  const rules = rulesOf(locked.operation.errors, locked);
  const conditional = rules.filter((rule) => rule.when !== undefined);
  const nothing: AnswerResult = { ok: true, found: false, result: null, outputs: {} };
  if (answer.status === 404) return nothing;
  const rule = await matchingRule(isGood(answer.status) ? conditional : rules, answer, evaluate);
  if (rule || !isGood(answer.status)) return failed(reading, rule);
  const found = await evaluate(locked.operation.idempotency.lookup?.found ?? "body", answer);
  return isNothing(found) ? nothing : goOn(reading, found);
}

/** Whether one of the later requests in the answer set what the item sets. */
async function readLater({ locked, job, answer, surroundings }: Reading): Promise<AnswerResult> {
  const { list, subject = "null" } = locked.operation.items ?? {};
  const subjectsIn = (item: unknown): Promise<(string | undefined)[]> =>
    Promise.all(documentsIn(item, list).map(async (each) => textOf(await evaluateExpression(subject, each, surroundings))));
  const later: LaterRequest[] = [];
  for (const { state, item, result } of answer.body as { state: LaterRequest["state"]; item: unknown; result: unknown }[]) {
    const refused = new Set(isBatchResult(result) ? result.refused.map(({ place }) => place) : []);
    const taken = (await subjectsIn(item)).filter((_, place) => !refused.has(place));
    later.push({ state, taken: taken.flatMap((each) => each ?? []) });
  }
  const [own] = await subjectsIn(job.item);
  return { ok: true, found: own !== undefined && isSuperseded(own, later), result: null, outputs: {} };
}

/**
 * What a system's answer means: by the operation's success rule, then the operation's and the connector's error rules,
 * then the meaning of the status. A faulty expression in them is class `bug`, and the effect may have been applied.
 */
export async function readAnswer(plan: Plan, job: AnswerJob): Promise<AnswerResult> {
  try {
    const node = plan.flow.nodes.find(({ id }) => id === job.node);
    const manifest = node && Object.hasOwn(plan.lock.manifests, node.type) ? plan.lock.manifests[node.type] : undefined;
    if (!node || !manifest) throw new Error(`The version has no effect node "${job.node}".`);
    const { effectKey } = await effectIdentity(plan, node, manifest, job.item, job.clock);
    // An answer often holds more than was asked about: the item says which part of it is meant.
    const variables = { ...operationVariables(plan, node, job.clock, effectKey), item: job.item, before: job.before ?? [] };
    const surroundings = { clock: job.clock, salt: node.id, variables };
    const evaluate: EvaluateOnAnswer = (expression, answer) => evaluateExpression(expression, answer, surroundings);
    const locked = lockedOperation(plan.lock, manifest, node.config);
    // A question about what is there is answered in JSON; how the operation's own answer is read says nothing of it.
    const asked = askedOf(locked.operation, job);
    const answer = asAnswer(job.response, asked.decode, locked.connector.title);
    const reading: Reading = { plan, node, manifest, job, locked, asked, answer, evaluate, surroundings };
    if (job.question === "stands") return await goOn(reading, answer.body);
    if (job.question === "superseded") return await readLater(reading);
    return await (job.question === "lookup" ? readLookupAnswer(reading) : readRequestAnswer(reading));
  } catch (raw) {
    if (raw instanceof EvaluationFailure) return { ok: false, class: raw.class, reason: raw.reason, applied: "maybe" };
    const why = raw instanceof Error ? raw.message : String(raw);
    const unread = raw instanceof ExpressionError;
    const message = `The answer with status ${job.response.status} to node "${job.node}" could not be read: ${why}`;
    // A question about what is there may be asked again; only a clear answer counts.
    const outcome = unread && job.question === "lookup" ? "transient" : "bug";
    return {
      ok: false,
      class: outcome,
      reason: { code: unread ? "answer.expression" : "answer.bug", message, params: { status: job.response.status } },
      applied: "maybe",
    };
  }
}
