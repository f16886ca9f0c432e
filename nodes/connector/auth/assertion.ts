// Not for the browser: reads private keys.
import { randomUUID } from "node:crypto";
import type { Assertion } from "#schemas/auth.ts";
import { fillIn } from "../connection.ts";

/** An assertion is used at once; so long it may be on its way, and two clocks apart. */
const LIFETIME_S = 300;

/** A signed JSON Web Token that stands for a password at a token endpoint (RFC 7523). Throws a sentence. */
export async function signAssertion(assertion: Assertion, context: object, now: Date): Promise<string> {
  // Loaded by those who need it: most processes never sign one.
  const { importPKCS8, SignJWT } = await import("jose");
  const pem = fillIn(assertion.key, context);
  const key = await importPKCS8(pem, assertion.algorithm).catch(() => {
    // The library's message may hold a piece of the key.
    throw new Error(`The connection's private key is no PEM text (PKCS #8) of a key for ${assertion.algorithm}.`);
  });
  const issuedAt = Math.floor(now.getTime() / 1000);
  const claims = Object.entries(assertion.claims).map(([name, value]) => [
    name,
    typeof value === "string" ? fillIn(value, context) : value.map((each) => fillIn(each, context)),
  ]);
  return new SignJWT(Object.fromEntries(claims))
    .setProtectedHeader({
      alg: assertion.algorithm,
      typ: "JWT",
      ...(assertion.keyId === undefined ? {} : { kid: fillIn(assertion.keyId, context) }),
    })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + (assertion.lifetimeSeconds ?? LIFETIME_S))
    .setJti(randomUUID())
    .sign(key);
}
