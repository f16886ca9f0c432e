import { type Kysely, sql } from "kysely";

/** People, what each may do where, their sessions, tokens of machines, and how often sign-in was tried. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
create table person (
  id uuid primary key,
  -- What one signs in with, and how one is named as an actor; never changed, never given again.
  name text not null unique check (name = lower(name)),
  title text not null,
  -- Null for those who sign in elsewhere only.
  password text,
  state text not null default 'active' check (state in ('active', 'disabled')),
  -- Of the OpenID provider that vouches for the person.
  issuer text,
  subject text,
  signed_in_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  unique (issuer, subject)
);
-- An environment of null is everywhere.
create table person_grant (
  person_id uuid not null references person (id) on delete cascade,
  environment text references environment (id),
  role text not null check (role in ('viewer', 'analyst', 'operator', 'admin')),
  unique nulls not distinct (person_id, environment, role)
);
-- Only the hash of what the cookie holds: who reads this table cannot sign in with it.
create table session (
  id_hash text primary key,
  person_id uuid not null references person (id) on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  address text not null,
  agent text not null
);
create index session_person on session (person_id);
create index session_expires on session (expires_at);
create table api_token (
  id uuid primary key,
  name text not null,
  hash text not null unique,
  -- The last characters, by which people tell tokens apart.
  tail text not null,
  role text not null check (role in ('viewer', 'analyst', 'operator', 'admin')),
  -- Null for everywhere.
  environments text[],
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null,
  created_by text not null,
  revoked_at timestamptz,
  revoked_by text
);
create unique index api_token_name on api_token (name) where revoked_at is null;
-- Tries to sign in that did not succeed, by account and by address, within a window that begins with the first.
create table sign_in_try (
  key text primary key,
  tries int not null,
  since timestamptz not null
);
create index sign_in_try_since on sign_in_try (since);
`;
