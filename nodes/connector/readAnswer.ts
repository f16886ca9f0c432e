import type { ErrorRule } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { ExpressionError } from "../expression/expressionError.ts";
import type { AnswerJob, AnswerResult, Plan, RawResponse } from "../plan.ts";
import { effectOutputs } from "./effectOutputs.ts";
import { type Answer, classOfStatus, type EvaluateOnAnswer, matchingRule, mayHaveApplied, usualMessage } from "./errorRules.ts";
import { type LockedOperation, lockedOperation } from "./operation.ts";
import { effectIdentity } from "./renderEffect.ts";
import { retryAfterMs, secondsToWait } from "./retryAfter.ts";
import { operationVariables } from "./variables.ts";

/** A body that is no JSON stays text; hostile JSON is kept as text too, so that no expression walks into it. */
function parseBody(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return parseJson(text);
  } catch (raw) {
    if (raw instanceof JsonError) return text;
    throw raw;
  }
}

const isGood = (status: number): boolean => status >= 200 && status < 300;

interface Reading {
  node: FlowNode;
  job: AnswerJob;
  locked: LockedOperation;
  answer: Answer;
  evaluate: EvaluateOnAnswer;
}

async function messageOf({ locked, answer, evaluate }: Reading, rule: ErrorRule | undefined): Promise<string> {
  if (rule?.message !== undefined) {
    // The message only explains the outcome; a fault in it must not change the outcome.
    const text = await evaluate(rule.message, answer).catch(() => undefined);
    if (typeof text === "string" && text.trim() !== "") return text.trim();
  }
  const told = usualMessage(answer.body);
  return `${locked.connector.title} answered with status ${answer.status}${told === undefined ? "." : `: ${told}`}`;
}

const hints: Partial<Record<OutcomeClass, string>> = {
  auth: "Check the credentials of the connection, then resume it.",
  rejected: "Correct the document or the operation's config, then retry.",
  tooLarge: "Send less in one request.",
};

async function failed(reading: Reading, rule: ErrorRule | undefined): Promise<AnswerResult> {
  const { answer, evaluate } = reading;
  const outcome = rule?.class ?? classOfStatus(answer.status);
  const stated =
    rule?.retryAfter === undefined ? undefined : secondsToWait(await evaluate(rule.retryAfter, answer).catch(() => undefined));
  const wait = stated ?? retryAfterMs(answer.headers);
  const hint = hints[outcome];
  return {
    ok: false,
    class: outcome,
    reason: {
      code: `answer.${outcome}`,
      message: await messageOf(reading, rule),
      params: { status: answer.status },
      ...(hint === undefined ? {} : { hint }),
    },
    applied: mayHaveApplied(answer.status, rule),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

const allRules = ({ locked }: Reading): ErrorRule[] => [...(locked.operation.errors ?? []), ...locked.connector.errors];

async function readRequestAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, evaluate, node, job } = reading;
  const { success, result: resultExpression } = locked.operation;
  const succeeded = success === undefined ? isGood(answer.status) : (await evaluate(success, answer)) === true;
  if (!succeeded) return failed(reading, await matchingRule(allRules(reading), answer, evaluate));
  const result = (resultExpression === undefined ? answer.body : await evaluate(resultExpression, answer)) ?? null;
  return { ok: true, found: true, result, outputs: effectOutputs(node, job.item, result) };
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0);

/**
 * Only a clear answer may say "not there": the effect is then sent again. So a good status that a rule of the connector
 * knows as an error (GraphQL answers 200 to everything) is one here too.
 */
async function readLookupAnswer(reading: Reading): Promise<AnswerResult> {
  const { locked, answer, evaluate, node, job } = reading;
  const conditional = allRules(reading).filter((rule) => rule.when !== undefined);
  const nothing: AnswerResult = { ok: true, found: false, result: null, outputs: {} };
  if (answer.status === 404) return nothing;
  const rule = await matchingRule(isGood(answer.status) ? conditional : allRules(reading), answer, evaluate);
  if (rule || !isGood(answer.status)) return failed(reading, rule);
  const found = await evaluate(locked.operation.idempotency.lookup?.found ?? "body", answer);
  if (isNothing(found)) return nothing;
  return { ok: true, found: true, result: found, outputs: effectOutputs(node, job.item, found) };
}

const asAnswer = ({ status, headers, body }: RawResponse): Answer => ({ status, headers, body: parseBody(body) });

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
    const surroundings = { clock: job.clock, salt: node.id, variables: operationVariables(plan, node, job.clock, effectKey) };
    const evaluate: EvaluateOnAnswer = (expression, answer) => evaluateExpression(expression, answer, surroundings);
    const reading: Reading = {
      node,
      job,
      locked: lockedOperation(plan.lock, manifest),
      answer: asAnswer(job.response),
      evaluate,
    };
    return await (job.question === "lookup" ? readLookupAnswer(reading) : readRequestAnswer(reading));
  } catch (raw) {
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
