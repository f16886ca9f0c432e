import { type Kysely, sql } from "kysely";

/** Which accounts are of one person: what the one did the other cannot approve. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- The account that stands for the person; null for the one that does.
alter table person add column same_as uuid references person (id) check (same_as <> id);
create index person_same_as on person (same_as) where same_as is not null;
`;
