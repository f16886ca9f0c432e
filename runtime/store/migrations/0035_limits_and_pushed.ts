import { type Kysely, sql } from "kysely";

/**
 * What an environment may take of what all share, and what the processes agree on about it. And which samples are as files say: one that
 * somebody changed here since is not overwritten by the next push.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table environment add column evaluated_at_once int check (evaluated_at_once >= 1),
  add column accepted_per_second int check (accepted_per_second >= 1);

create table environment_admission (
  environment text not null references environment (id) on delete cascade,
  way text not null check (way in ('evaluation', 'intake')),
  -- Places and tokens by process; read and written whole.
  standing jsonb not null,
  updated_at timestamptz not null,
  primary key (environment, way)
) with (fillfactor = 50);

-- It is what was last pushed; false when somebody kept it here since.
alter table flow_sample add column pushed boolean not null default false;
`;
