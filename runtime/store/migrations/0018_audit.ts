import { type Kysely, sql } from "kysely";

/** What a change was made from and to, and where it came from. Rows from before keep the hash they have. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table audit
  add column before jsonb,
  add column after jsonb,
  add column address text,
  add column agent text,
  -- How the hash is made: 1 over lines of text, 2 over canonical JSON.
  add column format int not null default 1;
create index audit_environment on audit (environment, seq);
create index audit_subject on audit (subject, seq);
`;
