import { type Kysely, sql } from "kysely";

/**
 * What the audit has not been told of a draft yet: the saves of one editor are one entry. And what a promotion found the slots
 * bound to when it was requested: what was bound since is not for it to undo.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- Whose saves, since when and how many; null when the audit knows all.
alter table draft add column sitting jsonb;
-- The flow as it was before the first of them.
alter table draft add column sitting_from text;
create index draft_sitting on draft (flow_id) where sitting is not null;

-- Slot name to connection id, as the environment bound them at the request; null where that was before this was kept.
alter table promotion add column found_slots jsonb;
`;
