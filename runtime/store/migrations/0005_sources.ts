import { type Kysely, sql } from "kysely";

/** Sources that look by themselves: when next, who looks now, how far they came, and what went wrong last. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- A schedule has no connection; it is one source all the same.
alter table source_binding alter column connection_id drop not null;
alter table source_binding drop constraint source_binding_environment_flow_id_node_id_connection_id_key;
alter table source_binding add constraint source_binding_source
  unique nulls not distinct (environment, flow_id, node_id, connection_id);
-- How documents come in: webhook, poll, schedule, file, sftp, service.
alter table source_binding add column transport text not null default 'webhook';
-- The node is gone, disabled or bound to another connection; the cursor stays for the day it comes back.
alter table source_binding add column retired_at timestamptz;
-- When it looks next; null for sources that others call.
alter table source_binding add column due_at timestamptz;
alter table source_binding add column epoch int not null default 0;
alter table source_binding add column worker text;
alter table source_binding add column lease_until timestamptz;
-- Looks that failed in a row, and the last of them: { class, reason, at }.
alter table source_binding add column failures int not null default 0;
alter table source_binding add column last_error jsonb;
alter table source_binding add column looked_at timestamptz;
-- Messages that were new, of the last look that brought any, and in all.
alter table source_binding add column last_messages int not null default 0;
alter table source_binding add column last_messages_at timestamptz;
alter table source_binding add column messages bigint not null default 0;
create index source_binding_due on source_binding (due_at) where due_at is not null and retired_at is null;
`;
