import { sql, type Transaction } from "kysely";
import type { Standing } from "#schemas/admission.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import type { Database } from "./tables.ts";

/** What a visit makes of a standing; `null` is a connection that nobody has visited yet. */
export type Change<Result> = (
  standing: Standing | null,
  now: number,
) => { standing: Standing; shutUntil: number; result: Result };

/**
 * Changes the standing of a connection under its row's lock, by the database's clock. Undefined when the connection is
 * gone.
 */
export async function changeStanding<Result>(db: Db, connectionId: string, change: Change<Result>): Promise<Result | undefined> {
  return transact(db, "admission.visit", async (tx) => {
    const { rows } = await sql<{ standing: Standing | null; now: number }>`
      select a.standing, extract(epoch from clock_now())::float8 * 1000 as now from admission a
      where a.connection_id = ${connectionId} for update`.execute(tx);
    const row = rows[0] ?? (await firstVisit(tx, connectionId));
    if (!row) return undefined;
    const { standing, shutUntil, result } = change(row.standing, row.now);
    await sql`
      update admission set standing = ${JSON.stringify(standing)}, shut_until = to_timestamp(${shutUntil / 1000}),
        updated_at = clock_now() where connection_id = ${connectionId}`.execute(tx);
    return result;
  });
}

/** Makes the row; who comes second at the same moment waits, and finds what the first wrote. */
async function firstVisit(
  tx: Transaction<Database>,
  connectionId: string,
): Promise<{ standing: Standing | null; now: number } | undefined> {
  await sql`
    insert into admission (connection_id, standing, updated_at)
    select id, 'null', clock_now() from connection where id = ${connectionId} on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ standing: Standing | null; now: number }>`
    select standing, extract(epoch from clock_now())::float8 * 1000 as now from admission
    where connection_id = ${connectionId} for update`.execute(tx);
  return rows[0];
}

/** The standings of connections that were visited, as they are now. */
export async function readStandings(db: Db, connectionIds: string[]): Promise<Map<string, { standing: Standing; now: number }>> {
  const { rows } = await sql<{ id: string; standing: Standing | null; now: number }>`
    select connection_id as id, standing, extract(epoch from clock_now())::float8 * 1000 as now from admission
    where connection_id = any(${connectionIds}::uuid[])`.execute(db);
  return new Map(rows.flatMap(({ id, standing, now }) => (standing ? [[id, { standing, now }]] : [])));
}
