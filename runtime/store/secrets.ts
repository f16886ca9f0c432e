import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Encrypts the secrets of connections with AES-256-GCM. A sealed text carries the id of its key, so that keys can be
 * changed; the context (which connection it belongs to) is authenticated, so that a row copied elsewhere does not open.
 */
export interface SecretBox {
  seal(plain: Record<string, string>, context: string): Buffer;
  open(sealed: Buffer, context: string): Record<string, string>;
  /** Tells whether a secret is another than before, in the audit; it cannot be guessed by trying without the key. */
  fingerprint(secret: string): string;
}

const FORMAT = 1;
const KEY_ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Enough that two secrets hardly ever have the same. */
const FINGERPRINT_DIGITS = 16;

/** The box for a key of 32 bytes. Throws a sentence when a sealed text belongs to another key or was altered. */
export function secretBox(key: Buffer): SecretBox {
  if (key.length !== 32) throw new Error("The secret key must have 32 bytes (64 hex digits).");
  const keyId = createHash("sha256").update("orderloom key id").update(key).digest().subarray(0, KEY_ID_BYTES);
  const markKey = createHmac("sha256", key).update("orderloom fingerprint").digest();
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(JSON.stringify(plain), "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.from([FORMAT]), keyId, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const head = 1 + KEY_ID_BYTES;
      if (sealed[0] !== FORMAT || !sealed.subarray(1, head).equals(keyId)) {
        throw new Error(
          `The secrets of ${context} were encrypted with another key. Put the old key back into ORDERLOOM_HOME or enter the secrets again.`,
        );
      }
      const nonce = sealed.subarray(head, head + NONCE_BYTES);
      const tag = sealed.subarray(head + NONCE_BYTES, head + NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
      const body = Buffer.concat([decipher.update(sealed.subarray(head + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(body.toString("utf8")) as Record<string, string>;
    },
    fingerprint: (secret) =>
      `fingerprint:${createHmac("sha256", markKey).update(secret).digest("hex").slice(0, FINGERPRINT_DIGITS)}`,
  };
}

/**
 * The installation's key: `ORDERLOOM_SECRET_KEY` (64 hex digits), or the file `secret.key` in the home folder, made on
 * first use and readable by its owner alone. Processes on several machines must share it.
 */
export function loadSecretKey(home: string, fromEnvironment: string | undefined = process.env.ORDERLOOM_SECRET_KEY): Buffer {
  if (fromEnvironment) return Buffer.from(fromEnvironment, "hex");
  const file = join(home, "secret.key");
  mkdirSync(home, { recursive: true });
  if (!existsSync(file)) {
    // Written aside and linked, so that a process that starts at the same moment never reads half a key.
    const made = `${file}.${process.pid}`;
    writeFileSync(made, randomBytes(32).toString("hex"), { mode: 0o600 });
    try {
      linkSync(made, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(made, { force: true });
    }
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "hex");
}
