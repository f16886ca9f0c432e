import { type Kysely, sql } from "kysely";

/**
 * The record of everything. Keys, ledger and dead letters stand in plain tables; messages, runs, tasks, attempts and
 * payloads are partitioned by their UUIDv7 id, that is by time, so that retention drops a partition and a look-up by
 * id reads one. The default partitions take what no month was prepared for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [time, design, people, keys, messages, runs, tasks, effects, outcomes, seeds]) {
    await sql.raw(statement).execute(db);
  }
}

const time = `
create table clock (
  one boolean primary key default true check (one),
  shift interval not null default '0'
);
insert into clock default values;
-- Every statement reads time here, so that tests and the sandbox can move it.
create function clock_now() returns timestamptz language sql stable
  as $$ select statement_timestamp() + (select shift from clock) $$;
`;

const design = `
create table environment (
  id text primary key,
  title text not null,
  protected boolean not null default false,
  position int not null
);
create table flow (
  id text primary key,
  created_at timestamptz not null,
  created_by text not null,
  archived_at timestamptz
);
create table draft (
  flow_id text primary key references flow (id),
  revision int not null,
  body text not null,
  updated_at timestamptz not null,
  updated_by text not null
);
create table version (
  id uuid primary key,
  flow_id text not null references flow (id),
  number int not null,
  hash text not null,
  flow text not null,
  lock text not null,
  note text not null,
  created_at timestamptz not null,
  created_by text not null,
  unique (flow_id, number),
  unique (flow_id, hash)
);
create table connection (
  id uuid primary key,
  environment text not null references environment (id),
  name text not null,
  connector text not null,
  connector_version text not null,
  system_account text not null,
  config jsonb not null,
  secrets bytea,
  secret_names text[] not null default '{}',
  state text not null default 'active' check (state in ('active', 'paused', 'authFailed')),
  state_reason text,
  state_at timestamptz not null,
  worker_group text not null default 'default',
  sandbox boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by text not null,
  unique (environment, name)
);
create table deployment (
  id uuid primary key,
  environment text not null references environment (id),
  flow_id text not null references flow (id),
  state text not null check (state in ('active', 'paused')),
  revision int not null,
  updated_at timestamptz not null,
  updated_by text not null,
  unique (environment, flow_id)
);
create table deployment_version (
  deployment_id uuid not null references deployment (id) on delete cascade,
  version_id uuid not null references version (id),
  weight int not null check (weight between 0 and 100),
  primary key (deployment_id, version_id)
);
create table deployment_slot (
  deployment_id uuid not null references deployment (id) on delete cascade,
  slot text not null,
  connection_id uuid not null references connection (id),
  primary key (deployment_id, slot)
);
create table source_binding (
  id uuid primary key,
  environment text not null,
  flow_id text not null,
  node_id text not null,
  connection_id uuid not null references connection (id),
  cursor jsonb,
  cursor_at timestamptz,
  created_at timestamptz not null,
  unique (environment, flow_id, node_id, connection_id)
);
`;

const people = `
create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  environment text,
  subject text not null,
  detail jsonb not null,
  previous_hash text not null,
  hash text not null
);
`;

const keys = `
-- Uniqueness of what was accepted; outlives the messages themselves.
create table message_key (
  binding_id uuid not null,
  dedupe_key text not null,
  message_id uuid not null,
  run_id uuid not null,
  content_hash text not null,
  received_at timestamptz not null,
  primary key (binding_id, dedupe_key)
);
create index message_key_received on message_key (received_at);
`;

const messages = `
create table message (
  id uuid primary key,
  environment text not null,
  flow_id text not null,
  binding_id uuid not null,
  source_node text not null,
  dedupe_key text not null,
  document_key text,
  document_version text,
  headers jsonb not null,
  body text,
  payload_id uuid,
  bytes int not null,
  received_at timestamptz not null
) partition by range (id);
create table message_default partition of message default;
create index message_flow on message (environment, flow_id, id desc);

create table payload (
  id uuid primary key,
  body text,
  bytes int not null,
  purge_after timestamptz,
  created_at timestamptz not null
) partition by range (id);
create table payload_default partition of payload default;
`;

const runs = `
create table run (
  id uuid primary key,
  message_id uuid not null,
  environment text not null,
  flow_id text not null,
  version_id uuid not null,
  version_number int not null,
  deployment_id uuid not null,
  source_node text not null,
  kind text not null default 'live' check (kind in ('live', 'replay', 'backfill')),
  lane smallint not null default 0,
  priority int not null default 0,
  document_key text,
  state text not null check (state in ('RUNNING', 'SUCCEEDED', 'PARTIAL', 'DEAD', 'CANCELLED')),
  held boolean not null default false,
  -- Tasks not yet ended, tasks that ended DEAD, tasks that ended DONE with nothing after them.
  open_tasks int not null,
  dead_tasks int not null default 0,
  leaf_tasks int not null default 0,
  clock_at timestamptz not null,
  seed text not null,
  replay_of uuid,
  replay_from text,
  failed_node text,
  failed_class text,
  started_at timestamptz not null,
  ended_at timestamptz
) partition by range (id);
create table run_default partition of run default;
create index run_flow on run (environment, flow_id, id desc);
create index run_document on run (document_key, id desc);
create index run_message on run (message_id);
create index run_open on run (environment, flow_id) where state = 'RUNNING';
create index run_held on run (deployment_id) where held;
`;

const tasks = `
create table task (
  id uuid primary key,
  run_id uuid not null,
  parent_id uuid,
  environment text not null,
  flow_id text not null,
  version_id uuid not null,
  kind text not null check (kind in ('segment', 'effect')),
  -- A segment is named by the port it follows; an effect by its node, with a null port.
  node_id text not null,
  port text,
  item_path text not null default '',
  state text not null check (state in ('READY', 'CLAIMED', 'DONE', 'DEAD', 'CANCELLED')),
  epoch int not null default 0,
  attempt int not null default 0,
  evaluator_deaths int not null default 0,
  worker text,
  lease_until timestamptz,
  due_at timestamptz not null,
  -- When the sweep gives a (further) hint, if nobody took the task by then.
  hint_at timestamptz not null,
  queue text not null,
  lane smallint not null default 0,
  priority int not null default 0,
  document_key text,
  order_seq bigint,
  connection_id uuid,
  worker_group text not null default 'default',
  input text,
  payload_id uuid,
  call text,
  effect_key text,
  result text,
  edges text[],
  failed_node text,
  class text,
  reason jsonb,
  engine text,
  output_hash text,
  created_at timestamptz not null,
  ended_at timestamptz
) partition by range (id);
create table task_default partition of task default;
create index task_hint on task (hint_at) where state = 'READY';
create index task_lease on task (lease_until) where state = 'CLAIMED';
create index task_run on task (run_id);
create index task_waiting_connection on task (connection_id) where state = 'READY';
create index task_flow on task (environment, flow_id, created_at);

create table attempt (
  id uuid primary key,
  task_id uuid not null,
  run_id uuid not null,
  number int not null,
  epoch int not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text,
  reason jsonb,
  request text,
  response text
) partition by range (id);
create table attempt_default partition of attempt default;
create index attempt_task on attempt (task_id);
`;

const effects = `
-- The ledger: one row for each effect there should ever be, by business identity.
create table effect (
  effect_key text primary key,
  environment text not null,
  connection_id uuid not null,
  operation text not null,
  document_key text not null,
  mode text not null check (mode in ('key', 'natural', 'lookup', 'none')),
  state text not null check (state in ('INTENDED', 'CONFIRMED', 'REFUSED', 'IN_DOUBT')),
  request_hash text not null,
  revision int not null default 1,
  task_id uuid not null,
  run_id uuid not null,
  epoch int not null,
  sent_at timestamptz not null,
  settled_at timestamptz,
  result text,
  created_at timestamptz not null
);
create index effect_document on effect (document_key);
`;

const outcomes = `
create table dead_letter (
  id uuid primary key,
  task_id uuid not null,
  run_id uuid not null,
  message_id uuid not null,
  environment text not null,
  flow_id text not null,
  version_number int not null,
  node_id text not null,
  connector text,
  connection_id uuid,
  document_key text,
  class text not null,
  reason jsonb not null,
  attempts int not null,
  state text not null default 'open' check (state in ('open', 'retried', 'resolved')),
  assignee text,
  tags text[] not null default '{}',
  note text,
  created_at timestamptz not null,
  closed_at timestamptz,
  closed_by text
);
create unique index dead_letter_open on dead_letter (task_id) where state = 'open';
create index dead_letter_list on dead_letter (environment, state, id desc);
create index dead_letter_flow on dead_letter (environment, flow_id, node_id) where state = 'open';
create index dead_letter_run on dead_letter (run_id);

create table milestone (
  id uuid primary key,
  environment text not null,
  flow_id text not null,
  run_id uuid not null,
  document_key text not null,
  kind text not null,
  at timestamptz not null
);
create index milestone_document on milestone (document_key, kind);
`;

const seeds = `
insert into environment (id, title, protected, position) values
  ('dev', 'Development', false, 1), ('staging', 'Staging', false, 2), ('prod', 'Production', true, 3);
`;
