import { type Kysely, sql } from "kysely";

/** What stands at other systems so that they send their webhooks here. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table webhook_subscription (
  binding_id uuid primary key references source_binding (id) on delete cascade,
  -- Whose words say how to subscribe: the version that is deployed, or was last.
  version_id uuid not null references version (id),
  -- False once no deployed version has the source: what stands is to go.
  wanted boolean not null,
  -- Counts what was asked for, so that a look under way does not take a newer wish for done.
  asked int not null default 1,
  state text not null default 'pending',
  -- The address that the system was told last.
  address text,
  noted jsonb not null default '[]',
  due_at timestamptz,
  epoch int not null default 0,
  worker text,
  lease_until timestamptz,
  failures int not null default 0,
  last_error jsonb,
  checked_at timestamptz,
  created_at timestamptz not null
);
create index webhook_subscription_due on webhook_subscription (due_at) where due_at is not null;
`;
