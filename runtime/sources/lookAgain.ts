import { backoffMs, type Failure, RATE_LIMIT_WAIT_MS, RETRY_AFTER_CAP_MS } from "#runtime/engine/outcome.ts";
import type { RetryPolicy } from "#schemas/outcome.ts";

export type LookAgain = { waitMs: number; pauseConnection: boolean };

/**
 * When a source looks again after a failure. It never gives up: what the system holds is still there. `failures` counts
 * those in a row, this one included; `random` is in [0, 1).
 *
 * What a wait may mend is tried again with backoff; what it cannot (a faulty connector, a refused request) at the
 * source's own pace. Refused credentials pause the connection; the look is due as soon as somebody resumes it.
 */
export function lookAgain(
  failure: Failure,
  at: { failures: number; intervalMs: number; random: number; policy: RetryPolicy },
): LookAgain {
  if (failure.class === "auth") return { waitMs: 0, pauseConnection: true };
  const asked = Math.min(failure.retryAfterMs ?? 0, RETRY_AFTER_CAP_MS);
  if (failure.class === "rateLimited") {
    return { waitMs: Math.max(asked, RATE_LIMIT_WAIT_MS * (0.5 + at.random)), pauseConnection: false };
  }
  const backoff = backoffMs(at.policy, at.failures, at.random);
  const mends = failure.class === "transient" || failure.class === "timeout";
  return { waitMs: Math.max(asked, mends ? backoff : Math.max(backoff, at.intervalMs)), pauseConnection: false };
}
