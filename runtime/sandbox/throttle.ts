import type { Rate } from "#schemas/admission.ts";

/** What a limit said of one request; expressions of its answer see it as `limit`. */
export interface Limited {
  perSecond: number;
  burst: number;
  /** Requests, or points, that are left after this one. */
  remaining: number;
  /** Until there is one more, or enough for a request that was refused: from now in seconds, and as milliseconds of the epoch. */
  waitSeconds: number;
  resetMs: number;
}

export interface Throttle {
  /** Asks for so many, one request being one where nothing else is said. */
  take(cost?: number): Limited & { allowed: boolean };
  /** Puts back what was not used. */
  give(points: number): Limited;
}

/** A token bucket as marketplaces keep one for each seller and operation: full at first, filled evenly, never above the burst. */
export function throttle({ perSecond, burst }: Rate, now: () => number): Throttle {
  let tokens = burst;
  let at = now();
  const fill = (): number => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) * perSecond) / 1000);
    at = time;
    return time;
  };
  const said = (time: number, needed: number): Limited => {
    const waitMs = tokens >= needed ? 0 : Math.ceil(((needed - tokens) / perSecond) * 1000);
    return { perSecond, burst, remaining: Math.floor(tokens), waitSeconds: waitMs / 1000, resetMs: time + waitMs };
  };
  return {
    take(cost = 1) {
      const time = fill();
      // A sum of fractions may miss the whole token by the last bit.
      const allowed = tokens > cost - 1e-9;
      if (allowed) tokens = Math.max(0, tokens - cost);
      return { allowed, ...said(time, allowed ? 1 : cost) };
    },
    give(points) {
      const time = fill();
      tokens = Math.min(burst, tokens + points);
      return said(time, 1);
    },
  };
}
