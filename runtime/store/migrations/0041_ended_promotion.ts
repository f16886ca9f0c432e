import { type Kysely, sql } from "kysely";

/** A promotion ends when its flow is taken out of the environment, and can be taken up again as long as nothing else ran there. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table promotion
  drop constraint promotion_state_check,
  add constraint promotion_state_check check (state in
    ('requested', 'approved', 'canary', 'active', 'replaced', 'ended', 'rolledBack', 'stopped', 'withdrawn', 'failed'));
-- Of flows that were taken out before.
update promotion p set state = 'replaced' where state = 'active' and not exists (
  select 1 from deployment d join deployment_version dv on dv.deployment_id = d.id
  where d.environment = p.environment and d.flow_id = p.flow_id);
`;
