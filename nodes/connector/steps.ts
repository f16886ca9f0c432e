import type { ConnectorOperation, EffectOperation, Step } from "#schemas/connector.ts";
import type { EffectCall, RenderedRequest, StepState } from "../plan.ts";

/** What is asked after so many results; undefined when the operation is done. */
export const stepAfter = (operation: EffectOperation, before: readonly unknown[]): Step | undefined =>
  stepsOf(operation)[before.length - 1];

/** What an operation asks after its first request; only one over HTTP has such steps. */
export const stepsOf = (operation: ConnectorOperation): readonly Step[] =>
  operation.transport === "http" ? (operation.steps ?? []) : [];

/** The requests of its steps. */
export const stepRequests = (operation: ConnectorOperation) =>
  stepsOf(operation).map((step) => ("request" in step ? step.request : step));

/** An operation's call at its next step: from now on a read, whatever the operation as a whole is. */
export function atStep(call: EffectCall, { request, before }: { request: RenderedRequest; before: unknown[] }): EffectCall {
  const { requests = [], read = call.read } = call.step ?? {};
  const step: StepState = { before, requests: [...requests, call.request], read };
  return { ...call, request, read: true, step };
}

/** The call as it was before the first step. */
export function firstCall(call: EffectCall): EffectCall {
  const { step, ...rest } = call;
  const [request] = step?.requests ?? [];
  return step && request ? { ...rest, request, read: step.read } : call;
}

/**
 * One step back: an address that the system gave has run out, and what gave it is asked once more. The first request is
 * reached again as it was.
 */
export function stepBack(call: EffectCall): EffectCall {
  const { step } = call;
  if (!step || step.before.length <= 1) return firstCall(call);
  const request = step.requests.at(-1) as RenderedRequest;
  return { ...call, request, step: { ...step, before: step.before.slice(0, -1), requests: step.requests.slice(0, -1) } };
}
