import { sql, type Transaction } from "kysely";
import { type Approver, decideApproval, isUnnamed } from "#schemas/approval.ts";
import type { CanarySettings } from "#schemas/canary.ts";
import type { Flow } from "#schemas/flow.ts";
import type { KeptReview, Promotion } from "#schemas/promotion.ts";
import { FlowArchived, requireInUse } from "./archive.ts";
import { type AuditEntry, audit } from "./audit.ts";
import { type Db, isPassing } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { lockEnvironment } from "./environments.ts";
import { samplesHash } from "./flows.ts";
import { newId } from "./ids.ts";
import { type LockedPromotion, lockPromotion } from "./lockedPromotion.ts";
import { readPromotion } from "./promotionList.ts";
import { boundOtherwise, resolveSlots, type Slots } from "./promotionSlots.ts";
import { missingTables } from "./tableFlows.ts";
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
  /** Slot name to connection id, as the review bound them and as it found them bound. */
  slots: Record<string, string>;
  foundSlots: Record<string, string>;
  note: string;
  acknowledged: string[];
  review: KeptReview;
  /** SHA-256 of the version's samples, as the review tried them; null where it has none of its own. */
  samples: string | null;
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
      why:
        | ("missing" | "open" | "stale" | "hash" | "own" | "noPerson" | "noBase" | "retired" | "rebinds" | "unapproved")
        | "samples";
    }
  | { ok: false; why: "state"; state: Promotion["state"] }
  | { ok: false; why: "slotGone"; slot: string }
  /** Somebody bound it to another connection after the review, by name as what the promotion binds it to. */
  | { ok: false; why: "slotMoved"; slot: string; now: string; asked: string };

export type PromotionStep = { ok: true; promotion: Promotion } | PromotionRefusal;

/** Requests a promotion. Whoever could deploy where no approval is asked for has approved it with that; it is activated when it is time. */
export async function requestPromotion(db: Db, wish: NewPromotion, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    // Also what it looks up stays from here on: a table is not taken from a promotion that is open.
    const { protection } = await lockEnvironment(tx, wish.environment);
    await requireInUse(tx, wish.flow);
    if ((await runningVersion(tx, wish.environment, wish.flow)) !== wish.baseId) return { ok: false, why: "stale" };
    if (wish.canary && wish.baseId === null) return { ok: false, why: "noBase" };
    if ((await missingTables(tx, wish.environment, await drawn(tx, wish.versionId))).length > 0)
      return { ok: false, why: "stale" };
    if ((await samplesHash(tx, wish.versionId)) !== wish.samples) return { ok: false, why: "samples" };
    const bound = await slotsToBind(tx, wish);
    if (!bound.ok) return bound;
    // Of the version that runs a promotion can but bind slots anew.
    if (wish.canary && (bound.rebinds || wish.versionId === wish.baseId)) return { ok: false, why: "rebinds" };
    const id = newId();
    const free = protection !== "approval" && wish.operates;
    const { rows } = await sql`
      insert into promotion (id, flow_id, environment, version_id, base_id, hash, state, note, slots, found_slots, acknowledged,
        review, requested_at, requested_by, approved_at, approved_by, activate_at, canary, samples)
      values (${id}, ${wish.flow}, ${wish.environment}, ${wish.versionId}, ${wish.baseId}, ${wish.hash},
        ${free ? "approved" : "requested"}, ${wish.note}, ${JSON.stringify(wish.slots)},
        ${JSON.stringify(wish.foundSlots)}, ${wish.acknowledged},
        ${JSON.stringify(wish.review)}, clock_now(), ${actor}, case when ${free} then clock_now() end, ${free ? actor : null},
        ${wish.activateAt}::timestamptz, ${wish.canary && JSON.stringify(wish.canary)}, ${wish.samples})
      on conflict do nothing returning 1`.execute(tx);
    if (rows.length === 0) return { ok: false, why: "open" };
    const { version, hash, acknowledged, note, activateAt, canary } = wish;
    const detail = { promotion: id, version, hash, acknowledged, note, activateAt, canary };
    await told(tx, wish, "promotion.requested", actor, detail, stands(null, free ? "approved" : "requested"));
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
    // Before it is on record as approved: what cannot be activated is not.
    const barred = await hindrance(tx, found);
    if (barred) return barred;
    await sql`
      update promotion set state = 'approved', approved_at = clock_now(), approved_by = ${approver.actor}, alone = ${decided.alone},
        by_person = ${approver.person} where id = ${id}`.execute(tx);
    const { version, hash } = found;
    const unnamed = found.owners.filter(isUnnamed);
    const detail = { promotion: id, version, hash, alone: decided.alone, unnamed };
    await told(tx, found, "promotion.approved", approver.actor, detail, stands(found.state, "approved"));
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
    const detail = { promotion: id, version: found.version, reason };
    await told(tx, found, "promotion.withdrawn", actor, detail, stands(found.state, "withdrawn"));
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
    const slots = slotsBack(found, await slotsNow(tx, found));
    const gone = await goneSlot(tx, found.environment, slots);
    if (gone !== undefined) return { ok: false, why: "slotGone", slot: gone };
    await changeDeployment(tx, found.environment, found.flow, { version, slots }, actor);
    await end(tx, id, "rolledBack", actor, reason);
    await takeUpAgain(tx, found);
    await told(tx, found, "promotion.rolledBack", actor, { promotion: id, reason }, runs(found.version, found.base));
    return done(tx, id);
  });
}

/** What runs again came by a promotion of its own, which can be rolled back as before. */
async function takeUpAgain(tx: Tx, { environment, flow, baseId }: LockedPromotion): Promise<void> {
  await sql`
    update promotion set state = 'active', ended_at = null, ended_by = null where id = (
      select id from promotion where environment = ${environment} and flow_id = ${flow} and version_id = ${baseId}
        and state = 'replaced' order by activated_at desc limit 1)`.execute(tx);
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
        order by activate_at limit 1`.execute(tx);
      due = rows[0];
      if (!due) return false;
      const step = await activateIfDue(tx, due.id, due.by);
      if (!step.ok) await fail(tx, due, reasonOf(step));
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
  samples: "The samples of the version were exchanged after the review.",
  stale: "Another version was deployed there after the review.",
  rebinds: "A canary cannot bind slots anew: the version beside it uses them too.",
  unapproved: "The environment asks for the approval of another person by now.",
};

const reasonOf = (refusal: PromotionRefusal): string =>
  refusal.why === "slotMoved"
    ? `Slot ${refusal.slot} was bound to ${refusal.now} after the review; the promotion would bind it to ${refusal.asked}.`
    : (reasons[refusal.why] ?? "It could not be activated.");

async function fail(tx: Tx, { id, by }: Due, reason: string): Promise<void> {
  const found = await lockPromotion(tx, id);
  if (found?.state !== "approved") return;
  await end(tx, id, "failed", by, reason);
  const detail = { promotion: id, version: found.version, reason };
  await told(tx, found, "promotion.failed", by, detail, stands(found.state, "failed"));
}

export async function done(tx: Tx, id: string): Promise<PromotionStep> {
  const promotion = await readPromotion(tx, id);
  return promotion ? { ok: true, promotion } : { ok: false, why: "missing" };
}

async function drawn(tx: Tx, version: string): Promise<Flow> {
  const row = await tx.selectFrom("version").select("flow").where("id", "=", version).executeTakeFirstOrThrow();
  return JSON.parse(row.flow) as Flow;
}

/** The one version that an environment runs of a flow; null for none. Several are none that could be gone back to. */
async function runningVersion(tx: Tx, environment: string, flow: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select dv.version_id as id from deployment_version dv join deployment d on d.id = dv.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}

/** Slots that the promotion bound anew, as they were bound before; what was bound otherwise since is none of its doing. */
function slotsBack({ slots, baseSlots }: LockedPromotion, now: Slots): Record<string, string> {
  const moved = Object.entries(boundOtherwise(baseSlots ?? {}, slots));
  return Object.fromEntries(moved.filter(([slot]) => now[slot] === slots[slot]));
}

/** A slot of these whose connection is not there any more. */
async function goneSlot(tx: Tx, environment: string, slots: Record<string, string>): Promise<string | undefined> {
  const rows = await tx.selectFrom("connection").select("id").where("environment", "=", environment).execute();
  const there = new Set(rows.map(({ id }) => id));
  return Object.entries(slots).find(([, connection]) => !there.has(connection))?.[0];
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

interface SlotsToBind {
  ok: true;
  slots: Slots;
  /** What they are bound to now. */
  now: Slots;
  /** Whether one is bound anew that the version which goes on beside a canary uses. */
  rebinds: boolean;
}

/** What to bind the slots to, given what was bound since the review; refused where both bind one, and differently. */
async function slotsToBind(
  tx: Tx,
  wish: Pick<NewPromotion, "environment" | "flow" | "slots" | "foundSlots">,
): Promise<SlotsToBind | PromotionRefusal> {
  const now = await slotsNow(tx, wish);
  const { slots, conflicts } = resolveSlots(wish.foundSlots, wish.slots, now);
  const [conflict] = conflicts;
  if (!conflict) return { ok: true, slots, now, rebinds: Object.keys(boundOtherwise(now, slots)).length > 0 };
  const rows = await tx
    .selectFrom("connection")
    .select(["id", "name"])
    .where("id", "in", [conflict.now, conflict.asked])
    .execute();
  const nameOf = (id: string) => rows.find((row) => row.id === id)?.name ?? id;
  return { ok: false, why: "slotMoved", slot: conflict.slot, now: nameOf(conflict.now), asked: nameOf(conflict.asked) };
}

/** What keeps a promotion from being activated: the environment must still be what the review compared with. */
async function hindrance(tx: Tx, found: LockedPromotion): Promise<PromotionRefusal | undefined> {
  const version = await tx.selectFrom("version").select("state").where("id", "=", found.versionId).executeTakeFirstOrThrow();
  if (version.state === "retired") return { ok: false, why: "retired" };
  if ((await runningVersion(tx, found.environment, found.flow)) !== found.baseId) return { ok: false, why: "stale" };
  if (found.samples !== found.samplesNow) return { ok: false, why: "samples" };
  const bound = await slotsToBind(tx, found);
  if (!bound.ok) return bound;
  return found.canary && bound.rebinds ? { ok: false, why: "rebinds" } : undefined;
}

/** Moves the pointer, if it is time and nothing is in the way. */
async function activateIfDue(tx: Tx, id: string, actor: string): Promise<PromotionStep> {
  const { rows } = await sql<{ due: boolean }>`
    select coalesce(activate_at <= clock_now(), true) as due from promotion where id = ${id}`.execute(tx);
  if (!rows[0]?.due) return done(tx, id);
  const found = await lockPromotion(tx, id);
  if (!found) return { ok: false, why: "missing" };
  // Somebody else was faster.
  if (found.state !== "approved") return done(tx, id);
  const barred = await hindrance(tx, found);
  if (barred) return barred;
  // The environment may be guarded better than when it was requested.
  const { approvedBy, alone, byPerson, hash } = found;
  if (!decideApproval(found, { actor: approvedBy ?? "", person: byPerson, signIn: !alone, hash }).ok)
    return { ok: false, why: "unapproved" };
  if (!found.canary) return makeActive(tx, id, found, actor);
  const bound = await keepSlots(tx, id, found);
  if (!bound.ok) return bound;
  const { flow, environment, version, canary } = found;
  const beside = { id: found.versionId, number: version, share: canary.share };
  await changeDeployment(tx, environment, flow, { canary: beside, slots: bound.slots }, actor);
  await sql`update promotion set state = 'canary', canary_at = clock_now() where id = ${id}`.execute(tx);
  const change = { before: { version: found.base }, after: { version: found.base, canary: version } };
  await told(tx, found, "promotion.canaryBegun", actor, { promotion: id, canary }, change);
  return done(tx, id);
}

/** From now on the environment runs nothing else. */
export async function makeActive(tx: Tx, id: string, found: LockedPromotion, actor: string): Promise<PromotionStep> {
  const { flow, environment, version } = found;
  const bound = await keepSlots(tx, id, found);
  if (!bound.ok) return bound;
  const { slots } = bound;
  await changeDeployment(tx, environment, flow, { version: { id: found.versionId, number: version }, slots }, actor);
  await sql`
    update promotion set state = 'replaced', ended_at = clock_now(), ended_by = ${actor}
    where flow_id = ${flow} and environment = ${environment} and state = 'active'`.execute(tx);
  await sql`update promotion set state = 'active', activated_at = clock_now() where id = ${id}`.execute(tx);
  await told(tx, found, "promotion.activated", actor, { promotion: id }, runs(found.base, version));
  return done(tx, id);
}

/** Keeps what the slots were bound to before, and what the promotion really binds them to: a canary that is made full finds them so. */
async function keepSlots(
  tx: Tx,
  id: string,
  found: LockedPromotion,
): Promise<{ ok: true; slots: Record<string, string> } | PromotionRefusal> {
  const bound = await slotsToBind(tx, found);
  if (!bound.ok) return bound;
  const [slots, now] = [JSON.stringify(bound.slots), JSON.stringify(bound.now)];
  await sql`
    update promotion set slots = ${slots}::jsonb, found_slots = ${slots}::jsonb, base_slots = coalesce(base_slots, ${now}::jsonb)
    where id = ${id}`.execute(tx);
  return { ok: true, slots: { ...bound.slots } };
}

export async function end(tx: Tx, id: string, state: Promotion["state"], actor: string, reason: string): Promise<void> {
  await sql`
    update promotion set state = ${state}, ended_at = clock_now(), ended_by = ${actor}, reason = ${reason} where id = ${id}`.execute(
    tx,
  );
}

type Change = Required<Pick<AuditEntry, "before" | "after">>;

/** What becomes of the promotion itself. */
const stands = (before: Promotion["state"] | null, after: Promotion["state"]): Change => ({
  before: before && { state: before },
  after: { state: after },
});

/** Which version the environment runs. */
const runs = (before: number | null, after: number | null): Change => ({
  before: before === null ? null : { version: before },
  after: { version: after },
});

export const told = (
  tx: Tx,
  { environment, flow }: { environment: string; flow: string },
  action: string,
  actor: string,
  detail: Record<string, unknown>,
  change: Change,
): Promise<void> => audit(tx, { actor, action, environment, subject: flow, detail, ...change });
