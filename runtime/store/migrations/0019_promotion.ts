import { type Kysely, sql } from "kysely";

/** The life of versions, how well an environment is guarded, and the promotions between environments. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table version
  add column state text not null default 'live' check (state in ('live', 'deprecated', 'retired')),
  add column state_at timestamptz,
  add column state_by text;

-- none: versions are deployed directly. checks: by promotion, whose checks must pass. approval: and somebody else agrees.
alter table environment add column protection text not null default 'none' check (protection in ('none', 'checks', 'approval'));
update environment set protection = 'approval' where protected;
alter table environment drop column protected;
alter table environment add column protected boolean not null generated always as (protection <> 'none') stored;

create table promotion (
  id uuid primary key,
  flow_id text not null references flow (id),
  environment text not null references environment (id),
  -- What is promoted, and what the environment ran when that was reviewed; null where it ran nothing.
  version_id uuid not null references version (id),
  base_id uuid references version (id),
  hash text not null,
  state text not null check (state in ('requested', 'approved', 'active', 'replaced', 'rolledBack', 'withdrawn', 'failed')),
  note text not null,
  slots jsonb not null,
  acknowledged text[] not null,
  review jsonb not null,
  requested_at timestamptz not null,
  requested_by text not null,
  approved_at timestamptz,
  approved_by text,
  -- True where sign-in was not set up: then nobody else could approve.
  alone boolean not null default false,
  activate_at timestamptz,
  activated_at timestamptz,
  ended_at timestamptz,
  ended_by text,
  reason text
);
create unique index promotion_open on promotion (flow_id, environment) where state in ('requested', 'approved');
create index promotion_due on promotion (activate_at) where state = 'approved';
create index promotion_list on promotion (flow_id, id desc);
create index promotion_environment on promotion (environment, id desc);
`;
