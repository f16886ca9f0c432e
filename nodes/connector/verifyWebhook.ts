// Not for the browser: uses node:crypto.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

export type Verified = { ok: true } | { ok: false; reason: string };

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Whether a request comes from who it says: by a signature computed over the raw bytes, or by a key, compared in constant
 * time. Header names in lower case. Throws a sentence when the connection lacks the secret.
 */
export function verifyWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  headers: Headers,
  rawBody: Uint8Array,
): Verified {
  if (verification.type === "none") return { ok: true };
  const { header, prefix = "" } = verification;
  const [missing, wrong] =
    verification.type === "hmac"
      ? [
          `The header ${header} with the signature is missing.`,
          `The signature in the header ${header} does not fit the body and the connection's secret.`,
        ]
      : [`The header ${header} with the key is missing.`, `The key in the header ${header} is not the connection's.`];
  const given = headers[header.toLowerCase()];
  if (given === undefined || given === "") return { ok: false, reason: missing };
  if (!given.startsWith(prefix)) return { ok: false, reason: wrong };
  const proof = given.slice(prefix.length).trim();
  const fits =
    verification.type === "hmac" ? isSignature(verification, context, proof, rawBody) : isKey(verification, context, proof);
  return fits ? { ok: true } : { ok: false, reason: wrong };
}

type Hmac = Extract<WebhookVerification, { type: "hmac" }>;
type ApiKey = Extract<WebhookVerification, { type: "apiKey" }>;

/** Compared as text, so that no second spelling of the same bytes passes; hex is written in either case. */
function isSignature(verification: Hmac, context: ConnectionContext, proof: string, rawBody: Uint8Array): boolean {
  const found = Buffer.from(verification.encoding === "hex" ? proof.toLowerCase() : proof);
  const wanted = Buffer.from(signatureOf(verification, context, rawBody));
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Digests have one length, so that not even that of the key shows. */
const isKey = ({ secret }: ApiKey, context: ConnectionContext, proof: string): boolean =>
  timingSafeEqual(digest(proof), digest(fillIn(secret, context)));

const signatureOf = ({ algorithm, encoding, secret }: Hmac, context: ConnectionContext, rawBody: Uint8Array): string =>
  createHmac(algorithm, fillIn(secret, context)).update(rawBody).digest(encoding);

/** The headers with which a sender proves who it is, so that samples can be sent the way the real system sends. */
export function signWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  rawBody: Uint8Array,
): Record<string, string> {
  if (verification.type === "none") return {};
  const proof = verification.type === "hmac" ? signatureOf(verification, context, rawBody) : fillIn(verification.secret, context);
  return { [verification.header.toLowerCase()]: `${verification.prefix ?? ""}${proof}` };
}
