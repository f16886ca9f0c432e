import { type Static, Type } from "typebox";
import { OutcomeClass, Reason } from "./outcome.ts";
import { Attempt, RunState } from "./run.ts";

/** A task that will not be retried by itself, with its class and reason. It stays until a person retries or resolves it. */
export const DeadLetter = Type.Object(
  {
    id: Type.String(),
    taskId: Type.String(),
    runId: Type.String(),
    messageId: Type.String(),
    environment: Type.String(),
    flow: Type.String(),
    version: Type.Integer(),
    node: Type.String(),
    connector: Type.Union([Type.String(), Type.Null()]),
    documentKey: Type.Union([Type.String(), Type.Null()]),
    class: OutcomeClass,
    reason: Reason,
    attempts: Type.Integer(),
    state: Type.Enum(["open", "retried", "resolved"]),
    assignee: Type.Union([Type.String(), Type.Null()]),
    tags: Type.Array(Type.String()),
    note: Type.Union([Type.String(), Type.Null()]),
    createdAt: Type.String(),
    closedAt: Type.Union([Type.String(), Type.Null()]),
    closedBy: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type DeadLetter = Static<typeof DeadLetter>;

/** What the ledger knows of the effect that a dead letter is about. */
export const EffectState = Type.Object(
  {
    key: Type.String(),
    state: Type.Enum(["INTENDED", "CONFIRMED", "REFUSED", "IN_DOUBT"]),
    mode: Type.Enum(["key", "natural", "lookup", "none"]),
    /** Counts requests that differed from the one before. */
    revision: Type.Integer(),
    /** When the request last left. */
    sentAt: Type.String(),
    settledAt: Type.Union([Type.String(), Type.Null()]),
    /** False when another task owns the entry: the effect was asked for twice. */
    own: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type EffectState = Static<typeof EffectState>;

/** All that a person needs to decide over a dead letter. */
export const DeadLetterDetail = Type.Object(
  {
    letter: DeadLetter,
    kind: Type.Enum(["segment", "effect", "control"]),
    itemPath: Type.String(),
    /** The item that the task had; null when `gone`. */
    item: Type.Unknown(),
    /** The request of an effect, without secrets. */
    request: Type.Unknown(),
    /** Set when the item was purged or has outlived its time. */
    gone: Type.Boolean(),
    /** What was there before a person edited it; null when nobody has. */
    original: Type.Union([
      Type.Object(
        { item: Type.Unknown(), request: Type.Unknown(), editedAt: Type.String(), editedBy: Type.String() },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    effect: Type.Union([EffectState, Type.Null()]),
    attempts: Type.Array(Attempt),
    /** How the run stands now; null when it is gone. */
    runState: Type.Union([RunState, Type.Null()]),
    /** Whether the item can be edited and tried again. */
    editable: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type DeadLetterDetail = Static<typeof DeadLetterDetail>;

/** How many dead letters there are by what they can be narrowed by, the most first. */
export const DeadLetterCounts = Type.Object(
  {
    total: Type.Integer(),
    oldestAt: Type.Union([Type.String(), Type.Null()]),
    classes: Type.Array(Type.Object({ class: OutcomeClass, count: Type.Integer() })),
    /** By the system at fault, or the one a document came from; null for none. */
    connectors: Type.Array(Type.Object({ connector: Type.Union([Type.String(), Type.Null()]), count: Type.Integer() })),
    flows: Type.Array(Type.Object({ flow: Type.String(), count: Type.Integer() })),
    assignees: Type.Array(Type.Object({ assignee: Type.Union([Type.String(), Type.Null()]), count: Type.Integer() })),
    tags: Type.Array(Type.Object({ tag: Type.String(), count: Type.Integer() })),
  },
  { additionalProperties: false },
);
export type DeadLetterCounts = Static<typeof DeadLetterCounts>;

/** What came of something done to several dead letters. */
export const DeadLettersDone = Type.Object({
  /** Open dead letters that fit when it began. */
  matching: Type.Integer(),
  done: Type.Integer(),
  problems: Type.Array(Type.Object({ id: Type.String(), message: Type.String() })),
});
export type DeadLettersDone = Static<typeof DeadLettersDone>;
