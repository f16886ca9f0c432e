import { type Kysely, sql } from "kysely";

/** What the connections of an environment may reach besides the open internet. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table environment add column reach text[] not null default '{}'").execute(db);
}
