import { type Kysely, sql } from "kysely";

/** Samples that people keep with a flow, and those that a version was published with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table flow_sample (
  flow_id text not null references flow (id),
  name text not null,
  -- The text of its file; one that came from a folder stays byte for byte what it was.
  body text not null,
  revision integer not null,
  updated_at timestamptz not null,
  updated_by text not null,
  primary key (flow_id, name)
);
-- Texts by name, in JSON; null where the version is older than this, and tried on what its flow has now.
alter table version add column samples text;
`;
