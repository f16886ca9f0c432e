// Not for the browser: uses node:crypto.
import { createHmac, randomBytes } from "node:crypto";
import OAuth from "oauth-1.0a";
import type { ConnectorAuth } from "#schemas/auth.ts";
import { type ConnectionContext, fillIn } from "../connection.ts";

type OAuth1 = Extract<ConnectorAuth, { type: "oauth1" }>;

/**
 * A request as the library signs it rightly: it reads an address without taking `+` for a space, as RFC 5849 (3.4.1.3.1)
 * does, so what stands behind the `?` is given decoded.
 */
export function oauth1Request({ method, url }: { method: string; url: string }): OAuth.RequestOptions {
  const { origin, pathname, searchParams } = new URL(url);
  const data = Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
  return { method, url: origin + pathname, data };
}

/** One-legged OAuth 1.0a with HMAC-SHA256, as NetSuite's token-based authentication takes it (RFC 5849). */
export function oauth1Header(auth: OAuth1, context: ConnectionContext, request: { method: string; url: string }): string {
  const oauth = new OAuth({
    consumer: { key: fillIn(auth.consumerKey, context), secret: fillIn(auth.consumerSecret, context) },
    signature_method: auth.signature,
    ...(auth.realm === undefined ? {} : { realm: fillIn(auth.realm, context) }),
    hash_function: (base, key) => createHmac("sha256", key).update(base).digest("base64"),
  });
  // The library's own nonce comes from Math.random.
  oauth.getNonce = () => randomBytes(16).toString("hex");
  const token = { key: fillIn(auth.token, context), secret: fillIn(auth.tokenSecret, context) };
  return oauth.toHeader(oauth.authorize(oauth1Request(request), token)).Authorization;
}
