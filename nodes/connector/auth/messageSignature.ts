// Not for the browser: uses node:crypto.
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { createSigner, httpbis } from "http-message-signatures";
import type { MessageSignature } from "#schemas/auth.ts";
import { plainPathTemplate } from "../../expression/template.ts";
import { type ConnectionContext, fillIn, fillInAll } from "../connection.ts";
import type { RequestToAuthorize } from "./means.ts";

/** The component that stands for the body; a request without one has none. */
export const CONTENT_DIGEST = "content-digest";

/** Whether the connection has anything to sign with: a system may ask some of its customers only. */
export const isSigning = ({ key, headers = {} }: MessageSignature, context: ConnectionContext): boolean =>
  [key, ...Object.values(headers)].some((template) => {
    const filled = plainPathTemplate(template);
    return filled.paths.length > 0 && filled(context) !== "";
  });

/**
 * The headers that sign a request (RFC 9421) over what the connector names, and over its body by a digest (RFC 9530); none
 * where the connection has no key. Throws a sentence when the connection lacks a part of it, or the key cannot be read.
 */
export async function messageSignature(
  signing: MessageSignature,
  context: ConnectionContext,
  { method, url, headers, body }: RequestToAuthorize,
  now: Date,
): Promise<Record<string, string>> {
  if (!isSigning(signing, context)) return {};
  const key = privateKeyOf(signing, context);
  const keyid = signing.keyId === undefined ? undefined : fillIn(signing.keyId, context);
  const beside = {
    ...fillInAll(signing.headers, context),
    ...(body === null ? {} : { [CONTENT_DIGEST]: digestOf(signing, body) }),
  };
  const message = { method, url, headers: { ...headers, ...beside } };
  const signed = await httpbis.signMessage(
    {
      key: createSigner(key, algorithmOf(key)),
      name: signing.label ?? "sig1",
      fields: componentsOf(signing, body),
      params: keyid === undefined ? ["created"] : ["created", "keyid"],
      paramValues: { created: now, ...(keyid === undefined ? {} : { keyid }) },
    },
    message,
  );
  const made = new Set(["signature", "signature-input"]);
  const proof = Object.entries(signed.headers).filter(([name]) => made.has(name.toLowerCase()));
  return { ...beside, ...Object.fromEntries(proof.map(([name, value]) => [name.toLowerCase(), String(value)])) };
}

/** What is signed of a request with this body. */
export const componentsOf = ({ components }: MessageSignature, body: string | null): string[] =>
  components.filter((name) => name !== CONTENT_DIGEST || body !== null);

/** The digest of a body as its header has it. */
export function digestOf({ digest = "sha-256" }: MessageSignature, body: string): string {
  const hash = createHash(digest.replace("-", "")).update(body, "utf8").digest("base64");
  return `${digest}=:${hash}:`;
}

/** The private key of a connection: PEM, or what stands between its lines, as systems give it. */
export function privateKeyOf({ key }: MessageSignature, context: ConnectionContext): KeyObject {
  const text = fillIn(key, context).trim();
  try {
    if (text.startsWith("-----")) return createPrivateKey(text);
    return createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" });
  } catch {
    throw new Error("The private key that signs requests cannot be read; enter it as PEM (PKCS #8), or its base64 alone.");
  }
}

/** How a key signs, by its kind. RSA-PSS is none of them: the library's salt is longer than the RFC has it. */
export function algorithmOf({ asymmetricKeyType: kind, asymmetricKeyDetails: details }: KeyObject): string {
  if (kind === "ed25519") return kind;
  if (kind === "rsa") return "rsa-v1_5-sha256";
  if (kind === "ec" && details?.namedCurve === "prime256v1") return "ecdsa-p256-sha256";
  if (kind === "ec" && details?.namedCurve === "secp384r1") return "ecdsa-p384-sha384";
  throw new Error("Requests are signed with a key of Ed25519, RSA, P-256 or P-384; the private key is of another kind.");
}
