/** What a provider says of a person: claims of the ID token and of its page about the user. */
export type Claims = Readonly<Record<string, unknown>>;

const words = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

/** As a name may be, without a number to tell it from others. */
const LONGEST_NAME = 100;
const LONGEST_TITLE = 120;

/** A name to sign in with, made of what the provider calls the person; unique it becomes when it is kept. */
export const nameFrom = (claims: Claims): string =>
  asName(words(claims.preferred_username) ?? words(claims.email) ?? words(claims.sub) ?? "");

/** All names under which the person may have an account here; of addresses of mail those that the provider has verified. */
export function namesFrom(claims: Claims): string[] {
  const mail = claims.email_verified === true ? words(claims.email) : undefined;
  const all = [words(claims.preferred_username), mail].filter((called) => called !== undefined);
  return [...new Set(all.map(asName))];
}

function asName(called: string): string {
  const name = called
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9._@+-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, LONGEST_NAME);
  return name.length >= 2 ? name : `person-${name}`.replace(/-$/, "");
}

/** How people call the person. */
export const titleFrom = (claims: Claims): string => (words(claims.name) ?? nameFrom(claims)).slice(0, LONGEST_TITLE);

/** The groups that a claim lists; a claim of one group may be the word alone. */
export function groupsFrom(claims: Claims, claim: string): string[] {
  const value = claims[claim];
  const all = Array.isArray(value) ? value : [value];
  return all.filter((each): each is string => typeof each === "string");
}
