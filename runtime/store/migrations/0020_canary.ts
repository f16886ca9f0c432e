import { type Kysely, sql } from "kysely";

/** A promotion may begin with a share of new messages, and be stopped by what becomes of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table promotion
  -- Its settings, null where the version is to take all messages at once; and since when it takes its share.
  add column canary jsonb,
  add column canary_at timestamptz,
  drop constraint promotion_state_check,
  add constraint promotion_state_check check (state in
    ('requested', 'approved', 'canary', 'active', 'replaced', 'rolledBack', 'stopped', 'withdrawn', 'failed'));
drop index promotion_open;
create unique index promotion_open on promotion (flow_id, environment) where state in ('requested', 'approved', 'canary');
create index promotion_canary on promotion (canary_at) where state = 'canary';
`;
