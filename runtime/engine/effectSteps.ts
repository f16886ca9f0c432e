import { atStep } from "#nodes/connector/steps.ts";
import type { EffectCall, RenderedRequest } from "#nodes/plan.ts";
import type { DoneEnd, NewTask, Outcome, Settlement } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";
import type { Effect } from "./effect.ts";
import { engineFingerprint } from "./parts.ts";

/** An effect's call as it is kept: the item stands with the task. */
export function callText(call: EffectCall): string {
  const { item: _item, ...rest } = call;
  return JSON.stringify(rest);
}

/** The request as people read it. An address that the system gave holds its own proof, in its query. */
export function shownRequest({ call, numbered }: Pick<Effect, "call" | "numbered">): unknown {
  const { elsewhere, ...rest } = numbered ?? call.request;
  return elsewhere ? { ...rest, host: new URL(elsewhere.address).host } : rest;
}

/** How a store of documents answers where the address is too old, or what was there has gone. */
const GONE: readonly number[] = [400, 401, 403, 404, 410];

/** Addresses that a system gives are good for minutes. */
export const hasRunOut = ({ request }: EffectCall, status: number): boolean =>
  request.elsewhere !== undefined && GONE.includes(status);

/** What passes by itself: the operation goes on where it is. Anything else is a refusal of the whole. */
export const isPassing = (kind: OutcomeClass): boolean => kind === "transient" || kind === "timeout" || kind === "rateLimited";

/** What the ledger is told when an operation that writes was refused after its first request. */
export const refusedStep = (call: EffectCall): Settlement | null =>
  call.step?.read === false ? { effectKey: call.effectKey, state: "REFUSED" } : null;

/**
 * The operation goes on at its next step: the state is committed, and whoever takes the task over goes on there. The ledger
 * has the first request as confirmed, with its result.
 */
export function nextStepOutcome(
  { task, call, connection }: { task: ClaimedTask; call: EffectCall; connection: { name: string } },
  next: { request: RenderedRequest; before: unknown[] },
  result: unknown,
): Outcome {
  const message = `${connection.name} has answered; step ${next.before.length} follows.`;
  return {
    task,
    end: {
      state: "READY",
      waitMs: 0,
      burned: false,
      evaluatorDied: false,
      class: "timeout",
      reason: { code: "answer.nextStep", message },
      call: callText(atStep(call, next)),
    },
    attempt: null,
    settlement: call.read ? null : { effectKey: call.effectKey, state: "CONFIRMED", result: JSON.stringify(result ?? null) },
    milestone: null,
  };
}

/** The end of an effect that was done, with what the ledger or the system gave for it. */
export const doneEnd = (result: string, successors: NewTask[]): DoneEnd => ({
  state: "DONE",
  result,
  edges: [],
  outputHash: null,
  engine: engineFingerprint,
  successors,
});
