import { type Static, Type } from "typebox";
import { OutcomeClass, Reason } from "./outcome.ts";

/** How documents come in at a source. The first four look by themselves, the others are called. */
export const sourceTransports = ["poll", "schedule", "file", "sftp", "webhook", "service", "event"] as const;
export type SourceTransport = (typeof sourceTransports)[number];

/** A source node of a deployed flow with the connection it is bound to, and how it fares. Times are ISO 8601. */
export const Source = Type.Object(
  {
    id: Type.String(),
    environment: Type.String(),
    flow: Type.String(),
    node: Type.String(),
    transport: Type.Enum([...sourceTransports]),
    /** The connection's name; null for a source that needs none. */
    connection: Type.Union([Type.String(), Type.Null()]),
    /** `paused`: the deployment or the connection is; `retired`: no deployed version has the node any more. */
    state: Type.Enum(["active", "paused", "retired"]),
    /** When it looks next; null for a source that others call. */
    dueAt: Type.Union([Type.String(), Type.Null()]),
    /** True while somebody looks. */
    looking: Type.Boolean(),
    lookedAt: Type.Union([Type.String(), Type.Null()]),
    /** The newest change that has been taken over, with all before it, where the source can tell. */
    upTo: Type.Union([Type.String(), Type.Null()]),
    /** How long ago a look began that came to its end, in milliseconds: how far behind the source is. */
    lagMs: Type.Union([Type.Integer(), Type.Null()]),
    /** Looks that failed in a row. */
    failures: Type.Integer(),
    lastError: Type.Union([
      Type.Object({ class: OutcomeClass, reason: Reason, at: Type.String() }, { additionalProperties: false }),
      Type.Null(),
    ]),
    /** New messages of the last look that brought any. */
    lastMessages: Type.Integer(),
    lastMessagesAt: Type.Union([Type.String(), Type.Null()]),
    messages: Type.Integer(),
  },
  { additionalProperties: false },
);
export type Source = Static<typeof Source>;
