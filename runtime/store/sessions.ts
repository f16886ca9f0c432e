import { sql } from "kysely";
import type { Grant } from "#schemas/people.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import { sha256 } from "./ids.ts";
import type { Origin } from "./origin.ts";

/** A working day: who comes back from lunch or a long meeting is still there, who comes back tomorrow signs in. */
const IDLE_HOURS = 9;

/** A week, however busy: a cookie that was stolen ends by itself. */
const LONGEST_DAYS = 7;

/** How exactly it is known when a session was last used; each request writing it would cost more than it says. */
const SEEN_EVERY_SECONDS = 60;

export const SESSION_SECONDS = LONGEST_DAYS * 86_400;

/** Who a session belongs to. */
export interface SessionOwner {
  personId: string;
  name: string;
  title: string;
  hasPassword: boolean;
  grants: Grant[];
}

/** Begins a session under an id that nobody has seen before, and ends the one in whose place it stands. */
export async function beginSession(
  db: Db,
  { id, person, from, instead, how }: { id: string; person: string; from: Origin; instead?: string | undefined; how: string },
): Promise<void> {
  await transact(db, "session.change", async (tx) => {
    if (instead) await sql`delete from session where id_hash = ${sha256(instead)}`.execute(tx);
    await sql`delete from session where ${over}`.execute(tx);
    await sql`
      insert into session (id_hash, person_id, created_at, seen_at, expires_at, address, agent)
      values (${sha256(id)}, ${person}, clock_now(), clock_now(), clock_now() + make_interval(days => ${LONGEST_DAYS}),
        ${from.address}, ${from.agent})`.execute(tx);
    const { rows } = await sql<{ name: string }>`
      update person set signed_in_at = clock_now() where id = ${person} returning name`.execute(tx);
    const name = rows[0]?.name ?? person;
    await audit(tx, { actor: name, action: "session.begun", environment: null, subject: name, detail: { how } });
  });
}

const over = sql`(expires_at <= clock_now() or seen_at <= clock_now() - make_interval(hours => ${IDLE_HOURS}))`;

/** Whose session this is, while it lasts. */
export async function sessionOwner(db: Db, id: string): Promise<SessionOwner | undefined> {
  const hash = sha256(id);
  const { rows } = await sql<SessionOwner & { stale: boolean }>`
    select p.id as "personId", p.name, p.title, p.password is not null as "hasPassword",
      s.seen_at < clock_now() - make_interval(secs => ${SEEN_EVERY_SECONDS}) as stale,
      coalesce((select json_agg(json_build_object('environment', g.environment, 'role', g.role)) from person_grant g
        where g.person_id = p.id), '[]') as grants
    from session s join person p on p.id = s.person_id
    where s.id_hash = ${hash} and p.state = 'active' and not ${over}`.execute(db);
  const found = rows[0];
  if (!found) return undefined;
  const { stale, ...owner } = found;
  if (stale) await sql`update session set seen_at = clock_now() where id_hash = ${hash}`.execute(writing(db, "session.change"));
  return owner;
}

export async function endSession(db: Db, id: string, actor: string): Promise<void> {
  await transact(db, "session.change", async (tx) => {
    const { rows } = await sql`delete from session where id_hash = ${sha256(id)} returning 1`.execute(tx);
    if (rows.length > 0) await audit(tx, { actor, action: "session.ended", environment: null, subject: actor, detail: {} });
  });
}
