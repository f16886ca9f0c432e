import { type Kysely, sql } from "kysely";

/** What is kept how long: large items apart, payloads that are purged, months that are dropped, edited inputs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- A large result of an effect stands in the payload table, as a large input does.
alter table task add column result_payload_id uuid;
-- What the task had before a person edited it and tried it again.
alter table task add column original_input text;
alter table task add column original_payload_id uuid;
alter table task add column original_call text;
alter table task add column edited_at timestamptz;
alter table task add column edited_by text;

-- Days after which a message and all its run carried is purged; null: kept as long as the run is.
alter table environment add column payload_days int check (payload_days >= 1);
alter table connection add column payload_days int check (payload_days >= 1);
alter table payload drop column purge_after;
alter table message add column purge_after timestamptz;
alter table message add column purged_at timestamptz;
create index message_purge on message (purge_after) where purge_after is not null and purged_at is null;

create index dead_letter_closed on dead_letter (closed_at) where state <> 'open';
create index effect_settled on effect (settled_at) where state in ('CONFIRMED', 'REFUSED');

-- When the last pass of retention began, and what it had to keep and why.
create table retention (
  one boolean primary key default true check (one),
  at timestamptz not null default '-infinity',
  held jsonb not null default '[]'
);
insert into retention default values;
`;
