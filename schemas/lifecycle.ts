import { type Static, Type } from "typebox";
import { Expression } from "./request.ts";

const Day = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });

export const ConnectorLifecycle = Type.Object(
  {
    state: Type.Enum(["draft", "live", "deprecated"]),
    /** The version of the system's API that it speaks. */
    apiVersion: Type.Optional(Type.String()),
    /** The last version of this connector that flows should no longer be made with. */
    deprecates: Type.Optional(Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$" })),
    /** The day after which the system no longer answers to this API version. */
    sunset: Type.Optional(Day),
  },
  { additionalProperties: false },
);

const Config = Type.Record(Type.String(), Type.Unknown());

/**
 * How a node's config becomes that of a later version, or of another operation: JSONata over the config, pure, and one
 * that leaves a config as it is that has the later shape already. The examples are checked with the connector.
 */
export const Migration = Type.Object(
  {
    config: Expression,
    /** What else is different than before, for whoever updates a node: a sentence. */
    note: Type.Optional(Type.String({ minLength: 1 })),
    examples: Type.Array(Type.Object({ before: Config, after: Config }, { additionalProperties: false }), { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type Migration = Static<typeof Migration>;

/** Of one operation, where it differs from its connector. */
export const OperationLifecycle = Type.Object(
  {
    /** The version of the system's API that it speaks. */
    apiVersion: Type.Optional(Type.String()),
    /** The day after which the system no longer answers to it. */
    sunset: Type.Optional(Day),
    /** Operations of this connector in whose place flows should be made with this one, and what becomes of their config. */
    deprecates: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" }), Migration)),
  },
  { additionalProperties: false },
);
export type OperationLifecycle = Static<typeof OperationLifecycle>;
