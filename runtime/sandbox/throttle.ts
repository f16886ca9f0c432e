import type { Rate } from "#schemas/admission.ts";

/** What a limit said of one request; expressions of its answer see it as `limit`. */
export interface Limited {
  perSecond: number;
  burst: number;
  /** Requests that may come at once after this one. */
  remaining: number;
  /** Until there is one more: from now in seconds, and as milliseconds of the epoch. */
  waitSeconds: number;
  resetMs: number;
}

/** A token bucket as marketplaces keep one for each seller and operation: full at first, filled evenly, never above the burst. */
export function throttle({ perSecond, burst }: Rate, now: () => number): () => Limited & { allowed: boolean } {
  let tokens = burst;
  let at = now();
  return () => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) * perSecond) / 1000);
    at = time;
    // A sum of fractions may miss the whole token by the last bit.
    const allowed = tokens > 1 - 1e-9;
    if (allowed) tokens = Math.max(0, tokens - 1);
    const waitMs = tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    return { allowed, perSecond, burst, remaining: Math.floor(tokens), waitSeconds: waitMs / 1000, resetMs: time + waitMs };
  };
}
