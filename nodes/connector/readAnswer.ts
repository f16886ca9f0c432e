import type { EffectOperation, RequestOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { ErrorRule } from "#schemas/request.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { ExpressionError } from "../expression/expressionError.ts";
import type { AnswerJob, AnswerResult, Plan } from "../plan.ts";
import { answerFailure, asAnswer } from "./answer.ts";
import { effectOutputs } from "./effectOutputs.ts";
import { type Answer, type EvaluateOnAnswer, isGood, judge, matchingRule, mayHaveApplied } from "./errorRules.ts";
import { EvaluationFailure } from "./failure.ts";
import { type LockedOperation, lockedOperation } from "./operation.ts";
import { leaveAloneMs } from "./rateHint.ts";
import { effectIdentity, renderStep } from "./renderEffect.ts";
import { stepAfter, stepsOf } from "./steps.ts";
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
  const next = job.response.last ? undefined : await nextStep(reading, result);
  if (next) return { ok: true, found: true, result, outputs: {}, next, ...wait };
  return { ok: true, found: true, result, outputs: effectOutputs(manifest, node, job.item, result), ...wait };
}

/** What the operation asks next, if it is not done with this result. */
async function nextStep({ plan, node, manifest, job, locked }: Reading, result: unknown) {
  const before = [...(job.before ?? []), result];
  const step = stepAfter(locked.operation, before);
  if (step === undefined) return undefined;
  return { before, request: await renderStep(plan, node, manifest, { item: job.item, clock: job.clock, before, step }) };
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
  return { ok: true, found: true, result, outputs: effectOutputs(reading.manifest, reading.node, reading.job.item, result) };
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
    const reading: Reading = { plan, node, manifest, job, locked, asked, answer, evaluate };
    if (job.question === "stands") return await goOn(reading, answer.body);
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
