import type { Place } from "#schemas/auth.ts";
import { type ConnectionContext, fillInAll } from "../connection.ts";

/** What proves who sends a request. Never log it. */
export interface Proof {
  headers: Record<string, string>;
  query: Record<string, string>;
  /** What stands before the path of the request, below the base URL. */
  path?: string;
}

/** What differs in each request. */
export interface Moment {
  now: Date;
  uuid: string;
}

/** The moment as templates and expressions see it. */
export const momentNames = ({ now, uuid }: Moment) => ({
  uuid,
  now: now.toISOString(),
  timestamp: Math.floor(now.getTime() / 1000),
  timestampMs: now.getTime(),
});

export const noProof: Proof = { headers: {}, query: {} };

export const headerProof = (headers: Record<string, string>): Proof => ({ headers, query: {} });

/** Fills in where a proof goes; `found` is what the kind of auth adds, such as `token`. */
export function placed(place: Place, context: ConnectionContext, moment: Moment, found: Readonly<Record<string, string>>): Proof {
  const known = { ...context, ...momentNames(moment), ...found };
  return { headers: fillInAll(place.headers, known), query: fillInAll(place.query, known) };
}

/** Where an access token goes unless the connector says otherwise (RFC 6750). */
export const bearerPlace: Place = { headers: { authorization: "Bearer {{ token }}" } };
