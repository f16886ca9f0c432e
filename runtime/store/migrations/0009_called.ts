import { type Kysely, sql } from "kysely";

/** Service endpoints: of which runs somebody may wait for the answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table run add column called boolean not null default false`.execute(db);
}
