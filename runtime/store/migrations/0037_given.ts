import { type Kysely, sql } from "kysely";

/** Control numbers that effects were given, and secrets that systems gave with what they send. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
alter table effect add column control_number bigint;
-- One for each account of a connector: a partner looks at the numbers of all that comes from us.
create table control_number (
  environment text not null,
  connector text not null,
  account text not null,
  last bigint not null,
  primary key (environment, connector, account)
);
-- What a system signs its webhooks with and tells once, by its own id of the subscription.
create table subscription_secret (
  binding_id uuid not null references webhook_subscription (binding_id) on delete cascade,
  subscription text not null,
  sealed bytea not null,
  primary key (binding_id, subscription)
);
`;
