import { sql } from "kysely";
import { isUnnamed } from "#schemas/approval.ts";
import { type FailedPromotion, openPromotionStates, type Promotion } from "#schemas/promotion.ts";
import type { Db } from "./database.ts";
import { isId } from "./ids.ts";
import { type Lineage, lineageOf, promotionAuthors } from "./promotionAuthors.ts";

/** Who stops a canary that fails too often. */
export const ENGINE = "engine";

/**
 * The promotions of a flow, into one environment or into all: first those that something can still be done with, however
 * many came after them and led to nothing, then the others; the newest first.
 */
export async function listPromotions(db: Db, flow: string, environment?: string): Promise<Promotion[]> {
  const { rows } = await sql<Row>`
    ${columns} where p.flow_id = ${flow} and (${environment ?? null}::text is null or p.environment = ${environment ?? null})
    order by p.state = any(${LIVE}) desc, p.id desc limit ${MOST_LISTED}`.execute(db);
  const lineage = await lineageOf(db, flow);
  return rows.map((row) => shown(row, lineage));
}

/** A person looks at the last ones; the audit has them all. */
const MOST_LISTED = 100;

/** An open one is withdrawn, approved or stopped; an active one is rolled back, an ended one taken up again. */
const LIVE: Promotion["state"][] = [...openPromotionStates, "active", "ended"];

export async function readPromotion(db: Db, id: string): Promise<Promotion | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<Row>`${columns} where p.id = ${id}`.execute(db);
  return rows[0] && shown(rows[0], await lineageOf(db, rows[0].flow));
}

/** For so long it is told outside the page of promotions: who has not looked into it by then does not mean to. */
const TOLD_DAYS = 14;

/** Promotions that were approved and ended by themselves, where none was begun since: when their time came, or as canaries. */
export async function failedPromotions(db: Db): Promise<(FailedPromotion & { flow: string })[]> {
  const { rows } = await sql<FailedPromotion & { flow: string }>`
    select flow_id as flow, environment, number as version, reason from (
      select distinct on (p.flow_id, p.environment) p.flow_id, p.environment, v.number, p.reason, p.state, p.ended_at, p.ended_by
      from promotion p join version v on v.id = p.version_id order by p.flow_id, p.environment, p.id desc) last
    where (state = 'failed' or state = 'stopped' and ended_by = ${ENGINE})
      and ended_at > clock_now() - make_interval(days => ${TOLD_DAYS}) order by flow, environment`.execute(db);
  return rows;
}

const TIMES = ["requestedAt", "approvedAt", "activateAt", "canaryAt", "activatedAt", "endedAt"] as const;
type Row = Omit<Promotion, (typeof TIMES)[number] | "unnamed"> &
  Record<(typeof TIMES)[number], Date | null> & { requestedAt: Date };

const columns = sql`
  select p.id, p.flow_id as flow, p.environment, v.number as version, b.number as base, p.hash, p.state, p.note,
    (select coalesce(jsonb_object_agg(s.key, coalesce(c.name, s.value)), '{}')
      from jsonb_each_text(p.slots) s left join connection c on c.id = s.value::uuid) as slots,
    p.acknowledged, p.review, p.requested_at as "requestedAt", p.requested_by as "requestedBy", p.approved_at as "approvedAt",
    p.approved_by as "approvedBy", p.alone, p.activate_at as "activateAt", p.canary, p.canary_at as "canaryAt", p.activated_at as "activatedAt",
    p.ended_at as "endedAt", p.ended_by as "endedBy", p.reason
  from promotion p join version v on v.id = p.version_id left join version b on b.id = p.base_id`;

const shown = (row: Row, lineage: Lineage): Promotion => ({
  ...row,
  unnamed: promotionAuthors(row, lineage).filter(isUnnamed),
  requestedAt: row.requestedAt.toISOString(),
  approvedAt: row.approvedAt?.toISOString() ?? null,
  activateAt: row.activateAt?.toISOString() ?? null,
  canaryAt: row.canaryAt?.toISOString() ?? null,
  activatedAt: row.activatedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});
