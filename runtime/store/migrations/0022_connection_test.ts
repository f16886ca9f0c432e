import { type Kysely, sql } from "kysely";

/** The last test of each connection, with its settings as they are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table connection add column tested_at timestamptz, add column tested_by text, add column test jsonb`.execute(db);
}
