import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/**
 * Cost of a password's hash: N = 2^15 unless set otherwise, r = 8, p = 3, one of the settings of equal strength in OWASP's
 * Password Storage Cheat Sheet; it takes 32 MB and about a tenth of a second. scrypt comes with Node; argon2 would need a
 * native module. Each hash names its own cost, so it may be raised: older hashes are checked by theirs.
 */
interface Cost {
  N: number;
  r: number;
  p: number;
}
const [R, P] = [8, 3];
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** scrypt needs 128 * N * r bytes and a little more. */
const memoryOf = ({ N, r }: Cost): number => 128 * N * r * 2;

/** The same password typed on another keyboard may come composed otherwise (NIST SP 800-63B asks for this). */
const normal = (password: string): string => password.normalize("NFKC");

const derive = (password: string, salt: Buffer, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { ...cost, maxmem: memoryOf(cost) };
    scrypt(normal(password), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

export interface Passwords {
  /** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
  hash(password: string): Promise<string>;
  /** Whether a password is the one that was hashed; without a hash false, after as long. */
  check(password: string, hash: string | null): Promise<boolean>;
}

/** Passwords whose new hashes cost `N`. */
export function passwordsAt(N: number): Passwords {
  const cost = { N, r: R, p: P };
  const written = (salt: string, key: string) => ["scrypt", N, R, P, salt, key].join("$");
  /** Stands for the hash of an account that does not exist or has none: checking takes as long, and never succeeds. */
  const nobody = written("A".repeat(22), "A".repeat(43));
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return written(salt.toString("base64url"), (await derive(password, salt, cost)).toString("base64url"));
    },
    async check(password, hash) {
      const [kind, n, r, p, salt = "", key = ""] = (hash ?? nobody).split("$");
      if (kind !== "scrypt") throw new Error(`A password is kept as "${kind}", which this release does not know.`);
      const found = await derive(password, Buffer.from(salt, "base64url"), { N: Number(n), r: Number(r), p: Number(p) });
      return timingSafeEqual(found, Buffer.from(key, "base64url")) && hash !== null;
    },
  };
}
