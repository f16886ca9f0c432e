import { type Static, Type } from "typebox";

export const ConnectionName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" });

/** A configured instance of a connector in one environment. Secrets are written, never read back. */
export const Connection = Type.Object(
  {
    id: Type.String(),
    environment: Type.String(),
    name: ConnectionName,
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
    stateAt: Type.String(),
    /** Who shut or opened it; null where nobody has. */
    stateBy: Type.Union([Type.String(), Type.Null()]),
    workerGroup: Type.String(),
    /** Requests under way at most, instead of what its connector allows; null for that. */
    concurrency: Type.Union([Type.Integer({ minimum: 1, maximum: 1000 }), Type.Null()]),
    /** True when the connection talks to the product's own simulator. */
    sandbox: Type.Boolean(),
    createdAt: Type.String(),
    updatedAt: Type.String(),
  },
  { additionalProperties: false },
);
export type Connection = Static<typeof Connection>;

/** What a person gives of a connection; secrets left out stay as they are. */
export const ConnectionSettings = Type.Object(
  {
    connector: Type.String(),
    config: Type.Record(Type.String(), Type.Unknown()),
    secrets: Type.Optional(Type.Record(Type.String(), Type.String({ minLength: 1, maxLength: 16_384 }))),
  },
  { additionalProperties: false },
);
export type ConnectionSettings = Static<typeof ConnectionSettings>;

const Text = Type.Union([Type.String(), Type.Null()]);

/** Whether effects get through a connection now, and if not, why. */
export const ConnectionHealth = Type.Object(
  {
    /** Effects that could be performed now, but for the connection. */
    waiting: Type.Integer(),
    /** Requests under way, and how many there may be at most in the whole installation. */
    inUse: Type.Integer(),
    places: Type.Integer(),
    /**
     * `open`: the target did not answer, and nothing is sent until the probe. `halfOpen`: the probe is under way.
     */
    breaker: Type.Enum(["closed", "open", "halfOpen"]),
    /** Requests that failed in a row. */
    failures: Type.Integer(),
    openedAt: Text,
    /** When the next probe may go, while it is open. */
    probeAt: Text,
    /** The target asked to be left alone until then. */
    closedUntil: Text,
    /** Rates that are kept to; the connection's own without an operation. `tokens` is what may be sent at once. */
    rates: Type.Array(
      Type.Object({
        operation: Text,
        perSecond: Type.Number(),
        burst: Type.Integer(),
        tokens: Type.Number(),
      }),
    ),
  },
  { additionalProperties: false },
);
export type ConnectionHealth = Static<typeof ConnectionHealth>;

/**
 * What came of trying a connection. `reached`: something answers, but whether it lets the connection in is not proven, since
 * the connector declares no test. `untested`: nothing can be asked over it.
 */
export const ConnectionTestResult = Type.Object(
  {
    outcome: Type.Enum(["passed", "failed", "reached", "untested"]),
    /** What it means, in a sentence; of a refusal in the system's own words. */
    message: Type.String(),
    /** What to do about it. */
    hint: Text,
    /** The HTTP status of the answer; null without one. */
    status: Type.Union([Type.Integer(), Type.Null()]),
    /** How long it took; null where nothing was asked. */
    ms: Type.Union([Type.Integer(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type ConnectionTestResult = Static<typeof ConnectionTestResult>;

/** The last test of a connection as it is now: another address or secret makes it void. */
export const ConnectionTested = Type.Object(
  { ...ConnectionTestResult.properties, at: Type.String(), by: Type.String() },
  { additionalProperties: false },
);
export type ConnectionTested = Static<typeof ConnectionTested>;

/** A connection with how it fares. */
export const ListedConnection = Type.Object(
  { ...Connection.properties, health: ConnectionHealth, tested: Type.Union([ConnectionTested, Type.Null()]) },
  { additionalProperties: false },
);
export type ListedConnection = Static<typeof ListedConnection>;
