import { type Static, Type } from "typebox";
import { outcomeClasses } from "./outcomeClass.ts";

export const OutcomeClass = Type.Enum([...outcomeClasses]);
export type OutcomeClass = (typeof outcomeClasses)[number];

/**
 * Why something failed. `code` names an entry of the message catalogue, `params` fill it in; `message` is the
 * English sentence made from both, so that logs and the CLI need no catalogue.
 */
export const Reason = Type.Object(
  {
    code: Type.String({ minLength: 1 }),
    message: Type.String({ minLength: 1 }),
    hint: Type.Optional(Type.String()),
    /** JSON pointer into the item (or the config) that is at fault. */
    path: Type.Optional(Type.String()),
    found: Type.Optional(Type.Unknown()),
    expected: Type.Optional(Type.Unknown()),
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    /** Further failures of the same kind, when one check found several. */
    details: Type.Optional(Type.Array(Type.Unknown())),
  },
  { additionalProperties: false },
);
export type Reason = Static<typeof Reason>;

/** How often and when a failed task is tried again. Times in milliseconds. */
export const RetryPolicy = Type.Object(
  {
    attempts: Type.Integer({ minimum: 1, maximum: 100, description: "Attempts in all, the first included." }),
    backoff: Type.Enum(["exponential", "fixed"]),
    baseMs: Type.Integer({ minimum: 0, maximum: 86_400_000, description: "First wait, or every wait when fixed." }),
    capMs: Type.Integer({ minimum: 0, maximum: 86_400_000, description: "No wait is longer than this." }),
    classes: Type.Array(OutcomeClass, { uniqueItems: true, description: "Outcome classes that are retried." }),
    maxAgeMs: Type.Integer({ minimum: 0, description: "A task older than this is not retried; 0 means no limit." }),
  },
  { additionalProperties: false },
);
export type RetryPolicy = Static<typeof RetryPolicy>;
