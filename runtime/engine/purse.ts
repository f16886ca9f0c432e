import type { Rate } from "#schemas/admission.ts";
import { type Grant, TOKENS_HOLD_MS } from "./standing.ts";

/** Tokens that this process took from a connection's buckets and may use for a moment. Times are `performance.now()`. */
export class Purse {
  readonly #held = new Map<string, { count: number; until: number; nextAt: number }>();

  /** What a visit at `askedAt` brought. */
  fill(tokens: Grant["tokens"], askedAt: number): void {
    for (const [bucket, { count, nextMs }] of Object.entries(tokens)) {
      // Held tokens that are not yet void are used as well; a debt is paid first.
      const left = this.count(bucket);
      this.#held.set(bucket, { count: left + count, until: askedAt + TOKENS_HOLD_MS, nextAt: askedAt + nextMs });
    }
  }

  count(bucket: string): number {
    const held = this.#held.get(bucket);
    if (!held) return 0;
    return held.until > performance.now() ? held.count : Math.min(held.count, 0);
  }

  /** 0 when there is one to take, else how long to wait until asking is worth it; "ask" when it is now. */
  waitMs(bucket: string, rate: Rate | undefined): number | "ask" {
    if (!rate || this.count(bucket) > 0) return 0;
    const wait = (this.#held.get(bucket)?.nextAt ?? 0) - performance.now();
    return wait > 0 ? wait : "ask";
  }

  /** May make a debt: a question that was not foreseen is asked all the same, and paid for next. */
  take(bucket: string, rate: Rate | undefined): void {
    const held = this.#held.get(bucket);
    if (rate && held) held.count = this.count(bucket) - 1;
  }

  putBack(bucket: string, rate: Rate | undefined): void {
    const held = this.#held.get(bucket);
    if (rate && held) held.count++;
  }
}
