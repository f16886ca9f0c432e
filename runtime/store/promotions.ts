import { sql, type Transaction } from "kysely";
import { type Approver, decideApproval } from "#schemas/approval.ts";
import type { CanarySettings } from "#schemas/canary.ts";
import type { Protection } from "#schemas/environment.ts";
import type { KeptReview, Promotion } from "#schemas/promotion.ts";
import { FlowArchived, requireInUse } from "./archive.ts";
import { audit } from "./audit.ts";
import { type Db, isPassing } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { isId, newId } from "./ids.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** A promotion as it is requested, after its review. */
export interface NewPromotion {
  flow: string;
  environment: string;
  versionId: string;
  version: number;
  hash: string;
  /** The version that the review compared with; null where none ran. */
  baseId: string | null;
  /** Slot name to connection id. */
  slots: Record<string, string>;
  note: string;
  acknowledged: string[];
  review: KeptReview;
  /** ISO 8601; null for as soon as it is approved. */
  activateAt: string | null;
  /** Null where it is to take all messages at once. */
  canary: CanarySettings | null;
  /** Whether who requests it could deploy there; else somebody who can approves it, wherever it is. */
  operates: boolean;
}

/** Why a step of a promotion is not taken. */
export type PromotionRefusal =
  | {
      ok: false;
      why: "missing" | "open" | "stale" | "hash" | "own" | "noPerson" | "noBase" | "retired" | "rebinds" | "unapproved";
    }
  | { ok: false; why: "state"; state: Promotion["state"] }
  | { ok: false; why: "slotGone"; slot: string };

export type PromotionStep = { ok: true; promotion: Promotion } | PromotionRefusal;

/** Requests a promotion. Whoever could deploy where no approval is asked for has approved it with that; it is activated when it is time. */
export async function requestPromotion(db: Db, wish: NewPromotion, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    await requireInUse(tx, wish.flow);
    const { protection } = await lockEnvironment(tx, wish.environment);
    if ((await runningVersion(tx, wish.environment, wish.flow)) !== wish.baseId) return { ok: false, why: "stale" };
    if (wish.canary && wish.baseId === null) return { ok: false, why: "noBase" };
    if (wish.canary && (await rebinds(tx, wish))) return { ok: false, why: "rebinds" };
    const id = newId();
    const free = protection !== "approval" && wish.operates;
    const { rows } = await sql`
      insert into promotion (id, flow_id, environment, version_id, base_id, hash, state, note, slots, acknowledged, review,
        requested_at, requested_by, approved_at, approved_by, activate_at, canary)
      values (${id}, ${wish.flow}, ${wish.environment}, ${wish.versionId}, ${wish.baseId}, ${wish.hash},
        ${free ? "approved" : "requested"}, ${wish.note}, ${JSON.stringify(wish.slots)}, ${wish.acknowledged},
        ${JSON.stringify(wish.review)}, clock_now(), ${actor}, case when ${free} then clock_now() end, ${free ? actor : null},
        ${wish.activateAt}::timestamptz, ${wish.canary && JSON.stringify(wish.canary)})
      on conflict do nothing returning 1`.execute(tx);
    if (rows.length === 0) return { ok: false, why: "open" };
    const { version, hash, acknowledged, note, activateAt, canary } = wish;
    await told(tx, wish, "promotion.requested", actor, { promotion: id, version, hash, acknowledged, note, activateAt, canary });
    return free ? activateIfDue(tx, id, actor) : done(tx, id);
  });
}

/** Approves the content that was seen, and activates it when it is time. */
export async function approvePromotion(db: Db, id: string, approver: Approver): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "requested") return { ok: false, why: "state", state: found.state };
    const decided = decideApproval(found, approver);
    if (!decided.ok) return decided;
    if ((await runningVersion(tx, found.environment, found.flow)) !== found.baseId) return { ok: false, why: "stale" };
    await sql`
      update promotion set state = 'approved', approved_at = clock_now(), approved_by = ${approver.actor}, alone = ${decided.alone}
      where id = ${id}`.execute(tx);
    const { version, hash } = found;
    await told(tx, found, "promotion.approved", approver.actor, { promotion: id, version, hash, alone: decided.alone });
    return activateIfDue(tx, id, approver.actor);
  });
}

/** Takes back what was requested or is to be activated later. */
export async function withdrawPromotion(db: Db, id: string, reason: string, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "requested" && found.state !== "approved") return { ok: false, why: "state", state: found.state };
    await end(tx, id, "withdrawn", actor, reason);
    await told(tx, found, "promotion.withdrawn", actor, { promotion: id, version: found.version, reason });
    return done(tx, id);
  });
}

/** Goes back to the version that ran before, and to its connections: a move of the pointer. Runs under way keep the version they began with. */
export async function rollBackPromotion(db: Db, id: string, reason: string, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "active") return { ok: false, why: "state", state: found.state };
    if ((await runningVersion(tx, found.environment, found.flow)) !== found.versionId) return { ok: false, why: "stale" };
    if (found.baseId === null || found.base === null) return { ok: false, why: "noBase" };
    const base = await tx.selectFrom("version").select("state").where("id", "=", found.baseId).executeTakeFirstOrThrow();
    if (base.state === "retired") return { ok: false, why: "retired" };
    const version = { id: found.baseId, number: found.base };
    const slots = changedSlots(found);
    const gone = await goneSlot(tx, found.environment, slots);
    if (gone !== undefined) return { ok: false, why: "slotGone", slot: gone };
    await changeDeployment(tx, found.environment, found.flow, { version, slots }, actor);
    await end(tx, id, "rolledBack", actor, reason);
    await told(tx, found, "promotion.rolledBack", actor, { promotion: id, from: found.version, to: found.base, reason });
    return done(tx, id);
  });
}

/**
 * Activates the approved promotion that has been due the longest, or ends it as failed and says why: one that cannot be
 * activated holds up none after it. False when none is due.
 */
export async function activateDuePromotion(db: Db): Promise<boolean> {
  let due: Due | undefined;
  try {
    return await transact(db, "promotion.put", async (tx) => {
      const { rows } = await sql<Due>`
        select id, approved_by as by from promotion where state = 'approved' and activate_at <= clock_now()
        order by activate_at limit 1 for update skip locked`.execute(tx);
      due = rows[0];
      if (!due) return false;
      const step = await activateIfDue(tx, due.id, due.by);
      if (!step.ok) await fail(tx, due, reasons[step.why] ?? "It could not be activated.");
      return true;
    });
  } catch (error) {
    if (!due || isPassing(error)) throw error;
    const { id, by } = due;
    const reason =
      error instanceof FlowArchived ? error.message : "It cannot be done as requested: a connection that it binds may be gone.";
    await transact(db, "promotion.put", (tx) => fail(tx, { id, by }, reason));
    return true;
  }
}

interface Due {
  id: string;
  /** Who approved it. */
  by: string;
}

/** Why what was approved is not activated when it is time. */
const reasons: Partial<Record<PromotionRefusal["why"], string>> = {
  retired: "The version was retired meanwhile.",
  stale: "Another version was deployed there after the review.",
  rebinds: "A slot was bound anew after the review, and a canary shares its slots with the version beside it.",
  unapproved: "The environment asks for the approval of another person by now.",
};

async function fail(tx: Tx, { id, by }: Due, reason: string): Promise<void> {
  const found = await lockPromotion(tx, id);
  if (found?.state !== "approved") return;
  await end(tx, id, "failed", by, reason);
  await told(tx, found, "promotion.failed", by, { promotion: id, version: found.version, reason });
}

/** The promotions of a flow, into one environment or into all, the newest first. */
export async function listPromotions(db: Db, flow: string, environment?: string): Promise<Promotion[]> {
  const { rows } = await sql<Row>`
    ${columns} where p.flow_id = ${flow} and (${environment ?? null}::text is null or p.environment = ${environment ?? null})
    order by p.id desc limit ${MOST_LISTED}`.execute(db);
  return rows.map(shown);
}

/** A person looks at the last ones; the audit has them all. */
const MOST_LISTED = 100;

export async function readPromotion(db: Db, id: string): Promise<Promotion | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<Row>`${columns} where p.id = ${id}`.execute(db);
  return rows[0] && shown(rows[0]);
}

const TIMES = ["requestedAt", "approvedAt", "activateAt", "canaryAt", "activatedAt", "endedAt"] as const;
type Row = Omit<Promotion, (typeof TIMES)[number]> & Record<(typeof TIMES)[number], Date | null> & { requestedAt: Date };

const columns = sql`
  select p.id, p.flow_id as flow, p.environment, v.number as version, b.number as base, p.hash, p.state, p.note,
    (select coalesce(jsonb_object_agg(s.key, coalesce(c.name, s.value)), '{}')
      from jsonb_each_text(p.slots) s left join connection c on c.id = s.value::uuid) as slots,
    p.acknowledged, p.review, p.requested_at as "requestedAt", p.requested_by as "requestedBy", p.approved_at as "approvedAt",
    p.approved_by as "approvedBy", p.alone, p.activate_at as "activateAt", p.canary, p.canary_at as "canaryAt", p.activated_at as "activatedAt",
    p.ended_at as "endedAt", p.ended_by as "endedBy", p.reason
  from promotion p join version v on v.id = p.version_id left join version b on b.id = p.base_id`;

const shown = (row: Row): Promotion => ({
  ...row,
  requestedAt: row.requestedAt.toISOString(),
  approvedAt: row.approvedAt?.toISOString() ?? null,
  activateAt: row.activateAt?.toISOString() ?? null,
  canaryAt: row.canaryAt?.toISOString() ?? null,
  activatedAt: row.activatedAt?.toISOString() ?? null,
  endedAt: row.endedAt?.toISOString() ?? null,
});

export async function done(tx: Tx, id: string): Promise<PromotionStep> {
  const promotion = await readPromotion(tx, id);
  return promotion ? { ok: true, promotion } : { ok: false, why: "missing" };
}

export interface LockedPromotion {
  flow: string;
  environment: string;
  protection: Protection;
  versionId: string;
  version: number;
  baseId: string | null;
  base: number | null;
  hash: string;
  state: Promotion["state"];
  slots: Record<string, string>;
  /** What the slots were bound to before; null until it is activated. */
  baseSlots: Record<string, string> | null;
  requestedBy: string;
  publishedBy: string;
  approvedBy: string | null;
  /** Approved by the only person there was. */
  alone: boolean;
  canary: CanarySettings | null;
  canaryAt: Date | null;
}

/** A promotion with its environment, both locked: whoever changes how the environment is guarded comes before or after. */
export async function lockPromotion(tx: Tx, id: string): Promise<LockedPromotion | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<LockedPromotion>`
    select p.flow_id as flow, p.environment, e.protection, p.version_id as "versionId", v.number as version, p.base_id as "baseId",
      (select number from version b where b.id = p.base_id) as base, p.hash, p.state, p.slots, p.base_slots as "baseSlots", p.requested_by as "requestedBy",
      v.created_by as "publishedBy", p.approved_by as "approvedBy", p.alone, p.canary, p.canary_at as "canaryAt"
    from promotion p join environment e on e.id = p.environment join version v on v.id = p.version_id
    where p.id = ${id} for update of p, e`.execute(tx);
  return rows[0];
}

async function lockEnvironment(tx: Tx, id: string): Promise<{ protection: Protection }> {
  return tx.selectFrom("environment").select("protection").where("id", "=", id).forUpdate().executeTakeFirstOrThrow();
}

/** The one version that an environment runs of a flow; null for none. Several are none that could be gone back to. */
async function runningVersion(tx: Tx, environment: string, flow: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select dv.version_id as id from deployment_version dv join deployment d on d.id = dv.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}

/** What the slots that the promotion bound anew were bound to before it; whatever else was bound since is none of its doing. */
const changedSlots = ({ slots, baseSlots }: LockedPromotion): Record<string, string> => boundOtherwise(baseSlots ?? {}, slots);

/** The slots, with their connections, that others bind to another one. */
const boundOtherwise = (slots: Readonly<Record<string, string>>, others: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(slots).filter(([slot, connection]) => others[slot] !== undefined && others[slot] !== connection),
  );

/** A slot of these whose connection is not there any more. */
async function goneSlot(tx: Tx, environment: string, slots: Record<string, string>): Promise<string | undefined> {
  const rows = await tx.selectFrom("connection").select("id").where("environment", "=", environment).execute();
  const there = new Set(rows.map(({ id }) => id));
  return Object.entries(slots).find(([, connection]) => !there.has(connection))?.[0];
}

/** Keeps what the slots are bound to, before the promotion binds them anew. */
async function keepSlots(tx: Tx, id: string, promotion: LockedPromotion): Promise<void> {
  const slots = JSON.stringify(await slotsNow(tx, promotion));
  await sql`update promotion set base_slots = ${slots}::jsonb where id = ${id}`.execute(tx);
}

/** Slot name to connection id, as the environment binds them. */
async function slotsNow(
  tx: Tx,
  { environment, flow }: Pick<NewPromotion, "environment" | "flow">,
): Promise<Record<string, string>> {
  const { rows } = await sql<{ slot: string; connection: string }>`
    select s.slot, s.connection_id as connection from deployment_slot s join deployment d on d.id = s.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return Object.fromEntries(rows.map(({ slot, connection }) => [slot, connection]));
}

/** Whether it would bind a slot anew that the version which goes on beside it uses. */
const rebinds = async (tx: Tx, wish: Pick<NewPromotion, "environment" | "flow" | "slots">): Promise<boolean> =>
  Object.keys(boundOtherwise(await slotsNow(tx, wish), wish.slots)).length > 0;

/** Moves the pointer, if it is time; what the environment runs must still be what the review compared with. */
async function activateIfDue(tx: Tx, id: string, actor: string): Promise<PromotionStep> {
  const { rows } = await sql<{ due: boolean; retired: boolean }>`
    select coalesce(p.activate_at <= clock_now(), true) as due, v.state = 'retired' as retired
    from promotion p join version v on v.id = p.version_id where p.id = ${id}`.execute(tx);
  if (!rows[0]?.due) return done(tx, id);
  if (rows[0].retired) return { ok: false, why: "retired" };
  const found = await lockPromotion(tx, id);
  if (!found) return { ok: false, why: "missing" };
  if ((await runningVersion(tx, found.environment, found.flow)) !== found.baseId) return { ok: false, why: "stale" };
  // The environment may be guarded better than when it was requested.
  if (found.protection === "approval" && [found.requestedBy, found.publishedBy].includes(found.approvedBy ?? "") && !found.alone)
    return { ok: false, why: "unapproved" };
  if (found.canary && (await rebinds(tx, found))) return { ok: false, why: "rebinds" };
  if (!found.canary) return makeActive(tx, id, found, actor);
  const { flow, environment, version, slots, canary } = found;
  await changeDeployment(
    tx,
    environment,
    flow,
    { canary: { id: found.versionId, number: version, share: canary.share }, slots },
    actor,
  );
  await sql`update promotion set state = 'canary', canary_at = clock_now() where id = ${id}`.execute(tx);
  await told(tx, found, "promotion.canaryBegun", actor, { promotion: id, from: found.base, to: version, canary });
  return done(tx, id);
}

/** From now on the environment runs nothing else. */
export async function makeActive(tx: Tx, id: string, found: LockedPromotion, actor: string): Promise<PromotionStep> {
  const { flow, environment, slots, version } = found;
  await keepSlots(tx, id, found);
  await changeDeployment(tx, environment, flow, { version: { id: found.versionId, number: version }, slots }, actor);
  await sql`
    update promotion set state = 'replaced', ended_at = clock_now(), ended_by = ${actor}
    where flow_id = ${flow} and environment = ${environment} and state = 'active'`.execute(tx);
  await sql`update promotion set state = 'active', activated_at = clock_now() where id = ${id}`.execute(tx);
  await told(tx, found, "promotion.activated", actor, { promotion: id, from: found.base, to: version });
  return done(tx, id);
}

export async function end(tx: Tx, id: string, state: Promotion["state"], actor: string, reason: string): Promise<void> {
  await sql`
    update promotion set state = ${state}, ended_at = clock_now(), ended_by = ${actor}, reason = ${reason} where id = ${id}`.execute(
    tx,
  );
}

export const told = (
  tx: Tx,
  { environment, flow }: { environment: string; flow: string },
  action: string,
  actor: string,
  detail: Record<string, unknown>,
): Promise<void> => audit(tx, { actor, action, environment, subject: flow, detail });
