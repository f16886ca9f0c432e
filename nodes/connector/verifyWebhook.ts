// Not for the browser: uses node:crypto.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookVerification } from "#schemas/connector.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

export type Verified = { ok: true } | { ok: false; reason: string };

/**
 * Whether a webhook comes from who it says: the signature is computed over the raw bytes and compared in constant time.
 * Header names in lower case. Throws a sentence when the connection lacks the secret.
 */
export function verifyWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  headers: Readonly<Record<string, string | undefined>>,
  rawBody: Uint8Array,
): Verified {
  if (verification.type === "none") return { ok: true };
  const { header, prefix = "", encoding } = verification;
  const given = headers[header.toLowerCase()];
  if (given === undefined || given === "") return { ok: false, reason: `The header ${header} with the signature is missing.` };
  const wrong: Verified = {
    ok: false,
    reason: `The signature in the header ${header} does not fit the body and the connection's secret.`,
  };
  if (!given.startsWith(prefix)) return wrong;
  const expected = signatureOf(verification, context, rawBody);
  const signature = given.slice(prefix.length).trim();
  // Compared as text, so that no second spelling of the same bytes passes; hex is written in either case.
  const found = Buffer.from(encoding === "hex" ? signature.toLowerCase() : signature);
  const wanted = Buffer.from(expected);
  return found.length === wanted.length && timingSafeEqual(found, wanted) ? { ok: true } : wrong;
}

type Hmac = Extract<WebhookVerification, { type: "hmac" }>;

const signatureOf = ({ algorithm, encoding, secret }: Hmac, context: ConnectionContext, rawBody: Uint8Array): string =>
  createHmac(algorithm, fillIn(secret, context)).update(rawBody).digest(encoding);

/** The headers with which a sender signs a body, so that samples can be sent the way the real system sends. */
export function signWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  rawBody: Uint8Array,
): Record<string, string> {
  if (verification.type === "none") return {};
  return { [verification.header.toLowerCase()]: `${verification.prefix ?? ""}${signatureOf(verification, context, rawBody)}` };
}
