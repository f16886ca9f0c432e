import { sql } from "kysely";
import type { Db } from "./database.ts";

/** Tables whose rows are kept by month of their UUIDv7 id. */
export const partitionedTables = ["message", "payload", "run", "task", "attempt"] as const;

/** Months prepared ahead, so that a server that runs for a quarter without a restart still has room. */
const MONTHS_AHEAD = 3;

/** The smallest UUIDv7 of a moment: 48 bits of milliseconds, then zeros. */
export function firstIdAt(moment: Date): string {
  const hex = moment.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** The first moment of the month `offset` months from `moment`, in UTC. */
export const monthStart = (moment: Date, offset: number): Date =>
  new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + offset, 1));

/** One lock for all processes that start at once. */
const PARTITIONS_LOCK = 7_400_002;

/**
 * Creates the monthly partitions from this month on; those that exist stay as they are. A month whose rows are in the
 * default partition already (nobody prepared it in time) stays there whole: they cannot be moved under way.
 */
export async function ensurePartitions(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${PARTITIONS_LOCK})`.execute(tx);
    for (let offset = 0; offset <= MONTHS_AHEAD; offset++) {
      const start = monthStart(now, offset);
      const [from, to] = [firstIdAt(start), firstIdAt(monthStart(now, offset + 1))];
      const month = `${start.getUTCFullYear()}_${String(start.getUTCMonth() + 1).padStart(2, "0")}`;
      for (const table of partitionedTables) {
        const { rows } = await sql<{ settled: boolean }>`
          select to_regclass(${`${table}_${month}`}) is not null
            or exists (select 1 from ${sql.table(`${table}_default`)} where id >= ${from}::uuid and id < ${to}::uuid) as settled
          `.execute(tx);
        if (rows[0]?.settled) continue;
        await sql
          .raw(`create table ${table}_${month} partition of ${table} for values from ('${from}') to ('${to}')`)
          .execute(tx);
      }
    }
  });
}
