// Not for the browser: reads private keys.
import type { OAuth2 } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { type ConnectionContext, fillIn, fillInAll, tokenUrl } from "../connection.ts";
import { signAssertion } from "./assertion.ts";
import type { Credential, CredentialRequest, Obtainable } from "./credential.ts";
import { readCredential } from "./readCredential.ts";

/** Two clocks may differ, and a request may be on its way for a while. */
const EARLY_S = 60;

const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What a token endpoint calls each grant. */
const grantTypes = { refreshToken: "refresh_token", clientCredentials: "client_credentials", jwtBearer: JWT_BEARER } as const;

const lacking = (connector: Connector, name: string): Error => new Error(`The auth of ${connector.title} has no "${name}".`);

/** Id and secret are form-encoded before they become one text (RFC 6749, 2.3.1). */
const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** A token by OAuth 2.0 (RFC 6749), from a refresh token, the client's own credentials or a signed assertion. */
export function oauth2Credential(connector: Connector, auth: OAuth2, context: ConnectionContext): Obtainable {
  const configured = auth.refreshToken === undefined ? "" : fillIn(auth.refreshToken, context);
  return {
    kind: "oauth2",
    refreshOf: configured === "" ? "" : sha256Hex(configured),
    renewOn: auth.renewOn ?? [{ status: [401] }],
    request: (standing) => tokenRequest(connector, auth, context, standing.refreshToken ?? configured),
    read: (answer, askedAt, evaluate) =>
      readCredential(
        {
          system: connector.title,
          token: auth.token ?? "body.access_token",
          expiresIn: auth.expiresIn ?? "body.expires_in",
          lifetimeS: auth.lifetimeSeconds,
          earlyS: auth.earlySeconds ?? EARLY_S,
          ...(auth.grant === "refreshToken" ? { refreshToken: "body.refresh_token" } : {}),
        },
        answer,
        context,
        askedAt,
        evaluate,
      ),
  };
}

async function tokenRequest(
  connector: Connector,
  auth: OAuth2,
  context: ConnectionContext,
  refreshToken: NonNullable<Credential["refreshToken"]>,
): Promise<CredentialRequest> {
  const url = tokenUrl(connector, auth, context);
  const known = { ...context, tokenUrl: url };
  const assertion = auth.assertion && (await signAssertion(auth.assertion, known, new Date()));
  const client = clientProof(connector, auth, context, assertion);
  const fields: Record<string, string> = {
    grant_type: grantTypes[auth.grant],
    ...grantFields(connector, auth, refreshToken, assertion),
    ...(auth.scope === undefined ? {} : { scope: fillIn(auth.scope, context) }),
    ...client.fields,
    ...fillInAll(auth.params, context),
  };
  const json = auth.body === "json";
  return {
    method: "POST",
    url,
    headers: {
      accept: "application/json",
      "content-type": json ? "application/json" : "application/x-www-form-urlencoded",
      ...client.headers,
      ...fillInAll(auth.headers, context),
    },
    body: json ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
    hidden: [...Object.values(client.headers), refreshToken, assertion ?? ""],
  };
}

function grantFields(
  connector: Connector,
  { grant }: OAuth2,
  refreshToken: string,
  assertion: string | undefined,
): Record<string, string> {
  if (grant === "clientCredentials") return {};
  if (grant === "refreshToken") {
    if (refreshToken === "") throw lacking(connector, "refreshToken");
    return { refresh_token: refreshToken };
  }
  if (assertion === undefined) throw lacking(connector, "assertion");
  return { assertion };
}

function clientProof(
  connector: Connector,
  auth: OAuth2,
  context: ConnectionContext,
  assertion: string | undefined,
): { headers: Record<string, string>; fields: Record<string, string> } {
  const id = auth.clientId === undefined ? undefined : fillIn(auth.clientId, context);
  const secret = auth.clientSecret === undefined ? undefined : fillIn(auth.clientSecret, context);
  const idField = id === undefined ? {} : { client_id: id };
  switch (auth.clientAuth) {
    case "none":
      return { headers: {}, fields: idField };
    case "assertion":
      if (assertion === undefined) throw lacking(connector, "assertion");
      return { headers: {}, fields: { ...idField, client_assertion_type: CLIENT_ASSERTION, client_assertion: assertion } };
    case "body":
      if (id === undefined || secret === undefined) throw lacking(connector, id === undefined ? "clientId" : "clientSecret");
      return { headers: {}, fields: { ...idField, client_secret: secret } };
    case "basic": {
      if (id === undefined || secret === undefined) throw lacking(connector, id === undefined ? "clientId" : "clientSecret");
      const pair = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`, "utf8").toString("base64");
      return { headers: { authorization: `Basic ${pair}` }, fields: {} };
    }
  }
}
