import { ApiFailure } from "./errors.ts";
import type { Passwords } from "./passwords.ts";

/** Few different characters: `aaaaaaaaaaaa`, `121212121212`. */
const LEAST_DIFFERENT = 5;

/** The hash of a password that may be used; its length is the schema's. Refuses what everybody would try first. */
export async function newPassword(passwords: Passwords, password: string, name: string): Promise<string> {
  const refuse = (detail: string) => new ApiFailure("passwordPoor", { detail });
  if (password.toLowerCase().includes(name)) throw refuse("it holds the name one signs in with.");
  if (new Set(password).size < LEAST_DIFFERENT) throw refuse(`it needs at least ${LEAST_DIFFERENT} different characters.`);
  return passwords.hash(password);
}
