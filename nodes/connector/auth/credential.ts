import type { RenewOn } from "#schemas/auth.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { plainPathTemplate } from "../../expression/template.ts";
import type { ConnectionContext } from "../connection.ts";
import type { Evaluate } from "./means.ts";

/** What a system gave so that requests are let in for a while. Kept sealed, shared by all workers, never shown. */
export interface Credential {
  token: string;
  /** A `Cookie` header that belongs to it; "" for none. */
  cookies: string;
  /** Milliseconds of the epoch after which it is no longer used. */
  goodUntil: number;
  /** A refresh token that the system gave in the place of the one it took. */
  refreshToken?: string | undefined;
}

/** A request for a credential, whole. */
export interface CredentialRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  /** Texts in it that nobody may see. */
  hidden: string[];
}

/** Its answer. */
export interface CredentialAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` headers. */
  setCookies: readonly string[];
  body: string;
}

export type CredentialRead =
  | { ok: true; credential: Credential }
  | { ok: false; class: OutcomeClass; reason: Reason; retryAfterMs?: number };

/** Something that must be asked for before requests are sent, by a kind of auth or against forged requests. */
export interface Obtainable {
  kind: "oauth2" | `oauth2 ${string}` | "session" | "csrf" | `restricted ${string}`;
  /** A hash of the refresh token that the connection holds; "" for none. One that the system rotated stands as long. */
  refreshOf: string;
  renewOn: RenewOn;
  /** Throws a sentence when the connection lacks something. */
  request(standing: Pick<Credential, "refreshToken">): Promise<CredentialRequest>;
  /** `askedAt`: milliseconds of the epoch. */
  read(answer: CredentialAnswer, askedAt: number, evaluate: Evaluate): Promise<CredentialRead>;
}

/** Every text in a value. */
const textsOf = (value: unknown): string[] =>
  typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];

function pathsOf(text: string): string[] {
  try {
    return plainPathTemplate(text).paths;
  } catch {
    // An expression: it is over an answer.
    return [];
  }
}

const follow = (context: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], context);

/**
 * Tells whether a credential was given for what a connection holds today: a hash over the settings and secrets that its
 * auth reads. To be kept sealed, for a password may be guessed from it.
 */
export function credentialFingerprint({ auth, csrf, baseUrl }: Connector, context: ConnectionContext): string {
  const texts = [...textsOf([auth, csrf, baseUrl]), "{{ config.server }}{{ config.baseUrl }}"];
  const paths = [...new Set(texts.flatMap(pathsOf))].filter((path) => /^(config|secrets)\./.test(path)).sort();
  return sha256Hex(canonicalJson(paths.map((path) => [path, follow(context, path) ?? null])));
}
