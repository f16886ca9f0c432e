import { type Static, Type } from "typebox";
import { Expression } from "./request.ts";

/** What a system takes: so many requests a second in the long run, and so many at once after a pause. */
export const Rate = Type.Object(
  { perSecond: Type.Number({ exclusiveMinimum: 0 }), burst: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type Rate = Static<typeof Rate>;

/** How an answer says what is left of a system's limit, so that it is left alone before it has to refuse. */
export const RateHint = Type.Union([
  Type.Object(
    {
      type: Type.Literal("headers"),
      /** The header with the number of requests that are left. */
      remaining: Type.String({ minLength: 1 }),
      /** The header that says when there are more. */
      reset: Type.String({ minLength: 1 }),
      format: Type.Enum(["seconds", "epochSeconds", "epochMs", "date"]),
      /** It is left alone when so few are left. Default: 0. */
      least: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    { additionalProperties: false },
  ),
  /** GraphQL counts points. JSONata over `{ status, headers, body }`, each a number. */
  Type.Object(
    {
      type: Type.Literal("cost"),
      /** What the next request of this kind needs. */
      cost: Expression,
      available: Expression,
      perSecond: Expression,
    },
    { additionalProperties: false },
  ),
]);
export type RateHint = Static<typeof RateHint>;

/** A connection whose target does not answer is left alone for a while, then tried with one request. */
export interface Breaker {
  state: "closed" | "open" | "halfOpen";
  /** Requests that failed in a row, over all workers. */
  failures: number;
  /** When it opened first since the last success; milliseconds of the database's clock, as all times here. */
  since: number | null;
  /** When the next probe may go. */
  retryAt: number;
  /** Openings in a row without a success between. */
  openings: number;
  /** The worker whose probe is under way. */
  probe: string | null;
}

/** One worker's part of a connection. Whoever lets `until` pass has lost it. */
export interface Share {
  /** Requests it may have under way. */
  places: number;
  /** Places it can use at most. */
  most: number;
  /** Places it uses, as it said last. */
  taken: number;
  /** It knows of tasks that wait. */
  waiting: boolean;
  until: number;
}

/** A token bucket: what it held at a time, and how it fills. */
export interface Bucket extends Rate {
  tokens: number;
  at: number;
}

/** All that the workers agree on about one connection; kept in PostgreSQL, changed by `visit` alone. */
export interface Standing {
  /** Requests under way at most, all workers together. */
  concurrency: number;
  /** By worker. */
  shares: Record<string, Share>;
  /** By operation; the connection's own under "". */
  buckets: Record<string, Bucket>;
  /** The target asked to be left alone until then. */
  closedUntil: number;
  breaker: Breaker;
}
