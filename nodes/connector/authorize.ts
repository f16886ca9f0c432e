// Not for the browser: uses node:crypto.
import type { Place } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { awsProof } from "./auth/awsSignature.ts";
import { hmacProof } from "./auth/hmac.ts";
import type { Evaluate, RequestToAuthorize } from "./auth/means.ts";
import { oauth1Header } from "./auth/oauth1.ts";
import { bearerPlace, headerProof, type Moment, noProof, type Proof, placed } from "./auth/place.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

/** What a proof is made with besides connection and request. */
export interface Means {
  moment: Moment;
  evaluate: Evaluate;
  /** The token that was obtained, for the kinds of auth that need one. */
  token?: string | undefined;
}

function tokenProof(place: Place, context: ConnectionContext, { moment, token }: Means): Proof {
  if (token === undefined) throw new Error("No token was obtained.");
  return placed(place, context, moment, { token });
}

/**
 * What proves who sends a request, made anew for each attempt, at the moment of sending only. Throws a sentence when the
 * connection lacks a config value or secret. Never log what this gives.
 */
export async function authorize(
  connector: Connector,
  context: ConnectionContext,
  request: RequestToAuthorize,
  means: Means,
): Promise<Proof> {
  const { auth } = connector;
  switch (auth.type) {
    case "none":
      return noProof;
    case "apiKey": {
      const value = fillIn(auth.value, context);
      return auth.query === undefined
        ? headerProof({ [auth.header ?? "authorization"]: value })
        : { headers: {}, query: { [auth.query]: value } };
    }
    case "path":
      return { ...noProof, path: fillIn(auth.value, context) };
    case "bearer":
      return headerProof({ authorization: `Bearer ${fillIn(auth.token, context)}` });
    case "basic": {
      const pair = `${fillIn(auth.username, context)}:${fillIn(auth.password, context)}`;
      return headerProof({ authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` });
    }
    case "oauth1":
      return headerProof({ authorization: oauth1Header(auth, context, request) });
    case "hmac":
      return hmacProof(auth, context, request, means.moment, means.evaluate);
    case "awsSigV4":
      return awsProof(auth, context, request, means.moment);
    case "oauth2":
      return tokenProof(auth.place ?? bearerPlace, context, means);
    case "session":
      return tokenProof(auth.place, context, means);
  }
}
