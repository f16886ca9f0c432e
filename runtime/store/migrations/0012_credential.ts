import { type Kysely, sql } from "kysely";

/** What systems gave so that requests are let in for a while: tokens and sessions, one for all workers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table credential (
  connection_id uuid not null references connection (id) on delete cascade,
  -- What it was obtained by: oauth2, session or csrf.
  kind text not null,
  -- The credential, encrypted; null while there has been none.
  sealed bytea,
  -- Counts the requests for one that have ended, well or badly.
  exchanges int not null default 0,
  -- Why the last one gave none; null where it did.
  failure jsonb,
  -- Who asks for one just now, and until when nobody else does.
  lease_id uuid,
  lease_until timestamptz not null default '-infinity',
  updated_at timestamptz not null,
  primary key (connection_id, kind)
) with (fillfactor = 50);
`;
