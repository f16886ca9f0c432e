import { type Static, Type } from "typebox";

/** A configured instance of a connector in one environment. Secrets are written, never read back. */
export const Connection = Type.Object(
  {
    id: Type.String(),
    environment: Type.String(),
    name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
    connector: Type.String(),
    connectorVersion: Type.String(),
    /** The stable account on the other side; part of every effect key. */
    systemAccount: Type.String(),
    config: Type.Record(Type.String(), Type.Unknown()),
    /** Names of the secrets that are set. */
    secretNames: Type.Array(Type.String()),
    /** `authFailed` stops sending until a person has mended the credentials; `paused` until a person resumes. */
    state: Type.Enum(["active", "paused", "authFailed"]),
    stateReason: Type.Union([Type.String(), Type.Null()]),
    workerGroup: Type.String(),
    /** True when the connection talks to the product's own simulator. */
    sandbox: Type.Boolean(),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  { additionalProperties: false },
);
export type Connection = Static<typeof Connection>;
