import { type Selectable, sql, type Transaction } from "kysely";
import type { Grant, Person } from "#schemas/people.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { isId, newId } from "./ids.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;
type Row = Selectable<Database["person"]>;

/** What a person is made of; the password hashed already. */
export interface PersonInput {
  name: string;
  title: string;
  password: string | null;
  grants: Grant[];
  identity?: { issuer: string; subject: string };
}

export type PersonMade = { ok: true; person: Person } | { ok: false; why: "nameTaken" | "notSetUp" | "setUpDone" };
export type PersonChanged = { ok: true; person: Person } | { ok: false; why: "missing" | "lastAdmin" | "noOther" };

/** Whether anybody is there to sign in: from the first admin on, all must. */
export async function isSetUp(db: Db): Promise<boolean> {
  const { rows } = await sql`select 1 from person limit 1`.execute(db);
  return rows.length > 0;
}

/** Changes of people wait for each other: whether one is the first, or the last admin, must not change meanwhile. */
export const lockPeople = (tx: Tx) => sql`lock table person in share row exclusive mode`.execute(tx);

/** Makes the first person, an admin everywhere, and by that turns sign-in on. */
export async function makeFirstAdmin(db: Db, input: Omit<PersonInput, "grants">, actor: string): Promise<PersonMade> {
  return transact(db, "people.change", async (tx) => {
    await lockPeople(tx);
    if (await isSetUp(tx)) return { ok: false, why: "setUpDone" };
    const person = await insertPerson(tx, { ...input, grants: [{ environment: null, role: "admin" }] }, actor);
    await audit(tx, { ...subject(person), actor, action: "signIn.setUp", after: told(person) });
    return { ok: true, person };
  });
}

/** Makes a person; refused while there is no admin yet, because that would lock everybody else out. */
export async function makePerson(db: Db, input: PersonInput, actor: string): Promise<PersonMade> {
  return transact(db, "people.change", async (tx) => {
    await lockPeople(tx);
    if (!(await isSetUp(tx))) return { ok: false, why: "notSetUp" };
    const taken = await tx.selectFrom("person").select("id").where("name", "=", input.name).executeTakeFirst();
    if (taken) return { ok: false, why: "nameTaken" };
    const person = await insertPerson(tx, input, actor);
    await audit(tx, { ...subject(person), actor, action: "person.made", after: told(person) });
    return { ok: true, person };
  });
}

/** Makes the row of a person, and what it may do. */
export async function insertPerson(
  tx: Tx,
  { name, title, password, grants, identity }: PersonInput,
  actor: string,
): Promise<Person> {
  const id = newId();
  await sql`
    insert into person (id, name, title, password, issuer, subject, created_at, created_by, updated_at, updated_by)
    values (${id}, ${name}, ${title}, ${password}, ${identity?.issuer ?? null}, ${identity?.subject ?? null}, clock_now(), ${actor},
      clock_now(), ${actor})`.execute(tx);
  await setGrants(tx, id, grants);
  return readPerson(tx, id);
}

/** Puts what a person may do in the place of what it might before. */
export async function setGrants(tx: Tx, person: string, grants: readonly Grant[]): Promise<void> {
  await sql`delete from person_grant where person_id = ${person}`.execute(tx);
  for (const { environment, role } of grants)
    await sql`insert into person_grant (person_id, environment, role) values (${person}, ${environment}, ${role})
      on conflict do nothing`.execute(tx);
}

/** What may be changed of a person; a new password or a disabled account ends the sessions. */
export interface ChangeOfPerson {
  title?: string;
  state?: Person["state"];
  grants?: Grant[];
  password?: string;
  /** The name of another account of the same person; null for none. */
  sameAs?: string | null;
}

/** Changes a person. There is always an admin everywhere who can sign in; the last one stays. */
export async function changePerson(db: Db, id: string, change: ChangeOfPerson, actor: string): Promise<PersonChanged> {
  if (!isId(id)) return { ok: false, why: "missing" };
  return transact(db, "people.change", async (tx) => {
    await lockPeople(tx);
    const before = (await read(tx, [id]))[0];
    if (!before) return { ok: false, why: "missing" };
    const admin = (state: Person["state"], grants: Grant[]) =>
      state === "active" && grants.some(({ environment, role }) => environment === null && role === "admin");
    const stays = admin(change.state ?? before.state, change.grants ?? before.grants);
    if (admin(before.state, before.grants) && !stays && (await admins(tx)) === 1) return { ok: false, why: "lastAdmin" };
    if (change.sameAs !== undefined && !(await isOnePerson(tx, before, change.sameAs))) return { ok: false, why: "noOther" };
    await sql`
      update person set title = ${change.title ?? before.title}, state = ${change.state ?? before.state},
        password = coalesce(${change.password ?? null}, password), updated_at = clock_now(), updated_by = ${actor}
      where id = ${id}`.execute(tx);
    if (change.grants) await setGrants(tx, id, change.grants);
    if (change.password !== undefined || change.state === "disabled")
      await sql`delete from session where person_id = ${id}`.execute(tx);
    const person = await readPerson(tx, id);
    await audit(tx, {
      ...subject(person),
      actor,
      action: "person.changed",
      detail: change.password === undefined ? {} : { password: "changed" },
      before: told(before),
      after: told(person),
    });
    return { ok: true, person };
  });
}

/** Says that an account is of the same person as another one, with all that were of either; false where there is no such other one. */
export async function isOnePerson(tx: Tx, { id }: Pick<Person, "id">, other: string | null): Promise<boolean> {
  if (other === null) {
    await sql`update person set same_as = null where id = ${id}`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ stands: string }>`
    select coalesce(same_as, id) as stands from person where name = ${other} and id <> ${id}`.execute(tx);
  const stands = rows[0]?.stands;
  if (stands === undefined) return false;
  await sql`
    update person set same_as = ${stands} where id <> ${stands}
      and coalesce(same_as, id) = (select coalesce(same_as, id) from person where id = ${id})`.execute(tx);
  return true;
}

/** What a person may do now, by name: nothing while the account is disabled; undefined where the name is no person's. */
export async function grantsOfPerson(db: Db, name: string): Promise<readonly Grant[] | undefined> {
  const row = await db.selectFrom("person").select(["id", "state"]).where("name", "=", name).executeTakeFirst();
  if (!row) return undefined;
  return row.state === "active" ? (await grantsOf(db, [row.id])).get(row.id) : [];
}

async function admins(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(distinct p.id)::int as count from person p join person_grant g on g.person_id = p.id
    where p.state = 'active' and g.environment is null and g.role = 'admin'`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** All people by name. */
export const listPeople = (db: Db): Promise<Person[]> => read(db);

export async function readPerson(db: Db, id: string): Promise<Person> {
  const [person] = await read(db, [id]);
  if (!person) throw new Error(`Person ${id} is not there any more.`);
  return person;
}

async function read(db: Db, wanted?: string[]): Promise<Person[]> {
  let query = db.selectFrom("person").selectAll().orderBy("name");
  if (wanted) query = query.where("id", "in", wanted);
  const rows = await query.execute();
  const ids = rows.map(({ id }) => id);
  const [grants, others] = await Promise.all([grantsOf(db, ids), namesOf(db, rows)]);
  return rows.map((row) => shown(row, grants.get(row.id) ?? [], others.get(row.same_as ?? "") ?? null));
}

/** By id: the names of the accounts that stand for the people of others. */
async function namesOf(db: Db, rows: readonly Row[]): Promise<Map<string, string>> {
  const ids = rows.flatMap(({ same_as }) => same_as ?? []);
  if (ids.length === 0) return new Map();
  const found = await db.selectFrom("person").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(found.map(({ id, name }) => [id, name]));
}

async function grantsOf(db: Db, people: string[]): Promise<Map<string, Grant[]>> {
  const all = new Map<string, Grant[]>(people.map((id) => [id, []]));
  if (people.length === 0) return all;
  const rows = await db.selectFrom("person_grant").selectAll().where("person_id", "in", people).execute();
  const place = (environment: string | null) => environment ?? "";
  rows.sort((a, b) => place(a.environment).localeCompare(place(b.environment)) || a.role.localeCompare(b.role));
  for (const { person_id, environment, role } of rows) all.get(person_id)?.push({ environment, role });
  return all;
}

const shown = (row: Row, grants: Grant[], sameAs: string | null): Person => ({
  id: row.id,
  name: row.name,
  title: row.title,
  state: row.state,
  hasPassword: row.password !== null,
  issuer: row.issuer,
  sameAs,
  grants,
  signedInAt: row.signed_in_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
});

/** Who wants to sign in, by name, with what the password is checked against. */
export async function credentialsOf(
  db: Db,
  name: string,
): Promise<{ id: string; password: string | null; state: Person["state"] } | undefined> {
  return db.selectFrom("person").select(["id", "password", "state"]).where("name", "=", name).executeTakeFirst();
}

const subject = ({ name }: Person) => ({ subject: name, environment: null, detail: {} });
/** A person for the audit. */
export const told = ({ title, state, grants, sameAs }: Person) => ({ title, state, grants, sameAs });
