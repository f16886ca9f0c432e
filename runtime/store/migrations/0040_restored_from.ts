import { type Kysely, sql } from "kysely";

/** Which versions a draft was restored from: whose work these are, its next version is too. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- Since the last version was made of it; of a version, while its draft was.
alter table draft add column restored_from integer[] not null default '{}';
alter table version add column restored_from integer[] not null default '{}';
-- The audit knows of those before.
with made as (
  select id, flow_id, created_at, lag(created_at, 1, '-infinity') over (partition by flow_id order by number) as since from version
)
update version v set restored_from = array(
  select distinct (a.detail ->> 'number')::integer from audit a
  where a.action = 'version.restored' and a.subject = v.flow_id and a.at > made.since and a.at <= v.created_at)
  from made where made.id = v.id;
update draft d set restored_from = array(
  select distinct (a.detail ->> 'number')::integer from audit a
  where a.action = 'version.restored' and a.subject = d.flow_id
    and a.at > coalesce((select max(v.created_at) from version v where v.flow_id = d.flow_id), '-infinity'));
-- Who wrote its samples since is one of those who edit it.
update draft d set editors = editors || array(
  select distinct s.updated_by from flow_sample s
  where s.flow_id = d.flow_id and s.updated_by <> all (d.editors)
    and s.updated_at > coalesce((select max(v.created_at) from version v where v.flow_id = d.flow_id), '-infinity'));
`;
