import { sql, type Transaction } from "kysely";
import { type Approver, decideApproval, isUnnamed } from "#schemas/approval.ts";
import type { CanarySettings } from "#schemas/canary.ts";
import type { Flow } from "#schemas/flow.ts";
import type { KeptReview } from "#schemas/promotion.ts";
import { requireInUse } from "./archive.ts";
import type { Db } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { lockEnvironment } from "./environments.ts";
import { samplesHash } from "./flows.ts";
import { newId } from "./ids.ts";
import { type LockedPromotion, lockPromotion } from "./lockedPromotion.ts";
import { activateIfDue, hindrance, slotsToBind } from "./promotionActivation.ts";
import { boundOtherwise, type Slots } from "./promotionSlots.ts";
import { done, end, type PromotionStep, runningVersion, runs, slotsNow, stands, told } from "./promotionSteps.ts";
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

/** A time that was chosen a moment ago may pass while one acknowledges the risks, and the server reviews: it means at once. */
const PASSED_MINUTES = 10;

/** Whether a time is long past: a wrong month or year, by which something would run now that is meant for later. */
async function isPast(tx: Tx, activateAt: string | null): Promise<boolean> {
  const { rows } = await sql<{ past: boolean }>`
    select ${activateAt}::timestamptz < clock_now() - make_interval(mins => ${PASSED_MINUTES}) as past`.execute(tx);
  return rows[0]?.past === true;
}

/** Requests a promotion. Whoever could deploy where no approval is asked for has approved it with that; it is activated when it is time. */
export async function requestPromotion(db: Db, wish: NewPromotion, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    // Also what it looks up stays from here on: a table is not taken from a promotion that is open.
    const { protection } = await lockEnvironment(tx, wish.environment);
    await requireInUse(tx, wish.flow);
    if (await isPast(tx, wish.activateAt)) return { ok: false, why: "past" };
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
    if (found.samples !== found.samplesNow) return { ok: false, why: "samples" };
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
    const missing = await missingTables(tx, found.environment, await drawn(tx, found.baseId));
    if (missing.length > 0) return { ok: false, why: "tables", missing };
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

async function drawn(tx: Tx, version: string): Promise<Flow> {
  const row = await tx.selectFrom("version").select("flow").where("id", "=", version).executeTakeFirstOrThrow();
  return JSON.parse(row.flow) as Flow;
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
