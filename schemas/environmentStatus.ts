import { type Static, Type } from "typebox";

/** What is kept beyond its time, because something in it is still open. */
export const RetentionHeld = Type.Union([
  Type.Object(
    {
      what: Type.Literal("month"),
      /** `2026-01`; its messages, runs, tasks, attempts and payloads are kept whole. */
      month: Type.String(),
      runs: Type.Integer({ description: "Runs that have not ended." }),
      deadLetters: Type.Integer({ description: "Open dead letters." }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { what: Type.Literal("payloads"), messages: Type.Integer({ description: "Messages that are due to be purged." }) },
    { additionalProperties: false },
  ),
]);
export type RetentionHeld = Static<typeof RetentionHeld>;

/** Tasks of one flow that wait for one connection, or for an evaluator. */
export const Waiting = Type.Object({
  flow: Type.String(),
  /** The connection's name; null for what waits to be evaluated. */
  connection: Type.Union([Type.String(), Type.Null()]),
  /** Tasks that could go on now. */
  due: Type.Integer(),
  /** Tasks that go on at a later time: retries, delays, what waits for something. */
  later: Type.Integer(),
  /** When the oldest of those that are due became so; null when none is. */
  oldestAt: Type.Union([Type.String(), Type.Null()]),
});
export type Waiting = Static<typeof Waiting>;

/** What waits in an environment, and whether there is room for more. */
export const EnvironmentStatus = Type.Object({
  environment: Type.String(),
  /** By flow and connection, the longest first. */
  waiting: Type.Array(Waiting),
  /** Runs that paused deployments hold. */
  held: Type.Integer(),
  storage: Type.Object({
    bytes: Type.Integer({ description: "Size of the whole database." }),
    /** At this size nothing more is accepted; null for no limit. */
    limitBytes: Type.Union([Type.Integer(), Type.Null()]),
    full: Type.Boolean(),
  }),
  retention: Type.Object({
    /** When the last pass began; null before the first. */
    at: Type.Union([Type.String(), Type.Null()]),
    held: Type.Array(RetentionHeld),
  }),
});
export type EnvironmentStatus = Static<typeof EnvironmentStatus>;
