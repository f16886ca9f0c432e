import { sql } from "kysely";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Grant, Person } from "#schemas/people.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { insertPerson, isOnePerson, isSetUp, lockPeople, readPerson, setGrants, told } from "./people.ts";

/** Somebody for whom a provider vouches. */
export interface Vouched {
  issuer: string;
  subject: string;
  /** Of a new person; a number is added where it is taken. */
  name: string;
  title: string;
  /** What the provider calls the person, and the address of mail that it has verified, as names may be here. */
  called: readonly string[];
  /** What the provider's groups allow; null where admins grant roles here. */
  grants: Grant[] | null;
}

/** Who is named in the audit for what follows from the provider's word. */
const ACTOR = "oidc";

/**
 * The person for whom a provider vouches, by issuer and subject alone: neither a name nor an address of mail makes two
 * accounts one. But where an account here has the name, or the address, they count as the same person's until an admin says otherwise: that gives
 * nothing to either, and keeps the one from approving what the other did. Made at the first sign-in; undefined while nobody can sign in at all. What the groups allow is put in
 * force, also where that takes the last admin away: the provider's word is the installation's.
 */
export async function personVouchedFor(db: Db, who: Vouched, reserved: readonly string[]): Promise<Person | undefined> {
  return transact(db, "people.change", async (tx) => {
    await lockPeople(tx);
    if (!(await isSetUp(tx))) return undefined;
    const { issuer, subject } = who;
    const grants = who.grants && (await ofEnvironments(tx, who.grants));
    const known = await tx
      .selectFrom("person")
      .select("id")
      .where("issuer", "=", issuer)
      .where("subject", "=", subject)
      .executeTakeFirst();
    if (!known) {
      const name = await freeName(tx, who.name, reserved);
      const input = { name, title: who.title, password: null, grants: grants ?? [], identity: { issuer, subject } };
      const { id } = await insertPerson(tx, input, ACTOR);
      for (const called of who.called) if (await isOnePerson(tx, { id }, called)) break;
      const made = await readPerson(tx, id);
      const entry = { actor: ACTOR, action: "person.made", environment: null, subject: made.name, detail: { issuer } };
      await audit(tx, { ...entry, after: told(made) });
      return made;
    }
    const before = await readPerson(tx, known.id);
    if (grants === null) return before;
    await setGrants(tx, known.id, grants);
    const after = await readPerson(tx, known.id);
    if (canonicalJson(before.grants) !== canonicalJson(after.grants)) {
      const entry = { actor: ACTOR, action: "person.changed", environment: null, subject: after.name, detail: { issuer } };
      await audit(tx, { ...entry, before: told(before), after: told(after) });
    }
    return after;
  });
}

/** Without those of environments that there are none of: a rule may name one that was removed, or one misspelt. */
async function ofEnvironments(db: Db, grants: readonly Grant[]): Promise<Grant[]> {
  const known = new Set((await db.selectFrom("environment").select("id").execute()).map(({ id }) => id));
  return grants.filter(({ environment }) => environment === null || known.has(environment));
}

/** The name, or the name with the first number that makes it nobody's. */
async function freeName(db: Db, wanted: string, reserved: readonly string[]): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (reserved.includes(name)) continue;
    const { rows } = await sql`select 1 from person where name = ${name}`.execute(db);
    if (rows.length === 0) return name;
  }
}
