import type { BatchResult } from "#nodes/connector/batchItems.ts";
import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { firstCall, stepBack, stepsOf } from "#nodes/connector/steps.ts";
import type { AnswerResult, EffectCall, RawResponse } from "#nodes/plan.ts";
import type { NewTask, Outcome, Settlement } from "#runtime/store/outcomes.ts";
import type { Reason } from "#schemas/outcome.ts";
import { attemptOf } from "./attemptRecord.ts";
import { type Effect, type GoodAnswer, pauseConnection } from "./effect.ts";
import { followedSegments, readAnswer } from "./effectAnswer.ts";
import { callText, doneEnd, hasRunOut, isPassing, nextStepOutcome, refusedStep, shownRequest } from "./effectSteps.ts";
import { tooLargeItem } from "./itemSize.ts";
import { type Failure, nextState } from "./outcome.ts";
import { type Parking, parkedReason } from "./parking.ts";
import { carries, itemsAlone, refusedItems } from "./refusedItems.ts";
import { policyOf } from "./segmentTask.ts";
import { followers, routedEnd } from "./successors.ts";

/** The target has done what it was asked for, or a step of it. */
export async function confirmed(effect: Effect, answer: GoodAnswer, response: RawResponse | null): Promise<Outcome> {
  const { call, operation } = effect;
  if (answer.next) return nextStepOutcome(effect, answer.next, answer.result);
  const result = JSON.stringify(answer.result ?? null);
  const settlement: Settlement | null = call.read ? null : { effectKey: call.effectKey, state: "CONFIRMED", result };
  const milestone = operation.milestone ?? null;
  return done(effect, answer, await refusedItems(effect, answer), { settlement, milestone, response, reason: null });
}

const stands: Reason = {
  code: "effectStands",
  message: "The same effect was confirmed before; its recorded result was taken and nothing was sent.",
};

/**
 * The effect stands from an earlier delivery or version with the result that the ledger has, and nothing of it is sent
 * again. Its steps are asked anew, for they only read; documents of a batch that were refused are asked for alone.
 */
export async function standing(effect: Effect, resultText: string): Promise<Outcome> {
  const answer = await standingAnswer(effect, resultText);
  if (!answer.ok) return dead(effect, answer, null, null);
  if (answer.next) return { ...nextStepOutcome(effect, answer.next, answer.result), settlement: null };
  const told = { settlement: null, milestone: null, response: null, reason: stands };
  return done(effect, answer, itemsAlone(effect, answer), told);
}

async function standingAnswer(effect: Effect, resultText: string): Promise<AnswerResult> {
  const { plan, node, call, operation } = effect;
  if (stepsOf(operation).length > 0 || operation.items?.list !== undefined)
    return readAnswer(effect, "stands", { status: 200, headers: {}, body: resultText });
  const result: unknown = JSON.parse(resultText);
  return { ok: true, found: true, result, outputs: effectOutputs(plan.lock.manifests[node.type], node, call.item, result) };
}

interface Told {
  settlement: Settlement | null;
  milestone: string | null;
  response: RawResponse | null;
  reason: Reason | null;
}

/** Goes on from an effect that is done; `refused` are the documents of its batch that are not. */
async function done(effect: Effect, answer: GoodAnswer, refused: NewTask[], told: Told): Promise<Outcome> {
  const { parts, task, plan, call } = effect;
  const { settlement, milestone, response, reason } = told;
  const successors = [...followers(effect, answer.outputs), ...(await followedSegments(effect, answer)), ...refused];
  const large = tooLargeItem(plan, successors, parts.settings.maxItemBytes);
  // Done it is: a retry takes the recorded result and sends nothing.
  if (large) return dead(effect, large, settlement, response);
  const nothing = answer.refused !== undefined && !carries(answer, "out");
  return {
    task,
    end: {
      ...doneEnd(JSON.stringify(answer.result ?? null), successors),
      ...(nothing ? { nothing: true as const } : {}),
      // A replay compares what it asked first.
      ...(call.step ? { call: callText(firstCall(call)) } : {}),
    },
    // What stands with the task has no number.
    attempt: attemptOf(effect, "ok", reason, effect.numbered ? shownRequest(effect) : null, response),
    settlement,
    milestone: nothing ? null : milestone,
  };
}

const newerStands: Reason = {
  code: "effectSuperseded",
  message: "A later request has set the same since this one was refused; it was not sent, for it would have gone over the newer.",
};

/** A refused document that is out of date ends without being sent. What became of an earlier try of it matters no more. */
export function superseded(effect: Effect): Outcome {
  const { documentKey, effectKey } = effect.call;
  const refused = { place: 0, key: documentKey, class: "duplicate" as const, message: newerStands.message };
  return {
    task: effect.task,
    end: { ...doneEnd(JSON.stringify({ answer: null, refused: [refused] } satisfies BatchResult), []), nothing: true },
    attempt: attemptOf(effect, "ok", newerStands, null, null),
    settlement: { effectKey, state: "REFUSED" },
    milestone: null,
  };
}

/** The effect waits for a person, and is not sent again by itself. */
export function parked(effect: Effect, kind: Parking): Outcome {
  const { call, connection } = effect;
  const failure = {
    class: kind === "inDoubt" ? kind : "duplicate",
    reason: parkedReason(kind, connection.name, call.documentKey),
  } as const;
  const settlement = kind === "inDoubt" ? ({ effectKey: call.effectKey, state: "IN_DOUBT" } as const) : null;
  return dead(effect, failure, settlement, null);
}

/** The request, or a step after it, came to nothing: again later, or a dead letter. */
export async function failed(
  effect: Effect,
  said: Failure,
  applied: "no" | "maybe",
  response: RawResponse | null,
): Promise<Outcome> {
  const { task, plan, call } = effect;
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
  if (next.pauseConnection) await pauseConnection(effect, failure.reason.message);
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
    attempt: failure.again ? null : attemptOf(effect, failure.class, failure.reason, shownRequest(effect), response),
    // Back at the first request: what stands in the ledger was for the address that has run out.
    settlement: expired && stepBack(call).step === undefined ? refusedStep(call) : settlement,
    milestone: null,
  };
}

function dead(
  effect: Effect,
  failure: Pick<Failure, "class" | "reason">,
  settlement: Settlement | null,
  response: RawResponse | null,
  again?: EffectCall,
): Outcome {
  const { task, connection, call } = effect;
  return {
    task,
    end: routedEnd(task, effect.plan, { node: task.node, item: call.item, class: failure.class, reason: failure.reason }) ?? {
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
    attempt: attemptOf(effect, failure.class, failure.reason, shownRequest(effect), response),
    settlement,
    milestone: null,
  };
}
