import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { KEY_ID_BYTES, type KeyRing, type SecretKey } from "./keyRing.ts";

/** What the secrets that people enter are called where they are sealed. */
export const SECRETS_FIELD = "secrets";

/** Where a sealed text belongs. It is authenticated, so that one copied to another place does not open there. */
export interface SecretPlace {
  environment: string;
  /** The connection's id. */
  connection: string;
  /** What of it is sealed: `secrets`, or `token credential` and the like. */
  field: string;
}

/** Encrypts the secrets of connections with AES-256-GCM. A sealed text carries the id of its key, so that keys can be changed. */
export interface SecretBox {
  seal(plain: Record<string, string>, place: SecretPlace): Buffer;
  /** Throws a sentence when a sealed text belongs to a key that is not here or to another place, or was altered. */
  open(sealed: Buffer, place: SecretPlace): Record<string, string>;
  /** What everything begins with that is sealed with the key in use, as it is done now. */
  mark(): Buffer;
  /** Tells whether a secret is another than before, in the audit; it cannot be guessed by trying without the key. */
  fingerprint(secret: string): string;
  keys: KeyRing;
}

/** Of what is sealed now. Format 1 was not bound to the environment. */
const FORMAT = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
/** Enough that two secrets hardly ever have the same. */
const FINGERPRINT_DIGITS = 16;

const contextOf = (format: number, { environment, connection, field }: SecretPlace): string => {
  if (format === FORMAT) return JSON.stringify([environment, connection, field]);
  return field === SECRETS_FIELD ? `connection ${connection}` : `${field} of connection ${connection}`;
};

const markOf = ({ id }: SecretKey): Buffer => Buffer.concat([Buffer.from([FORMAT]), id]);

export function secretBox(keys: KeyRing): SecretBox {
  return {
    keys,
    seal(plain, place) {
      const key = keys.current();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce).setAAD(Buffer.from(contextOf(FORMAT, place)));
      const body = Buffer.concat([cipher.update(JSON.stringify(plain), "utf8"), cipher.final()]);
      return Buffer.concat([markOf(key), nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, place) {
      const key = keys.find(sealed.subarray(1, HEAD_BYTES));
      if (!key)
        throw new Error(
          `The ${place.field} of connection ${place.connection} were encrypted with another key. Put the old key back, or enter the secrets again.`,
        );
      try {
        return JSON.parse(decrypted(sealed, key, place)) as Record<string, string>;
      } catch (error) {
        throw new Error(
          `The ${place.field} of connection ${place.connection} in ${place.environment} were altered, or belong elsewhere. Enter them again.`,
          { cause: error },
        );
      }
    },
    mark: () => markOf(keys.current()),
    fingerprint(secret) {
      const mark = createHmac("sha256", keys.current().bytes).update("orderloom fingerprint").digest();
      return `fingerprint:${createHmac("sha256", mark).update(secret).digest("hex").slice(0, FINGERPRINT_DIGITS)}`;
    },
  };
}

function decrypted(sealed: Buffer, { bytes }: SecretKey, place: SecretPlace): string {
  const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const tag = sealed.subarray(HEAD_BYTES + NONCE_BYTES, HEAD_BYTES + NONCE_BYTES + TAG_BYTES);
  const context = Buffer.from(contextOf(sealed[0] ?? 0, place));
  // A shorter tag would be easier to guess.
  const decipher = createDecipheriv("aes-256-gcm", bytes, nonce, { authTagLength: TAG_BYTES }).setAAD(context).setAuthTag(tag);
  const body = Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return body.toString("utf8");
}
