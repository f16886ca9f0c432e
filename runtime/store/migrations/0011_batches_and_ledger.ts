import { type Kysely, sql } from "kysely";

/**
 * Batches: how long an item waits at most, for those that stay behind when a full batch leaves. Ledger: which version of its
 * document an effect is of is read from its run.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // What is left of a batch that was open before leaves with it, as it did.
  await sql`alter table gather add column most_wait interval not null default '0'`.execute(db);
  await sql`alter table gather alter column most_wait drop default`.execute(db);
  await sql`alter table effect drop column document_rank`.execute(db);
}
