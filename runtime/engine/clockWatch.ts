import type { ClockReading } from "#runtime/store/clock.ts";

/** What is known of the database's clock at one reading. */
export interface ClockView {
  /** Milliseconds since it was seen set forwards; infinite when it never was. */
  sinceStepMs: number;
  /** Milliseconds that have passed, at the least, since it showed this time. */
  surelySince(time: number): number;
}

/**
 * Measures the database's clock by our own, which nothing sets, so that nothing seems to be over because that clock was set
 * forwards: neither the lease of a live worker nor the quiet period of an effect.
 */
export interface ClockWatch {
  read(reading: ClockReading): ClockView;
}

/** Clocks drift; what they drift apart by this share of a lease is no step. It delays by as much, and shortens nothing. */
const TOLERANCE_SHARE = 0.25;

/**
 * Nothing is known of the time before the first reading, and nothing of when exactly a step came: what was to pass since
 * then is counted from the reading. A step forwards that takes back one which no reading saw is not noticed.
 */
export function clockWatch(leaseMs: number): ClockWatch {
  const tolerance = leaseMs * TOLERANCE_SHARE;
  /** How far the database's clock has been ahead of ours at each reading from `evenFrom` on, at the least. */
  let ahead: number | undefined;
  let evenFrom = 0;
  let steppedAt = Number.NEGATIVE_INFINITY;
  return {
    read({ database, asked, answered }) {
      const least = database - answered;
      if (ahead === undefined || least > ahead + tolerance) {
        if (ahead !== undefined) steppedAt = answered;
        evenFrom = answered;
        ahead = least;
      } else if (database - asked < ahead) {
        ahead = least;
      }
      const [known, from] = [ahead, evenFrom];
      return {
        sinceStepMs: asked - steppedAt,
        surelySince: (time) => Math.max(0, Math.min(asked - from, asked + known - time)),
      };
    },
  };
}
