// Plain values apart from the schemas, so that a page that lists outcome classes need not load the schema library.
import type { RetryPolicy } from "./outcome.ts";

/**
 * The one vocabulary for how a piece of work can end badly. Connectors, retries, dead letters and the
 * designer all use it.
 */
export const outcomeClasses = [
  "invalid",
  "rejected",
  "duplicate",
  "auth",
  "rateLimited",
  "transient",
  "timeout",
  "inDoubt",
  "tooLarge",
  "poison",
  "cancelled",
  "bug",
] as const;

/** What holds where neither the operation nor the node says otherwise. Times in milliseconds. */
export const defaultRetryPolicy: RetryPolicy = {
  attempts: 8,
  backoff: "exponential",
  baseMs: 1_000,
  capMs: 300_000,
  classes: ["transient", "timeout", "rateLimited"],
  maxAgeMs: 86_400_000,
};
