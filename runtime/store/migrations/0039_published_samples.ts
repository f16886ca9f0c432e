import { type Kysely, sql } from "kysely";

/** The samples that a version was published with, and a promotion reviewed with: they may be exchanged since, and are no part of the hash. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statements).execute(db);
}

const statements = `
-- SHA-256 of the samples at publication; null where none were kept then. When, and by whom, they were exchanged last.
alter table version add column samples_published text, add column samples_at timestamptz, add column samples_by text;
update version set samples_published = encode(sha256(convert_to(samples, 'UTF8')), 'hex') where samples is not null;
-- SHA-256 of the version's samples, as they were reviewed.
alter table promotion add column samples text;
update promotion p set samples = v.samples_published from version v where v.id = p.version_id;
`;
