import type { Again } from "#nodes/plan.ts";
import type { OutcomeClass, Reason, RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy } from "#schemas/outcomeClass.ts";

/** How one try of a task ended badly, as the engine sees it. */
export interface Failure {
  class: OutcomeClass;
  reason: Reason;
  /** What the target asked us to wait. */
  retryAfterMs?: number;
  /** No fault: a job of the target is not done yet. */
  again?: Again;
}

export type NextState =
  | { state: "READY"; waitMs: number; burned: boolean; pauseConnection: boolean }
  | { state: "DEAD"; class: OutcomeClass; reason: Reason };

/** A target that asks for a longer wait than this is asked again after it all the same. */
export const RETRY_AFTER_CAP_MS = 3_600_000;

/** Least wait after a 429 that names none. */
export const RATE_LIMIT_WAIT_MS = 1_000;

/**
 * What becomes of a task after a failure: again later, or a dead letter. `attempt` counts the tries that burned one,
 * this one included; `random` is in [0, 1).
 *
 * `rateLimited` waits without burning an attempt: the target did nothing and said so. `auth` pauses the connection
 * instead of burning attempts of every task behind it.
 */
export function nextState(
  failure: Failure,
  at: { attempt: number; ageMs: number; random: number; policy: RetryPolicy; viaConnection: boolean },
): NextState {
  const { policy } = at;
  if (failure.again) return nextQuestion(failure, failure.again, at.ageMs);
  if (failure.class === "auth" && at.viaConnection) return { state: "READY", waitMs: 0, burned: false, pauseConnection: true };
  const dead = (): NextState => ({ state: "DEAD", class: failure.class, reason: failure.reason });
  if (!policy.classes.includes(failure.class)) return dead();
  if (policy.maxAgeMs > 0 && at.ageMs > policy.maxAgeMs) return dead();
  const asked = Math.min(failure.retryAfterMs ?? 0, RETRY_AFTER_CAP_MS);
  if (failure.class === "rateLimited") {
    return {
      state: "READY",
      waitMs: Math.max(asked, RATE_LIMIT_WAIT_MS * (0.5 + at.random)),
      burned: false,
      pauseConnection: false,
    };
  }
  if (at.attempt >= policy.attempts) return dead();
  const waitMs = Math.max(asked, backoffMs(policy, at.attempt, at.random));
  return { state: "READY", waitMs, burned: true, pauseConnection: false };
}

/** A job is asked for again until its time is over; that burns no attempt, since nothing failed. */
function nextQuestion({ reason }: Failure, { everyMs, mostMs }: Again, ageMs: number): NextState {
  if (ageMs < mostMs) return { state: "READY", waitMs: everyMs, burned: false, pauseConnection: false };
  return { state: "DEAD", class: "timeout", reason: { ...reason, code: "answer.jobTimeout" } };
}

/**
 * The wait after try `attempt` (1 is the first): fixed, or exponential with full jitter, that is a random share of
 * `min(cap, base * 2^(attempt - 1))`.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, random: number): number {
  const longest = longestWaitMs(policy, attempt);
  return policy.backoff === "fixed" ? longest : Math.round(longest * random);
}

/** The most that try `attempt` is waited after; what the designer's table of waits shows. */
export function longestWaitMs(policy: RetryPolicy, attempt: number): number {
  if (policy.backoff === "fixed") return Math.min(policy.capMs, policy.baseMs);
  return Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 40));
}

/** Product defaults, under the operation's, under the node's. */
export function retryPolicy(operation: Partial<RetryPolicy> | undefined, node: Partial<RetryPolicy> | undefined): RetryPolicy {
  return { ...defaultRetryPolicy, ...operation, ...node };
}
