import { effectOperationOf } from "#nodes/connector/operation.ts";
import { decideEffect, type EffectDecision, NATURAL_QUIET_MS } from "#nodes/dryRun/effectDecision.ts";
import type { EffectCall, Plan } from "#nodes/plan.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { type LedgerRow, openLedger, resendIntent } from "#runtime/store/effects.ts";
import type { Outcome } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { Effect } from "./effect.ts";
import { readAnswer } from "./effectAnswer.ts";
import { confirmed, failed, parked, standing, superseded } from "./effectEnd.ts";
import { type Moment, moment, msSince } from "./moment.ts";
import { withControlNumber } from "./numberedEffect.ts";
import type { Failure } from "./outcome.ts";
import { lostPlaceOutcome, underWayOutcome } from "./ownOutcomes.ts";
import type { EngineParts } from "./parts.ts";
import { isOutOfDate } from "./refusedItems.ts";
import { type Admit, admitEffects } from "./segmentTask.ts";
import { sendOver, tellAnswer } from "./sendOver.ts";
import { intentOf } from "./successors.ts";

/**
 * A request leaves this long after its intent was committed, at most. Whatever comes between (a frozen process, a
 * starved one) makes `sent_at` untrue, and with it the quiet period that another worker would wait for.
 */
const FRESH_MS = 2_000;

/** A ledger row that this worker committed for this task, and when it asked for it. */
export interface Intended {
  at: Moment;
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
  if (await isOutOfDate(effect)) return superseded(effect);
  const { parts, task, call, connection, operation } = effect;
  const intent = intentOf(call, connection.id, effect.node.type);
  const wanted = {
    requestHash: intent.requestHash,
    mode: call.idempotency,
    taskId: task.id,
    keptMs: operation.idempotency.keptMs ?? Number.POSITIVE_INFINITY,
    quietPeriodMs: operation.idempotency.quietPeriodMs ?? (call.idempotency === "natural" ? NATURAL_QUIET_MS : 0),
  };
  let decision: EffectDecision = { do: "send", revision: false };
  const askedAt = moment();
  const ledger = await openLedger(parts.db, task, intent, (row, clock) => {
    const { surelySince } = parts.clock.read(clock);
    const unsureAgoMs = row.unsureAt === null ? Number.POSITIVE_INFINITY : surelySince(row.unsureAt);
    const firstAgoMs = clock.database - row.firstAt;
    decision = decideEffect({ ...row, sentAgoMs: surelySince(row.sentAt), unsureAgoMs, firstAgoMs }, wanted);
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
      return standing(effect, row?.result ?? "null");
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
  const ready = await withControlNumber(effect);
  if (ready === null) return null;
  // Nothing has left: only what an earlier try may have done stays in doubt.
  if ("class" in ready) return failed(effect, ready, "no", null);
  let at = intendedAt;
  while (msSince(at) > FRESH_MS) {
    at = moment();
    if (!(await renewIntent(ready))) return null;
  }
  return sendRequest(ready);
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
  const { call } = effect;
  // What stays in doubt from an earlier try is not settled by one that is not made.
  if (!(await effect.permit.stands())) return lostPlaceOutcome(effect.task, effect.doubted ? null : call.effectKey || null);
  const performed = call.read
    ? await sendOver(effect, connectorOf(effect), call.request, "request.read")
    : await sendOver(effect, connectorOf(effect), effect.numbered ?? call.request, "request.effect", () => renewSurely(effect));
  if (!performed.ok) return failed(effect, performed.failure, performed.applied, null);
  const answer = await readAnswer(effect, "request", performed.response);
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
  const { call } = effect;
  if (!call.lookup) return parked(effect, "inDoubt");
  const performed = await sendOver(effect, connectorOf(effect), call.lookup, "request.lookup");
  if (!performed.ok) return failed(effect, performed.failure, "maybe", null);
  const answer = await readAnswer(effect, "lookup", performed.response);
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

function connectorOf(effect: Effect) {
  const connector = effect.plan.lock.connectors[effect.connection.connector];
  if (!connector) throw new Error(`The version was made without connector "${effect.connection.connector}".`);
  return connector;
}
