import { sql } from "kysely";
import { type AuthoredVersion, authorsOf, type Brought } from "#schemas/authors.ts";
import type { Db } from "./database.ts";

/** What says whose work the promotions of a flow are. */
export interface Lineage {
  versions: AuthoredVersion[];
  /** By environment: the numbers of the versions that promotions brought there. */
  ran: Readonly<Record<string, number[]>>;
}

export async function lineageOf(db: Db, flow: string): Promise<Lineage> {
  const versions = await db
    .selectFrom("version")
    .select(["number", "created_by as createdBy", "authors", "restored_from as restoredFrom"])
    .where("flow_id", "=", flow)
    .execute();
  const { rows } = await sql<{ environment: string; numbers: number[] }>`
    select p.environment, array_agg(distinct v.number) as numbers from promotion p join version v on v.id = p.version_id
    where p.flow_id = ${flow} and p.activated_at is not null group by p.environment`.execute(db);
  return { versions, ran: Object.fromEntries(rows.map(({ environment, numbers }) => [environment, numbers])) };
}

/** The names of who saved, published and requested it. */
export const promotionAuthors = (promotion: Brought & { environment: string }, { versions, ran }: Lineage): string[] =>
  authorsOf(promotion, versions, ran[promotion.environment] ?? []);

/** With who made the tokens that are among them, and every account of each. */
export async function ownersOf(db: Db, authors: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive owner (name) as (
      select unnest(${authors}::text[])
      union select other.name from owner, lateral (
        select t.created_by as name from api_token t where owner.name = 'token:' || t.name
        union all select b.name from person a join person b on coalesce(b.same_as, b.id) = coalesce(a.same_as, a.id)
        where a.name = owner.name) other
    ) select name from owner`.execute(db);
  return rows.map(({ name }) => name);
}
