import { type Kysely, sql } from "kysely";

/** When the last request under an effect key left of which nobody learned what became of it, before the present one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table effect add column unsure_at timestamptz`.execute(db);
}
