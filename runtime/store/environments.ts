import { type Selectable, sql, type Transaction } from "kysely";
import type { Environment, EnvironmentChange, EnvironmentLimits, NewEnvironment, Protection } from "#schemas/environment.ts";
import { narrowTokens } from "./apiTokens.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import type { Database } from "./tables.ts";

export interface NamedEnvironment {
  id: string;
  title: string;
}

/** The environments, the lowest first. */
export async function listEnvironments(db: Db): Promise<Environment[]> {
  const rows = await db.selectFrom("environment").selectAll().orderBy("position").orderBy("id").execute();
  return rows.map(shown);
}

/** Makes an environment; undefined when the id is taken. */
export async function makeEnvironment(db: Db, made: NewEnvironment, actor: string): Promise<Environment | undefined> {
  const { limits = {} } = made;
  return transact(db, "environment.put", async (tx) => {
    const { rows } = await sql<Row>`
      insert into environment (id, title, protection, position, reach, evaluated_at_once, accepted_per_second, payload_days)
      values (${made.id}, ${made.title}, ${made.protection}, ${made.position}, ${made.reach ?? []}, ${limits.evaluatedAtOnce ?? null},
        ${limits.acceptedPerSecond ?? null}, ${limits.payloadDays ?? null}) on conflict do nothing returning *`.execute(tx);
    if (!rows[0]) return undefined;
    await audit(tx, { ...entry(actor, "environment.made", made.id), before: null, after: told(rows[0]) });
    return shown(rows[0]);
  });
}

/**
 * Changes an environment; undefined when there is none of that id. What is left out stays. A function is given the environment
 * as it is, held until the change is made, and may refuse by throwing.
 */
export async function changeEnvironment(
  db: Db,
  id: string,
  wish: EnvironmentChange | ((now: Environment) => EnvironmentChange),
  actor: string,
): Promise<Environment | undefined> {
  return transact(db, "environment.put", async (tx) => {
    const old = await tx.selectFrom("environment").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
    if (!old) return undefined;
    const change = typeof wish === "function" ? wish(shown(old)) : wish;
    const limits = { ...limitsOf(old), ...change.limits };
    const { rows } = await sql<Row>`
      update environment set title = ${change.title ?? old.title}, protection = ${change.protection ?? old.protection},
        position = ${change.position ?? old.position}, reach = ${change.reach ?? old.reach}, payload_days = ${limits.payloadDays},
        evaluated_at_once = ${limits.evaluatedAtOnce}, accepted_per_second = ${limits.acceptedPerSecond}
      where id = ${id} returning *`.execute(tx);
    const now = rows[0] ?? old;
    await audit(tx, { ...entry(actor, "environment.changed", id), before: told(old), after: told(now) });
    return shown(now);
  });
}

export type Removed = "removed" | "missing" | "last" | "used";

/** Removes an environment in which nothing is and nothing ran; what happened in one is kept as long as it is. */
export async function removeEnvironment(db: Db, id: string, actor: string): Promise<Removed> {
  return transact(db, "environment.put", async (tx): Promise<Removed> => {
    // All of them: two who remove the last two at once must not both succeed.
    const all = await tx.selectFrom("environment").selectAll().orderBy("id").forUpdate().execute();
    const old = all.find((each) => each.id === id);
    if (!old) return "missing";
    if (all.length === 1) return "last";
    const { rows } = await sql`
      select 1 where exists (select 1 from deployment where environment = ${id}) or exists (select 1 from connection where environment = ${id})
        or exists (select 1 from message where environment = ${id}) or exists (select 1 from run where environment = ${id})
        or exists (select 1 from reference_table where environment = ${id} and to_revision is null)
        or exists (select 1 from promotion where environment = ${id}) or exists (select 1 from effect where environment = ${id})`.execute(
      tx,
    );
    if (rows.length > 0) return "used";
    await sql`delete from reference_row where environment = ${id}`.execute(tx);
    await tx.deleteFrom("reference_table").where("environment", "=", id).execute();
    await tx.deleteFrom("person_grant").where("environment", "=", id).execute();
    await tx.deleteFrom("control_number").where("environment", "=", id).execute();
    await narrowTokens(tx, id, actor);
    await tx.deleteFrom("environment").where("id", "=", id).execute();
    await audit(tx, { ...entry(actor, "environment.removed", id), before: told(old), after: null });
    return "removed";
  });
}

/**
 * Holds an environment as it is until the transaction ends: its guard, what is deployed and promoted there, and its tables
 * change one after another.
 */
export const lockEnvironment = (tx: Transaction<Database>, id: string): Promise<{ protection: Protection }> =>
  tx.selectFrom("environment").select("protection").where("id", "=", id).forUpdate().executeTakeFirstOrThrow();

type Row = Selectable<Database["environment"]>;

/** What an environment may take of what all share, as its row says. */
export const limitsOf = (row: Pick<Row, "evaluated_at_once" | "accepted_per_second" | "payload_days">): EnvironmentLimits => ({
  evaluatedAtOnce: row.evaluated_at_once,
  acceptedPerSecond: row.accepted_per_second,
  payloadDays: row.payload_days,
});

const shown = (row: Row): Environment => ({ id: row.id, ...told(row), protected: row.protected });

const told = (row: Row) => {
  const { title, protection, position, reach } = row;
  return { title, protection, position, reach, limits: limitsOf(row) };
};

const entry = (actor: string, action: string, id: string) => ({ actor, action, environment: id, subject: id, detail: {} });
