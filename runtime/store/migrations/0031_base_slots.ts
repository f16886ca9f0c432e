import { type Kysely, sql } from "kysely";

/** What the slots were bound to before a promotion bound them anew, so that going back is going back to them too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- Slot name to connection id; null until it is activated, and where that was before this was kept.
alter table promotion add column base_slots jsonb;
`;
