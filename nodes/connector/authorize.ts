// Not for the browser: uses node:crypto.
import { createHmac, randomBytes } from "node:crypto";
import OAuth from "oauth-1.0a";
import type { Connector, ConnectorAuth } from "#schemas/connector.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

export interface RequestToAuthorize {
  method: string;
  /** The full address, query included. */
  url: string;
}

type OAuth1 = Extract<ConnectorAuth, { type: "oauth1" }>;

/** One-legged OAuth 1.0a with HMAC-SHA256, as NetSuite's token-based authentication takes it (RFC 5849). */
function oauth1Header(auth: OAuth1, context: ConnectionContext, { method, url }: RequestToAuthorize): string {
  const oauth = new OAuth({
    consumer: { key: fillIn(auth.consumerKey, context), secret: fillIn(auth.consumerSecret, context) },
    signature_method: auth.signature,
    ...(auth.realm === undefined ? {} : { realm: fillIn(auth.realm, context) }),
    hash_function: (base, key) => createHmac("sha256", key).update(base).digest("base64"),
  });
  // The library's own nonce comes from Math.random.
  oauth.getNonce = () => randomBytes(16).toString("hex");
  const token = { key: fillIn(auth.token, context), secret: fillIn(auth.tokenSecret, context) };
  return oauth.toHeader(oauth.authorize({ method, url, data: {} }, token)).Authorization;
}

/**
 * The headers that prove who sends a request, made anew for each attempt. Throws a sentence when the connection lacks a
 * config value or secret. Never log what this gives.
 */
export function authorize(connector: Connector, context: ConnectionContext, request: RequestToAuthorize): Record<string, string> {
  const { auth } = connector;
  switch (auth.type) {
    case "none":
      return {};
    case "apiKey":
      return { [auth.header]: fillIn(auth.value, context) };
    case "bearer":
      return { authorization: `Bearer ${fillIn(auth.token, context)}` };
    case "basic": {
      const pair = `${fillIn(auth.username, context)}:${fillIn(auth.password, context)}`;
      return { authorization: `Basic ${Buffer.from(pair, "utf8").toString("base64")}` };
    }
    case "oauth1":
      return { authorization: oauth1Header(auth, context, request) };
  }
}
