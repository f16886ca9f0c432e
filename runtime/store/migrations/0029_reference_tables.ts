import { type Kysely, sql } from "kysely";

/**
 * Reference tables of environments. Nothing of them is written over: a row stands from one revision of its environment to
 * another, so that a run can be recomputed with the tables that its tasks looked things up in.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table environment add column table_revision integer not null default 0;
-- That of the environment when a worker took the task.
alter table task add column table_revision integer;

create table reference_table (
  environment text not null references environment (id),
  name text not null,
  from_revision integer not null,
  -- Null while it stands.
  to_revision integer,
  title text not null,
  columns jsonb not null,
  key text[] not null,
  row_count integer not null,
  hash text not null,
  changed_at timestamptz not null,
  changed_by text not null,
  ended_at timestamptz,
  primary key (environment, name, from_revision)
);
create unique index reference_table_standing on reference_table (environment, name) where to_revision is null;

create table reference_row (
  environment text not null references environment (id),
  table_name text not null,
  key text not null,
  from_revision integer not null,
  to_revision integer,
  cells text not null,
  ended_at timestamptz,
  primary key (environment, table_name, key, from_revision)
);
create index reference_row_ended on reference_row (ended_at) where ended_at is not null;
`;
