import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import OAuth from "oauth-1.0a";
import { oauth1Request } from "#nodes/connector/auth/oauth1.ts";
import { plainPathTemplate } from "#nodes/expression/template.ts";
import type { ConnectorAuth } from "#schemas/auth.ts";
import { signatureRefusal } from "./signatures.ts";

/** What a connection of the sandbox knows: config and secrets, both sides of every handshake. */
export interface Credentials {
  config: Record<string, unknown>;
  secrets: Record<string, string>;
}

export interface SignedRequest {
  method: string;
  /** The whole address as the caller wrote it, query included. */
  url: string;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  query: Record<string, string>;
  body: string;
}

/** Why the system does not let a request in; `undefined` when it does. */
export type AuthorizationCheck = (request: SignedRequest) => string | undefined | Promise<string | undefined>;

type OAuth1 = Extract<ConnectorAuth, { type: "oauth1" }>;

/** How far a request's time may be off, as with NetSuite. */
const CLOCK_SKEW_S = 300;
const KEPT_NONCES = 20_000;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const equal = (a: string | undefined, b: string): boolean => a !== undefined && timingSafeEqual(digest(a), digest(b));

const expectHeader =
  (header: string, value: string, refusal: string): AuthorizationCheck =>
  ({ headers }) =>
    equal(headers[header.toLowerCase()], value) ? undefined : refusal;

/** The parameters of an `Authorization: OAuth ...` header; values are percent-encoded there. */
function oauthParameters(header: string | undefined): Record<string, string> | undefined {
  if (!header?.startsWith("OAuth ")) return undefined;
  return Object.fromEntries(
    [...header.slice(6).matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, decodeURIComponent(value)]),
  );
}

function oauth1Check(auth: OAuth1, fill: (template: string) => string): AuthorizationCheck {
  const [key, secret, token, tokenSecret] = [auth.consumerKey, auth.consumerSecret, auth.token, auth.tokenSecret].map(fill);
  const realm = auth.realm === undefined ? undefined : fill(auth.realm);
  const oauth = new OAuth({
    consumer: { key: key ?? "", secret: secret ?? "" },
    signature_method: "HMAC-SHA256",
    hash_function: (base, signingKey) => createHmac("sha256", signingKey).update(base).digest("base64"),
  });
  const nonces = new Set<string>();
  return ({ method, url, headers }) => {
    const given = oauthParameters(headers.authorization);
    if (!given) return "The Authorization header holds no OAuth parameters.";
    const { oauth_signature: signature, realm: givenRealm, ...data } = given;
    if (realm !== undefined && givenRealm !== realm) return "The realm is not this account.";
    if (!equal(data.oauth_consumer_key, key ?? "") || !equal(data.oauth_token, token ?? ""))
      return "Consumer key or token is unknown.";
    if (data.oauth_signature_method !== "HMAC-SHA256") return "The signature method is not HMAC-SHA256.";
    const age = Math.abs(Date.now() / 1000 - Number(data.oauth_timestamp));
    if (!(age <= CLOCK_SKEW_S)) return "The timestamp is too far from this system's clock.";
    // Its type asks for parameters that a request may leave out; the signature is over those that came.
    const expected = oauth.getSignature(oauth1Request({ method, url }), tokenSecret, data as unknown as OAuth.Data);
    if (!equal(signature, expected)) return "The signature is wrong.";
    const nonce = `${data.oauth_timestamp}/${data.oauth_nonce}`;
    if (nonces.has(nonce)) return "The nonce was used before.";
    if (nonces.size >= KEPT_NONCES) nonces.clear();
    nonces.add(nonce);
    return undefined;
  };
}

/** How the system behind a connector checks who calls, from the connector's own auth part; tokens have a desk of their own. */
export function authorizationCheck(auth: ConnectorAuth, credentials: Credentials): AuthorizationCheck {
  const fill = (template: string): string => plainPathTemplate(template)(credentials);
  switch (auth.type) {
    case "none":
      return () => undefined;
    case "apiKey":
      return auth.query === undefined
        ? expectHeader(auth.header ?? "authorization", fill(auth.value), `The header ${auth.header} holds no known key.`)
        : ({ query }) => (equal(query[auth.query ?? ""], fill(auth.value)) ? undefined : "The address holds no known key.");
    case "path":
      // The simulator knows the address by heart: what follows it is its route.
      return () => undefined;
    case "bearer":
      return expectHeader("authorization", `Bearer ${fill(auth.token)}`, "The bearer token is invalid or has expired.");
    case "basic": {
      const pair = Buffer.from(`${fill(auth.username)}:${fill(auth.password)}`).toString("base64");
      return expectHeader("authorization", `Basic ${pair}`, "User name or password is wrong.");
    }
    case "oauth1":
      return oauth1Check(auth, fill);
    case "hmac":
    case "awsSigV4":
      return (request) => signatureRefusal(auth, credentials, request);
    case "oauth2":
    case "session":
      throw new Error(`The auth "${auth.type}" has a desk of its own.`);
  }
}
