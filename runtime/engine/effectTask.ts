import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { effectOperationOf } from "#nodes/connector/operation.ts";
import { firstCall, stepBack, stepsOf } from "#nodes/connector/steps.ts";
import { decideEffect, type EffectDecision, NATURAL_QUIET_MS } from "#nodes/dryRun/effectDecision.ts";
import type { AnswerJob, AnswerResult, EffectCall, Plan, RawResponse } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { bornTask } from "#runtime/store/bornEnded.ts";
import { type OpenConnection, refuseConnection } from "#runtime/store/connections.ts";
import { type LedgerRow, openLedger, resendIntent } from "#runtime/store/effects.ts";
import type { NewTask, Outcome, Settlement } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { EffectOperation } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { attemptOf } from "./attemptRecord.ts";
import { callText, doneEnd, hasRunOut, isPassing, nextStepOutcome, refusedStep, shownRequest } from "./effectSteps.ts";
import type { Permit } from "./gate.ts";
import { tooLargeItem } from "./itemSize.ts";
import { type Moment, moment, msSince } from "./moment.ts";
import { type Failure, nextState } from "./outcome.ts";
import { lostPlaceOutcome, underWayOutcome } from "./ownOutcomes.ts";
import { type Parking, parkedReason } from "./parking.ts";
import type { EngineParts } from "./parts.ts";
import { carries, refusedItems } from "./refusedItems.ts";
import { type Admit, admitEffects, policyOf, segmentOutcome } from "./segmentTask.ts";
import { sendOver, tellAnswer } from "./sendOver.ts";
import { followers, intentOf, routedEnd, segmentAfter } from "./successors.ts";

/** An answer is read again this often when evaluators die over it: the effect was done, so giving up costs most. */
const READ_TRIES = 5;

/**
 * A request leaves this long after its intent was committed, at most. Whatever comes between (a frozen process, a
 * starved one) makes `sent_at` untrue, and with it the quiet period that another worker would wait for.
 */
const FRESH_MS = 2_000;

/** A ledger row that this worker committed for this task, and when it asked for it. */
export interface Intended {
  at: Moment;
}

type GoodAnswer = Extract<AnswerResult, { ok: true }>;

interface Effect {
  parts: EngineParts;
  task: ClaimedTask;
  plan: Plan;
  node: FlowNode;
  call: EffectCall;
  connection: OpenConnection;
  operation: EffectOperation;
  permit: Pick<Permit, "stands" | "charge" | "tell">;
  startedAt: Date;
  /** An earlier request under the same key may have been applied. */
  doubted?: boolean;
}

/**
 * Performs one effect and says what follows. `intent` tells that the ledger row was written new with the task, so that it
 * may be sent without a look. Answers null when the task turned out to be somebody else's.
 */
export async function performTask(
  parts: EngineParts,
  task: ClaimedTask,
  plan: Plan,
  connection: OpenConnection,
  intent: Intended | null,
  permit: Effect["permit"],
  admit: Admit,
): Promise<Outcome | null> {
  const outcome = await perform(parts, task, plan, connection, intent, permit).catch((error: unknown) => {
    if (error instanceof TaskLost) return null;
    throw error;
  });
  if (outcome) await admitEffects(outcome, plan, admit);
  return outcome;
}

async function perform(
  parts: EngineParts,
  task: ClaimedTask,
  plan: Plan,
  connection: OpenConnection,
  intent: Intended | null,
  permit: Effect["permit"],
): Promise<Outcome | null> {
  const node = plan.flow.nodes.find((each) => each.id === task.node);
  const manifest = node && plan.lock.manifests[node.type];
  const operation = effectOperationOf(plan.lock, manifest, node?.config);
  if (!node || !operation || task.call === null || task.input === null) {
    throw new Error(`Task ${task.id} is an effect of node "${task.node}", which is none in this version.`);
  }
  const call: EffectCall = { ...(JSON.parse(task.call) as Omit<EffectCall, "item">), item: JSON.parse(task.input) };
  const effect: Effect = { parts, task, plan, node, call, connection, operation, permit, startedAt: new Date() };
  if (call.read) return sendRequest(effect);
  return intent ? sendIntended(effect, intent.at) : afterLedger(effect);
}

async function afterLedger(effect: Effect): Promise<Outcome | null> {
  const { parts, task, call, connection, operation } = effect;
  const intent = intentOf(call, connection.id, effect.node.type);
  const wanted = {
    requestHash: intent.requestHash,
    mode: call.idempotency,
    taskId: task.id,
    quietPeriodMs: operation.idempotency.quietPeriodMs ?? (call.idempotency === "natural" ? NATURAL_QUIET_MS : 0),
  };
  let decision: EffectDecision = { do: "send", revision: false };
  const askedAt = moment();
  const ledger = await openLedger(parts.db, task, intent, (row, clock) => {
    const { surelySince } = parts.clock.read(clock);
    const unsureAgoMs = row.unsureAt === null ? Number.POSITIVE_INFINITY : surelySince(row.unsureAt);
    decision = decideEffect({ ...row, sentAgoMs: surelySince(row.sentAt), unsureAgoMs }, wanted);
    return decision.do === "send" || decision.do === "lookup" ? decision.do : "leave";
  });
  if (ledger.lost) return null;
  return act(effect, ledger.row ? decision : { do: "send", revision: false }, ledger.row, { at: askedAt });
}

async function act(effect: Effect, decision: EffectDecision, row: LedgerRow | null, intended: Intended): Promise<Outcome | null> {
  switch (decision.do) {
    case "send":
      // Sent again under its key while an earlier try stays in doubt: a refusal of this try does not end that doubt.
      return sendIntended({ ...effect, doubted: row?.state === "INTENDED" && effect.call.idempotency === "key" }, intended.at);
    case "useResult":
      return stepsOf(effect.operation).length > 0
        ? goOnFrom(effect, row?.result ?? "null")
        : recordedResult(effect, row?.result ?? "null");
    case "wait":
      return underWayOutcome(effect.task, decision.waitMs);
    case "lookup":
      return askFirst(effect, decision.revision);
    case "park":
      return parked(effect, decision.older ? "older" : decision.class);
  }
}

/** Sends a request whose intent stands. An intent that has grown old is written again first, if the task is still ours. */
async function sendIntended(effect: Effect, intendedAt: Moment): Promise<Outcome | null> {
  let at = intendedAt;
  while (msSince(at) > FRESH_MS) {
    at = moment();
    if (!(await renewIntent(effect))) return null;
  }
  return sendRequest(effect);
}

/** Somebody else's by now. */
class TaskLost extends Error {}
async function renewSurely(effect: Effect): Promise<void> {
  if (!(await renewIntent(effect))) throw new TaskLost();
}

const renewIntent = ({ parts, task, call, connection, node }: Effect): Promise<boolean> =>
  resendIntent(parts.db, task, call.effectKey, intentOf(call, connection.id, node.type).requestHash);

/** Sends the request, reads the answer by the operation's rules and settles the ledger. */
async function sendRequest(effect: Effect): Promise<Outcome> {
  const { call, plan } = effect;
  // What stays in doubt from an earlier try is not settled by one that is not made.
  if (!(await effect.permit.stands())) return lostPlaceOutcome(effect.task, effect.doubted ? null : call.effectKey || null);
  const performed = call.read
    ? await sendOver(effect, connectorOf(effect), call.request, "request.read")
    : await sendOver(effect, connectorOf(effect), call.request, "request.effect", () => renewSurely(effect));
  if (!performed.ok) return failed(effect, performed.failure, performed.applied, null);
  const answer = await readAnswer(effect, plan, "request", performed.response);
  tellAnswer(effect.permit, answer, performed.response.status);
  if (!answer.ok) {
    const failure: Failure = {
      class: answer.class,
      reason: answer.reason,
      ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
      ...(answer.again === undefined ? {} : { again: answer.again }),
    };
    return failed(effect, failure, answer.applied, performed.response);
  }
  return confirmed(effect, answer, performed.response);
}

/** The target is asked whether an earlier request was applied, before anything is sent again. */
async function askFirst(effect: Effect, revision: boolean): Promise<Outcome | null> {
  const { call, plan } = effect;
  if (!call.lookup) return parked(effect, "inDoubt");
  const performed = await sendOver(effect, connectorOf(effect), call.lookup, "request.lookup");
  if (!performed.ok) return failed(effect, performed.failure, "maybe", null);
  const answer = await readAnswer(effect, plan, "lookup", performed.response);
  tellAnswer(effect.permit, answer, performed.response.status);
  // The question failed, not the effect: whether it was applied stays open.
  if (!answer.ok) return failed(effect, answer, "maybe", performed.response);
  // What it holds is another request's: saying that this one stands would lose the difference in silence.
  if (answer.found && revision) return parked(effect, "duplicate");
  if (answer.found) return confirmed(effect, answer, performed.response);
  const askedAt = moment();
  effect.permit.charge();
  return (await renewIntent(effect)) ? sendIntended(effect, askedAt) : null;
}

async function readAnswer(
  effect: Effect,
  plan: Plan,
  question: AnswerJob["question"],
  response: RawResponse,
): Promise<AnswerResult> {
  const { parts, task, call } = effect;
  const clock = { runId: task.runId, ...task.clock };
  let died = "";
  for (let tries = 0; tries < READ_TRIES; tries++) {
    // What follows is tried once with it: should that cost the evaluator's life, the answer alone is still to be had.
    const follow = tries === 0 && isFollowed(effect) ? { follow: { mostBytes: parts.settings.maxItemBytes } } : {};
    try {
      return await parts.evaluators.answer(plan, {
        planKey: plan.key,
        node: task.node,
        item: call.item,
        clock,
        question,
        response,
        ...(call.step ? { before: call.step.before } : {}),
        ...follow,
      });
    } catch (error) {
      if (!(error instanceof EvaluatorDied)) throw error;
      died = error.message;
    }
  }
  const reason = { code: "answerNotRead", message: `The answer of ${effect.connection.name} could not be read: ${died}` };
  return { ok: false, class: "poison", reason, applied: "maybe" };
}

async function confirmed(effect: Effect, answer: GoodAnswer, response: RawResponse | null): Promise<Outcome> {
  const { task, call, operation } = effect;
  if (answer.next) return nextStepOutcome(effect, answer.next, answer.result);
  const text = JSON.stringify(answer.result ?? null);
  const settlement: Settlement | null = call.read ? null : { effectKey: call.effectKey, state: "CONFIRMED", result: text };
  const successors = [
    ...followers(effect, answer.outputs),
    ...(await followedSegments(effect, answer)),
    ...refusedItems(effect, answer),
  ];
  const large = tooLargeItem(effect.plan, successors, effect.parts.settings.maxItemBytes);
  // Done it is: a retry takes the recorded result and sends nothing.
  if (large) return dead(effect, large, settlement, response);
  const nothing = answer.refused !== undefined && !carries(answer, "out");
  return {
    task,
    end: {
      ...doneEnd(text, successors),
      ...(nothing ? { nothing: true as const } : {}),
      // A replay compares what it asked first.
      ...(call.step ? { call: callText(firstCall(call)) } : {}),
    },
    attempt: attemptOf(effect, "ok", null, null, response),
    settlement,
    milestone: nothing ? null : (operation.milestone ?? null),
  };
}

/** The first request stands from an earlier delivery or version: the steps after it are asked anew, for they only read. */
async function goOnFrom(effect: Effect, resultText: string): Promise<Outcome> {
  const answer = await readAnswer(effect, effect.plan, "stands", { status: 200, headers: {}, body: resultText });
  if (!answer.ok) return dead(effect, answer, null, null);
  if (!answer.next) return recordedResult(effect, resultText);
  return { ...nextStepOutcome(effect, answer.next, answer.result), settlement: null };
}

/** The effect stands from an earlier delivery or version; nothing is sent. */
function recordedResult(effect: Effect, resultText: string): Outcome {
  const { task, call } = effect;
  const result: unknown = JSON.parse(resultText);
  const successors = followers(
    effect,
    effectOutputs(effect.plan.lock.manifests[effect.node.type], effect.node, call.item, result),
  );
  const large = tooLargeItem(effect.plan, successors, effect.parts.settings.maxItemBytes);
  if (large) return dead(effect, large, null, null);
  const reason = {
    code: "effectStands",
    message: "The same effect was confirmed before; its recorded result was taken and nothing was sent.",
  };
  return {
    task,
    end: doneEnd(resultText, successors),
    attempt: attemptOf(effect, "ok", reason, null, null),
    settlement: null,
    milestone: null,
  };
}

function parked(effect: Effect, kind: Parking): Outcome {
  const { call, connection } = effect;
  const failure = {
    class: kind === "inDoubt" ? kind : "duplicate",
    reason: parkedReason(kind, connection.name, call.documentKey),
  } as const;
  const settlement = kind === "inDoubt" ? ({ effectKey: call.effectKey, state: "IN_DOUBT" } as const) : null;
  return dead(effect, failure, settlement, null);
}

async function failed(effect: Effect, said: Failure, applied: "no" | "maybe", response: RawResponse | null): Promise<Outcome> {
  const { parts, task, plan, call, connection } = effect;
  const expired = response !== null && hasRunOut(call, response.status);
  const failure: Failure = expired ? { ...said, class: "transient" } : said;
  const doubt = applied === "maybe" && !call.read;
  if (doubt && call.idempotency === "none") return parked(effect, "inDoubt");
  const settlement: Settlement | null = call.read
    ? null
    : { effectKey: call.effectKey, state: doubt || effect.doubted ? "INTENDED" : "REFUSED" };
  const next = nextState(failure, {
    attempt: task.attempt + 1,
    ageMs: task.ageMs,
    random: Math.random(),
    policy: policyOf(plan, task.node),
    viaConnection: true,
  });
  if (next.state === "DEAD") {
    const letter = { ...failure, class: next.class, reason: next.reason };
    // What the system refused as a whole begins anew when somebody tries it again; what it only was not asked for goes on.
    const refused = call.step !== undefined && !expired && !isPassing(next.class);
    return dead(effect, letter, refused ? refusedStep(call) : settlement, response, refused ? firstCall(call) : undefined);
  }
  if (next.pauseConnection) {
    await refuseConnection(parts.db, connection, failure.reason.message, "engine");
    parts.deployments.forget();
  }
  return {
    task,
    end: {
      state: "READY",
      waitMs: next.waitMs,
      burned: next.burned,
      evaluatorDied: false,
      class: failure.class,
      reason: failure.reason,
      ...(expired ? { call: callText(stepBack(call)) } : {}),
    },
    // A job is asked for many times; only how it ended is worth a line.
    attempt: failure.again ? null : attemptOf(effect, failure.class, failure.reason, shownRequest(call), response),
    // Back at the first request: what stands in the ledger was for the address that has run out.
    settlement: expired && stepBack(call).step === undefined ? refusedStep(call) : settlement,
    milestone: null,
  };
}

function dead(
  effect: Effect,
  failure: Failure,
  settlement: Settlement | null,
  response: RawResponse | null,
  again?: EffectCall,
): Outcome {
  const { task, connection, call } = effect;
  return {
    task,
    end: routedEnd(task, effect.plan, { node: task.node, item: call.item, ...failure }) ?? {
      state: "DEAD",
      class: failure.class,
      reason: failure.reason,
      node: task.node,
      connector: connection.connector,
      connectionId: connection.id,
      edges: [],
      attempts: task.attempt + 1,
      ...(again ? { call: callText(again) } : {}),
    },
    attempt: attemptOf(effect, failure.class, failure.reason, shownRequest(call), response),
    settlement,
    milestone: null,
  };
}

/**
 * Whether the segment after it is evaluated in the same trip and ended in the same checkpoint. An effect that is never
 * sent again has its confirmation written without the least delay: a crash before it costs a person's time.
 */
const isFollowed = ({ call }: Effect): boolean => call.read || call.idempotency !== "none";

/** The segments that were evaluated with the answer, ended; one that cannot end now is a task of its own. */
async function followedSegments(effect: Effect, { result, followed = [] }: GoodAnswer): Promise<NewTask[]> {
  const { parts, task, plan, node, call, startedAt } = effect;
  return Promise.all(
    followed.map(async (each) => {
      const next = segmentAfter(task, node.id, each.port, null);
      const { end } = await segmentOutcome(parts, bornTask(task, next), plan, each, startedAt);
      if (end.state === "DONE" && !end.routed) return { ...next, inPlace: false, ended: end };
      const outputs = effectOutputs(plan.lock.manifests[node.type], node, call.item, result);
      return segmentAfter(task, node.id, each.port, outputs[each.port]);
    }),
  );
}

function connectorOf(effect: Effect) {
  const connector = effect.plan.lock.connectors[effect.connection.connector];
  if (!connector) throw new Error(`The version was made without connector "${effect.connection.connector}".`);
  return connector;
}
