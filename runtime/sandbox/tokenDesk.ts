import { createPublicKey, randomUUID } from "node:crypto";
import { bearerPlace } from "#nodes/connector/auth/place.ts";
import { fillIn, fillInAddress } from "#nodes/connector/connection.ts";
import type { OAuth2, Place } from "#schemas/auth.ts";
import type { AuthorizationCheck, Credentials, SignedRequest } from "./authorization.ts";
import type { SimulatedAnswer, SimulatedRequest } from "./simulator.ts";

/** How long a token of the sandbox lives where its connector does not say. */
const LIFETIME_S = 900;

/** Where a simulated system gives tokens or sessions, and what it gave. */
export interface Desk {
  /** Answers a request for one; undefined for any other. `route` gives what the system itself answers. */
  answer(request: SimulatedRequest, route: () => Promise<SimulatedAnswer>): Promise<SimulatedAnswer | undefined>;
  check: AuthorizationCheck;
  /** Lets in who shows a token that the system itself gave, such as one for data about persons. */
  admit?(token: string, seconds: number): void;
}

/** A token endpoint. */
export function oauth2Desk(
  name: string,
  auth: OAuth2,
  credentials: Credentials,
  { now, tokenSeconds = LIFETIME_S }: { now: () => number; tokenSeconds?: number | undefined },
): Desk {
  const own = credentials.config.tokenUrl;
  const address = typeof own === "string" ? own : fillInAddress(auth.tokenUrl, credentials);
  const path = address.startsWith("/") ? address : new URL(address).pathname.replace(`/${name}/`, "/");
  const issued = new Map<string, number>();
  return {
    async answer(request) {
      if (request.method !== "POST" || request.path !== path) return undefined;
      const denied = await refusal(auth, credentials, request);
      if (denied !== undefined) return answered(denied === "invalid_client" ? 401 : 400, { error: denied });
      const token = `sandbox-${randomUUID()}`;
      issued.set(token, now() + tokenSeconds * 1000);
      return answered(200, { access_token: token, token_type: "Bearer", expires_in: tokenSeconds });
    },
    admit(token, seconds) {
      issued.set(token, now() + seconds * 1000);
    },
    check(request) {
      const until = issued.get(tokenIn(auth.place ?? bearerPlace, request) ?? "");
      return until !== undefined && until > now() ? undefined : "The access token is unknown or has expired.";
    },
  };
}

const answered = (status: number, body: unknown): SimulatedAnswer => ({ status, headers: {}, body, applied: false });

function fieldsOf({ body, headers }: SimulatedRequest): Record<string, unknown> {
  if (headers["content-type"]?.includes("json")) return JSON.parse(body) as Record<string, unknown>;
  return Object.fromEntries(new URLSearchParams(body));
}

/** OAuth's code for what is wrong with a request for a token (RFC 6749, 5.2). */
async function refusal(auth: OAuth2, credentials: Credentials, request: SimulatedRequest): Promise<string | undefined> {
  const fields = fieldsOf(request);
  const fill = (template: string | undefined): string => (template === undefined ? "" : fillIn(template, credentials));
  if (auth.clientAuth === "basic") {
    const pair = Buffer.from(request.headers.authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
    // Both are form-encoded (RFC 6749, 2.3.1).
    const [id, secret] = pair.split(":").map((part) => new URLSearchParams(`_=${part}`).get("_"));
    if (id !== fill(auth.clientId) || secret !== fill(auth.clientSecret)) return "invalid_client";
  }
  if (
    auth.clientAuth === "body" &&
    (fields.client_id !== fill(auth.clientId) || fields.client_secret !== fill(auth.clientSecret))
  )
    return "invalid_client";
  const assertion = auth.grant === "jwtBearer" ? fields.assertion : fields.client_assertion;
  if (auth.assertion && !(await isSigned(String(assertion), fill(auth.assertion.key)))) return "invalid_grant";
  if (auth.grant === "refreshToken" && fields.refresh_token !== fill(auth.refreshToken)) return "invalid_grant";
  return undefined;
}

async function isSigned(token: string, privateKey: string): Promise<boolean> {
  const { jwtVerify } = await import("jose");
  return jwtVerify(token, createPublicKey(privateKey)).then(
    () => true,
    () => false,
  );
}

/** The token where the connector puts it. */
export function tokenIn(place: Place, { headers, query }: SignedRequest): string | undefined {
  const given = [
    ...Object.entries(place.headers ?? {}).map(([name, template]) => [template, headers[name.toLowerCase()]] as const),
    ...Object.entries(place.query ?? {}).map(([name, template]) => [template, query[name]] as const),
  ];
  for (const [template, value] of given) {
    const [before, after] = template.split(/\{\{\s*token\s*\}\}/);
    if (before === undefined || after === undefined || value === undefined) continue;
    if (value.startsWith(before) && value.endsWith(after)) return value.slice(before.length, value.length - after.length);
  }
  return undefined;
}
