import { sql } from "kysely";
import type { Db } from "./database.ts";

/** What the database's clock showed, and when by a clock of our own that nothing sets; all in milliseconds. */
export interface ClockReading {
  /** Since 1970, by the clock that leases and quiet periods are measured with. */
  database: number;
  /** It was read at some moment between these two. */
  asked: number;
  answered: number;
}

export async function readClock(db: Db): Promise<ClockReading> {
  const asked = performance.now();
  const { rows } = await sql<{ ms: number }>`select extract(epoch from clock_now())::float8 * 1000 as ms`.execute(db);
  return { database: (rows[0] as { ms: number }).ms, asked, answered: performance.now() };
}
