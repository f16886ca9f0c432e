import { type Kysely, sql } from "kysely";

/**
 * Whose work a version is: not only of who published it. And whether a person gave an approval: an environment may come to ask
 * for that before what was approved is activated.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- Everybody who saved the draft since the last version was made of it.
alter table draft add column editors text[] not null default '{}';
update draft set editors = array[updated_by];
-- Everybody who saved the draft that it was made of, since the version before.
alter table version add column authors text[] not null default '{}';
alter table promotion add column by_person boolean not null default false;
-- Tokens have a colon in their names, and who is no person has one of these.
update promotion set by_person = approved_by not like '%:%' and approved_by not in ('local', 'token', 'sandbox', 'engine')
  where approved_by is not null;
`;
