import type { RetryPolicy } from "#schemas/outcome.ts";

export interface Wait {
  /** The attempt that follows the wait; the first follows none. */
  attempt: number;
  /** The longest this wait can be, milliseconds; with full jitter the real one lies anywhere between 0 and it. */
  waitMs: number;
  /** Longest time from the start to this attempt, milliseconds. */
  totalMs: number;
}

/** When each attempt comes at the latest: exponential waits are `min(capMs, baseMs * 2^(n-1))`, fixed ones `min(capMs, baseMs)`. */
export function waits({ attempts, backoff, baseMs, capMs, maxAgeMs }: RetryPolicy): Wait[] {
  const rows: Wait[] = [];
  let totalMs = 0;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const grown = backoff === "fixed" ? baseMs : baseMs * 2 ** Math.min(attempt - 2, 40);
    const waitMs = attempt === 1 ? 0 : Math.min(capMs, grown);
    totalMs += waitMs;
    if (maxAgeMs > 0 && totalMs > maxAgeMs) break;
    rows.push({ attempt, waitMs, totalMs });
  }
  return rows;
}
