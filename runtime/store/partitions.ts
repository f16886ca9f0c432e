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

/** Creates the monthly partitions from this month on; those that exist stay as they are. */
export async function ensurePartitions(db: Db, now: Date): Promise<void> {
  for (let offset = 0; offset <= MONTHS_AHEAD; offset++) {
    const from = monthStart(now, offset);
    const name = `${from.getUTCFullYear()}_${String(from.getUTCMonth() + 1).padStart(2, "0")}`;
    for (const table of partitionedTables) {
      await sql
        .raw(
          `create table if not exists ${table}_${name} partition of ${table}
             for values from ('${firstIdAt(from)}') to ('${firstIdAt(monthStart(now, offset + 1))}')`,
        )
        .execute(db);
    }
  }
}
