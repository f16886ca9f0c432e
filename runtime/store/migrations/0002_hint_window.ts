import { type Kysely, sql } from "kysely";

/** What the sweep and the lists read stays cheap whatever waits behind a shut connection or lies in the past. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
drop index task_hint;
drop index task_waiting_connection;
drop index task_flow;
drop index run_open;
-- What is to be hinted, by whom it waits for: a shut connection's backlog is never walked through.
create index task_hint on task (connection_id, environment, hint_at) where state = 'READY';
-- What is hinted and not yet taken; a task in backoff has hint_at = due_at and is none of them.
create index task_hinted on task (connection_id, environment, hint_at) where state = 'READY' and hint_at > due_at;
create index task_flow on task (environment, flow_id, id);
create index run_unfinished on run (state, id desc) where state <> 'SUCCEEDED';
create index dead_letter_document on dead_letter (document_key);
-- From when the age limit of retries counts, where a person let the task go on later than it was made.
alter table task add column age_from timestamptz;
-- Counts changes of state, config and secrets: a refusal of older credentials must not shut a connection.
alter table connection add column revision int not null default 1;
`;
