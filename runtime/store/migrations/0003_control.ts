import { type Kysely, sql } from "kysely";

/** What control nodes keep, the order of a document's runs, cancelling, and answers to callers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table task drop constraint task_kind_check;
alter table task add constraint task_kind_check check (kind in ('segment', 'effect', 'control'));
-- The innermost split with a join that the task is part of.
alter table task add column scope_id uuid;
-- By which a waiting item meets another: the key of a wait, of a batch, of a coalescing node.
alter table task add column meet_key text;
create index task_meeting on task (environment, flow_id, node_id, meet_key, id) where state = 'READY' and meet_key is not null;
create index task_scope on task (scope_id, item_path) where scope_id is not null and kind = 'control';

-- One split whose items a join gathers.
create table scope (
  id uuid primary key,
  run_id uuid not null,
  split_node text not null,
  join_node text not null,
  -- The control task that fires the join once nothing of the scope is open.
  join_task uuid not null,
  expected int not null,
  open int not null,
  dead int not null default 0,
  fired_at timestamptz,
  created_at timestamptz not null
);
create index scope_created on scope (created_at);

-- Open batches; one that left has no row any more.
create table gather (
  environment text not null,
  flow_id text not null,
  node_id text not null,
  key text not null,
  version_id uuid not null,
  deployment_id uuid not null,
  count int not null,
  bytes bigint not null,
  most_count int not null,
  most_bytes bigint not null,
  due_at timestamptz not null,
  primary key (environment, flow_id, node_id, key)
);
create index gather_due on gather (due_at);

-- A document in a flow: its newest versions, and the run whose turn it is.
create table document (
  environment text not null,
  flow_id text not null,
  document_key text not null,
  -- By source node, the rank of the newest version that came: sources count versions each in its own way.
  ranks jsonb not null,
  newest_run uuid not null,
  head_run uuid,
  -- Runs that wait for the head to end.
  waiting int not null default 0,
  updated_at timestamptz not null,
  primary key (environment, flow_id, document_key)
) with (fillfactor = 80);
create index document_updated on document (updated_at);

alter table run add column document_rank text;
-- True while an earlier run of the same document goes on.
alter table run add column order_waiting boolean not null default false;
-- A newer version of the document had come before.
alter table run add column superseded_by uuid;
alter table run add column cancelled_at timestamptz;
alter table run add column cancelled_by text;
-- JSON text of { status, body }: what a respond node answered.
alter table run add column response text;
-- The sub-flow task of another run that waits for this one, and how deep such calls go.
alter table run add column parent_task uuid;
alter table run add column depth smallint not null default 0;
create index run_order on run (environment, flow_id, document_key, id) where order_waiting;
create index run_parent on run (parent_task, id) where parent_task is not null;
create index run_cancelling on run (id) where state = 'RUNNING' and cancelled_at is not null;
alter table effect add column document_rank text collate "C";
`;
