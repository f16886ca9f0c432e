// Not for the browser: uses node:crypto.
import { createHash, createHmac, timingSafeEqual, verify } from "node:crypto";
import type { Challenge, WebhookVerification } from "#schemas/sourceOperation.ts";
import { plainPathTemplate } from "../expression/template.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

/** `signature…` where a request is signed, `key…` where it carries a key; `stale`: it was signed too long ago, or lies ahead. */
export type VerificationFailure = "signatureMissing" | "signatureWrong" | "signatureStale" | "keyMissing" | "keyWrong";

export type Verified = { ok: true } | { ok: false; why: VerificationFailure; header: string };

type Headers = Readonly<Record<string, string | undefined>>;
type Hmac = Extract<WebhookVerification, { type: "hmac" }>;
type ByPublicKey = Extract<WebhookVerification, { type: "publicKey" }>;
type Key = Extract<WebhookVerification, { type: "apiKey" | "basic" }>;

/** Gives a public key of the sender by its id, PEM; undefined where it has none of that id. */
export type PublicKeys = (keyId: string) => Promise<string | undefined>;

/** What of a request a signature by a key pair is read from: undefined where the header is not as the sender writes it. */
function signatureIn({ keyId, signature }: ByPublicKey, value: string): { keyId: string; signature: string } | undefined {
  try {
    const given: unknown = JSON.parse(Buffer.from(value, "base64").toString("utf8"));
    const read = { keyId: plainPathTemplate(keyId)(given), signature: plainPathTemplate(signature)(given) };
    // It becomes part of an address.
    return /^[\w-]{1,100}$/.test(read.keyId) && read.signature !== "" ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Systems write a key on one line; its text form has its marks on lines of their own. */
const pemOf = (key: string): string =>
  key.replace(/\s*(-----BEGIN [A-Z ]+-----)\s*/, "$1\n").replace(/\s*(-----END [A-Z ]+-----)\s*/, "\n$1\n");

/** Whether a request was signed by the sender's own key pair, over the raw bytes. */
export async function verifyByPublicKey(
  verification: ByPublicKey,
  headers: Headers,
  rawBody: Uint8Array,
  keys: PublicKeys,
): Promise<Verified> {
  const { header, hash } = verification;
  const given = headers[header.toLowerCase()];
  if (given === undefined || given === "") return { ok: false, why: "signatureMissing", header };
  const wrong: Verified = { ok: false, why: "signatureWrong", header };
  const proof = signatureIn(verification, given);
  const key = proof && (await keys(proof.keyId));
  if (!proof || key === undefined) return wrong;
  try {
    return verify(hash, rawBody, pemOf(key), Buffer.from(proof.signature, "base64")) ? { ok: true } : wrong;
  } catch {
    return wrong;
  }
}

/** What is answered to a system that makes sure an address is ours. Throws a sentence when the connection lacks a secret. */
export function challengeAnswer(
  { answer, hash, encoding, signed }: Exclude<Challenge, { echo: true }>,
  context: ConnectionContext,
  known: { challenge: string; address: string },
): Record<string, string> {
  const text = fillIn(signed, { ...context, ...known });
  return { [answer]: createHash(hash).update(text, "utf8").digest(encoding) };
}

/**
 * Whether a request comes from who it says: by a signature computed over the raw bytes, or by a key, compared in constant
 * time. Header names in lower case; `now` in milliseconds of the epoch. Throws a sentence when the connection lacks the secret.
 */
export function verifyWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  headers: Headers,
  rawBody: Uint8Array,
  now = Date.now(),
): Verified {
  switch (verification.type) {
    case "none":
      return { ok: true };
    case "publicKey":
    case "token":
      throw new Error("A signature by a key pair is verified with the key, a token with what came besides the headers.");
    case "hmac":
      return verifySignature(verification, context, headers, rawBody, now);
    case "apiKey":
    case "basic":
      return verifyKey(verification, context, headers);
  }
}

/** The same where each of several secrets may be the one; nobody is let in where none is known. */
export function verifyByAny(
  verification: WebhookVerification,
  contexts: readonly ConnectionContext[],
  headers: Headers,
  rawBody: Uint8Array,
): Verified {
  const header = verification.type === "none" || verification.type === "token" ? "" : proofHeader(verification);
  let found: Verified = { ok: false, why: verification.type === "hmac" ? "signatureWrong" : "keyWrong", header };
  for (const context of contexts) {
    found = verifyWebhook(verification, context, headers, rawBody);
    // What is missing is missing for all; what was signed too long ago was signed with this one.
    if (found.ok || (found.why !== "signatureWrong" && found.why !== "keyWrong")) return found;
  }
  return found;
}

/** The header that carries the proof, whose value is nobody's business if it is a key. */
export const proofHeader = (verification: Exclude<WebhookVerification, { type: "none" | "token" }>): string =>
  verification.type === "basic" ? "authorization" : verification.header;

/** What stands behind the prefix, in each part of a header that has it. */
const partsOf = (value: string, prefix = "", separator?: string): string[] =>
  (separator === undefined ? [value] : value.split(separator))
    .map((part) => (separator === undefined ? part : part.trim()))
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length).trim());

function verifySignature(
  verification: Hmac,
  context: ConnectionContext,
  headers: Headers,
  rawBody: Uint8Array,
  now: number,
): Verified {
  const { header, prefix, separator } = verification;
  const refused = (why: VerificationFailure): Verified => ({ ok: false, why, header });
  const given = headers[header.toLowerCase()];
  if (given === undefined || given === "") return refused("signatureMissing");
  const timestamp = timestampOf(verification, headers);
  const wanted = Buffer.from(signatureOf(verification, context, { headers, rawBody, timestamp }));
  const fits = partsOf(given, prefix, separator).some((proof) => isSame(wanted, proof, verification.encoding));
  if (!fits) return refused("signatureWrong");
  // Asked last: what somebody else made up is wrong, whatever time it names.
  return isTimely(verification, timestamp, now) ? { ok: true } : refused("signatureStale");
}

/** Compared as text, so that no second spelling of the same bytes passes; hex is written in either case. */
function isSame(wanted: Buffer, proof: string, encoding: Hmac["encoding"]): boolean {
  const found = Buffer.from(encoding === "hex" ? proof.toLowerCase() : proof);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

function timestampOf({ header, separator, timestamp }: Hmac, headers: Headers): string {
  if (timestamp === undefined) return "";
  const own = timestamp.header === undefined || timestamp.header.toLowerCase() === header.toLowerCase();
  const value = headers[(timestamp.header ?? header).toLowerCase()] ?? "";
  return partsOf(value, timestamp.prefix, own ? separator : undefined)[0] ?? "";
}

function isTimely({ timestamp: declared }: Hmac, timestamp: string, now: number): boolean {
  if (declared === undefined) return true;
  if (!/^\d{1,16}$/.test(timestamp)) return false;
  const signedAt = Number(timestamp) * (declared.unit === "ms" ? 1 : 1000);
  return Math.abs(now - signedAt) <= declared.withinSeconds * 1000;
}

interface Signed {
  headers: Headers;
  rawBody: Uint8Array;
  timestamp: string;
}

/** In Latin-1 each byte is one character and the other way round, and so are headers given: nothing changes the bytes. */
function signedBytes({ signed }: Hmac, { headers, rawBody, timestamp }: Signed): Uint8Array {
  if (signed === undefined) return rawBody;
  const body = Buffer.from(rawBody).toString("latin1");
  return Buffer.from(plainPathTemplate(signed)({ headers, body, timestamp }), "latin1");
}

function secretBytes({ secret, secretEncoding = "text", secretPrefix = "" }: Hmac, context: ConnectionContext): Buffer {
  const text = fillIn(secret, context);
  const own = text.startsWith(secretPrefix) ? text.slice(secretPrefix.length) : text;
  return Buffer.from(own, secretEncoding === "text" ? "utf8" : secretEncoding);
}

const signatureOf = (verification: Hmac, context: ConnectionContext, signed: Signed): string =>
  createHmac(verification.algorithm, secretBytes(verification, context))
    .update(signedBytes(verification, signed))
    .digest(verification.encoding);

function verifyKey(verification: Key, context: ConnectionContext, headers: Headers): Verified {
  const header = proofHeader(verification);
  const given = headers[header.toLowerCase()];
  if (given === undefined || given === "") return { ok: false, why: "keyMissing", header };
  return isKey(given, keyText(verification, context)) ? { ok: true } : { ok: false, why: "keyWrong", header };
}

const keyText = (verification: Key, context: ConnectionContext): string => {
  if (verification.type === "apiKey") return `${verification.prefix ?? ""}${fillIn(verification.secret, context)}`;
  const pair = `${fillIn(verification.username, context)}:${fillIn(verification.password, context)}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
};

const digest = (text: string): Buffer => createHash("sha256").update(text.trim()).digest();

/** Digests have one length, so that not even that of the key shows. */
const isKey = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));

/** The headers with which a sender proves who it is, so that samples can be sent the way the real system sends. */
export function signWebhook(
  verification: WebhookVerification,
  context: ConnectionContext,
  rawBody: Uint8Array,
  { headers = {}, now = Date.now() }: { headers?: Headers; now?: number } = {},
): Record<string, string> {
  // Nobody but the sender has its private key; a token stands in no header.
  if (verification.type === "none" || verification.type === "publicKey" || verification.type === "token") return {};
  const header = proofHeader(verification).toLowerCase();
  if (verification.type !== "hmac") return { [header]: keyText(verification, context) };
  const { timestamp: declared, prefix = "", separator } = verification;
  const timestamp = declared === undefined ? "" : String(declared.unit === "ms" ? now : Math.floor(now / 1000));
  const stamped = `${declared?.prefix ?? ""}${timestamp}`;
  const apart = declared?.header === undefined ? {} : { [declared.header.toLowerCase()]: stamped };
  const proof = prefix + signatureOf(verification, context, { headers: { ...headers, ...apart }, rawBody, timestamp });
  const within = declared !== undefined && declared.header === undefined ? stamped + (separator ?? "") : "";
  return { ...apart, [header]: within + proof };
}
