import { type Static, Type } from "typebox";
import { OutcomeClass, Reason } from "./outcome.ts";

export const runStates = ["RUNNING", "SUCCEEDED", "PARTIAL", "DEAD", "CANCELLED"] as const;
export const RunState = Type.Enum([...runStates]);
export type RunState = (typeof runStates)[number];

export const taskStates = ["READY", "CLAIMED", "DONE", "DEAD", "CANCELLED"] as const;
export const TaskState = Type.Enum([...taskStates]);
export type TaskState = (typeof taskStates)[number];

/** The execution of one version on one message. Times are ISO 8601 in UTC. */
export const Run = Type.Object(
  {
    id: Type.String(),
    messageId: Type.String(),
    environment: Type.String(),
    flow: Type.String(),
    version: Type.Integer(),
    state: RunState,
    kind: Type.Enum(["live", "replay", "backfill"]),
    /** The business identity of the document, such as the marketplace's order id. */
    documentKey: Type.Union([Type.String(), Type.Null()]),
    /** True while a paused deployment holds the message. */
    held: Type.Boolean(),
    startedAt: Type.String(),
    endedAt: Type.Union([Type.String(), Type.Null()]),
    /** The node that failed last, when one did. */
    failedNode: Type.Union([Type.String(), Type.Null()]),
    failedClass: Type.Union([OutcomeClass, Type.Null()]),
    /** True while an earlier run of the same document goes on. */
    waitsForDocument: Type.Boolean(),
    /** The run of a newer version of the document, which had come before: nothing was done in this one. */
    supersededBy: Type.Union([Type.String(), Type.Null()]),
    /** Who cancelled it, and when; its tasks that were being done are recorded still. */
    cancelledBy: Type.Union([Type.String(), Type.Null()]),
    cancelledAt: Type.Union([Type.String(), Type.Null()]),
    /** The run that this one replays, and the node from which; null for the whole. */
    replayOf: Type.Union([Type.String(), Type.Null()]),
    replayFrom: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Run = Static<typeof Run>;

/** One try of an effect or a segment, with request and response as text, secrets taken out. */
export const Attempt = Type.Object(
  {
    number: Type.Integer(),
    startedAt: Type.String(),
    endedAt: Type.Union([Type.String(), Type.Null()]),
    outcome: Type.Union([Type.Literal("ok"), OutcomeClass, Type.Null()]),
    reason: Type.Union([Reason, Type.Null()]),
    request: Type.Union([Type.Unknown(), Type.Null()]),
    response: Type.Union([Type.Unknown(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Attempt = Static<typeof Attempt>;

export const Task = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum(["segment", "effect", "control"]),
    /** The node of the effect or control, or the node that the segment follows. */
    node: Type.String(),
    itemPath: Type.String(),
    state: TaskState,
    attempt: Type.Integer(),
    dueAt: Type.String(),
    createdAt: Type.String(),
    endedAt: Type.Union([Type.String(), Type.Null()]),
    outcomeClass: Type.Union([OutcomeClass, Type.Null()]),
    reason: Type.Union([Reason, Type.Null()]),
    effectKey: Type.Union([Type.String(), Type.Null()]),
    attempts: Type.Array(Attempt),
  },
  { additionalProperties: false },
);
export type Task = Static<typeof Task>;

/** What each port of each node carried in a run, recomputed from the message and the effects' results. */
export const Trace = Type.Object(
  {
    nodes: Type.Record(
      Type.String(),
      Type.Object(
        {
          /** `notReached` nodes have no data; `failed` nodes have an input and a reason; `waiting` ones are not done. */
          status: Type.Enum(["done", "failed", "waiting", "notReached"]),
          inputs: Type.Record(Type.String(), Type.Array(Type.Unknown())),
          outputs: Type.Record(Type.String(), Type.Array(Type.Unknown())),
          reason: Type.Optional(Reason),
          class: Type.Optional(OutcomeClass),
        },
        { additionalProperties: false },
      ),
    ),
    /** False when what came out now differs from what the run recorded; then the trace is not to be trusted. */
    reproduces: Type.Boolean(),
    /** Where it differs, and how. */
    differences: Type.Array(Type.String()),
    /** Tasks of a large run that were left out: many items of a split look alike. */
    omitted: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export type Trace = Static<typeof Trace>;
