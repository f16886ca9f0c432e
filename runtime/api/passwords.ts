import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/**
 * Cost of a password's hash: N = 2^15, r = 8, p = 3, one of the settings of equal strength in OWASP's Password Storage
 * Cheat Sheet; it takes 32 MB and about a tenth of a second. scrypt comes with Node; argon2 would need a native module.
 * Each hash names its own cost, so these may be raised: older hashes are checked by theirs.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** scrypt needs 128 * N * r bytes and a little more. */
const memoryOf = ({ N, r }: { N: number; r: number }): number => 128 * N * r * 2;

/** The same password typed on another keyboard may come composed otherwise (NIST SP 800-63B asks for this). */
const normal = (password: string): string => password.normalize("NFKC");

const derive = (password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options: ScryptOptions = { ...cost, maxmem: memoryOf(cost) };
    scrypt(normal(password), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** `scrypt$N$r$p$salt$key`, salt and key in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** Stands for the hash of an account that does not exist or has none: checking takes as long, and never succeeds. */
const nobody = `scrypt$${COST.N}$${COST.r}$${COST.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Whether a password is the one that was hashed; without a hash false, after as long. */
export async function checkPassword(password: string, hash: string | null): Promise<boolean> {
  const [kind, N, r, p, salt = "", key = ""] = (hash ?? nobody).split("$");
  if (kind !== "scrypt") throw new Error(`A password is kept as "${kind}", which this release does not know.`);
  const found = await derive(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  const wanted = Buffer.from(key, "base64url");
  return timingSafeEqual(found, wanted) && hash !== null;
}
