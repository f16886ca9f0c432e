import { type Kysely, sql } from "kysely";

/** Of a flow made from a ready one, or as a copy: whose samples it shares. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table flow add column samples_of text`.execute(db);
}
