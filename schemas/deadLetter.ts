import { type Static, Type } from "typebox";
import { OutcomeClass, Reason } from "./outcome.ts";

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
