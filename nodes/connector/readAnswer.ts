import type { EffectOperation } from "#schemas/connector.ts";
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
import { decodingOf, type LockedOperation, lockedOperation } from "./operation.ts";
import { leaveAloneMs } from "./rateHint.ts";
import { effectIdentity } from "./renderEffect.ts";
import { operationVariables } from "./variables.ts";

interface Reading {
  node: FlowNode;
  manifest: NodeManifest;
  job: AnswerJob;
  locked: LockedOperation;
  answer: Answer;
  evaluate: EvaluateOnAnswer;
}

async function failed({ locked, answer, evaluate }: Reading, rule: ErrorRule | undefined): Promise<AnswerResult> {
  const failure = await answerFailure(locked.connector.title, answer, rule, evaluate);
  return { ok: false, ...failure, applied: mayHaveApplied(answer.status, rule) };
}

const allRules = ({ locked }: Reading): ErrorRule[] => [...(locked.operation.errors ?? []), ...locked.connector.errors];

async function readRequestAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, evaluate, node, manifest, job } = reading;
  const { success, until, result: resultExpression } = locked.operation;
  const judged = await judge(answer, { success, rules: allRules(reading) }, evaluate);
  if (!judged.good) return failed(reading, judged.rule);
  if (until && (await evaluate(until.done, answer)) !== true) return notYet(reading, until);
  const result = (resultExpression === undefined ? answer.body : await evaluate(resultExpression, answer)) ?? null;
  const waitMs = await leaveAloneMs(locked.connector.limits.hint, answer, evaluate);
  const outputs = effectOutputs(manifest, node, job.item, result);
  return { ok: true, found: true, result, outputs, ...(waitMs === undefined ? {} : { waitMs }) };
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

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0);

/**
 * Only a clear answer may say "not there": the effect is then sent again. So a good status that a rule of the connector
 * knows as an error (GraphQL answers 200 to everything) is one here too.
 */
async function readLookupAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, evaluate, node, manifest, job } = reading;
  const conditional = allRules(reading).filter((rule) => rule.when !== undefined);
  const nothing: AnswerResult = { ok: true, found: false, result: null, outputs: {} };
  if (answer.status === 404) return nothing;
  const rule = await matchingRule(isGood(answer.status) ? conditional : allRules(reading), answer, evaluate);
  if (rule || !isGood(answer.status)) return failed(reading, rule);
  const found = await evaluate(locked.operation.idempotency.lookup?.found ?? "body", answer);
  if (isNothing(found)) return nothing;
  return { ok: true, found: true, result: found, outputs: effectOutputs(manifest, node, job.item, found) };
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
    const variables = { ...operationVariables(plan, node, job.clock, effectKey), item: job.item };
    const surroundings = { clock: job.clock, salt: node.id, variables };
    const evaluate: EvaluateOnAnswer = (expression, answer) => evaluateExpression(expression, answer, surroundings);
    const locked = lockedOperation(plan.lock, manifest, node.config);
    // A question about what is there is answered in JSON; how the operation's own answer is read says nothing of it.
    const decode = job.question === "lookup" ? undefined : decodingOf(locked.operation);
    const answer = asAnswer(job.response, decode, locked.connector.title);
    const reading: Reading = { node, manifest, job, locked, answer, evaluate };
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
