import { type Kysely, sql } from "kysely";

/** The files that flows were pushed from, so that it can be told what was changed since. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table flow_files (
  flow_id text not null references flow (id),
  -- Over the flow alone, as drafts are compared.
  flow_hash text not null,
  -- Over the flow and what the files make it with, as versions are; empty where something of that does not exist.
  version_hash text not null,
  origin jsonb,
  pushed_at timestamptz not null,
  pushed_by text not null,
  primary key (flow_id, flow_hash, version_hash)
);
create index flow_files_newest on flow_files (flow_id, pushed_at desc);
`;
