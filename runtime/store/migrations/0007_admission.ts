import { type Kysely, sql } from "kysely";

/** What all workers agree on about a connection, and indexes by which waiting tasks are chosen fairly. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table admission (
  connection_id uuid primary key references connection (id) on delete cascade,
  -- Places and tokens by worker and bucket, and the circuit breaker; read and written whole.
  standing jsonb not null,
  -- No hints are given for the connection before.
  shut_until timestamptz not null default '-infinity',
  updated_at timestamptz not null
) with (fillfactor = 50);
-- Fewer or more requests at once than the connector allows.
alter table connection add column concurrency int check (concurrency between 1 and 1000);
alter table connection add column state_by text;

-- The connector of the source through which the message came: what is fair is fair over (source, flow).
alter table task add column source text collate "C" not null default '';

drop index task_hint;
drop index task_hinted;
-- Segments, by whose turn it is; then what sweeps hint.
create index task_evaluate on task (environment, lane, source, flow_id collate "C", priority desc, hint_at)
  where state = 'READY' and connection_id is null;
create index task_evaluate_hinted on task (environment, hint_at)
  where state = 'READY' and connection_id is null and hint_at > due_at;
-- Effects are taken by workers with a place, the same way; hints only wake one.
create index task_perform on task (connection_id, lane, source, flow_id collate "C", priority desc, due_at)
  where state = 'READY' and connection_id is not null;
create index task_perform_hint on task (connection_id, hint_at) where state = 'READY' and connection_id is not null;
`;
