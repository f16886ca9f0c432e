import { sql, type Transaction } from "kysely";
import { decideActivation } from "#schemas/approval.ts";
import { FlowArchived } from "./archive.ts";
import { type Db, isPassing } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { type LockedPromotion, lockPromotion } from "./lockedPromotion.ts";
import { boundOtherwise, resolveSlots, type Slots } from "./promotionSlots.ts";
import {
  done,
  end,
  type PromotionRefusal,
  type PromotionStep,
  runningVersion,
  runs,
  slotsNow,
  stands,
  told,
} from "./promotionSteps.ts";
import { stillOperates } from "./stillOperates.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

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
  stale: "Another version was deployed there after the review.",
  rebinds: "A canary cannot bind slots anew: the version beside it uses them too.",
  unapproved: "The environment asks for the approval of another person by now.",
  authorSince: "Who approved it is known to be one of its authors by now.",
  approverGone: "Who approved it may not operate the environment any more.",
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

interface SlotsToBind {
  ok: true;
  slots: Slots;
  /** What they are bound to now. */
  now: Slots;
  /** Whether one is bound anew that the version which goes on beside a canary uses. */
  rebinds: boolean;
}

/** What to bind the slots to, given what was bound since the review; refused where both bind one, and differently. */
export async function slotsToBind(
  tx: Tx,
  wish: Pick<LockedPromotion, "environment" | "flow" | "slots" | "foundSlots">,
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
export async function hindrance(tx: Tx, found: LockedPromotion): Promise<PromotionRefusal | undefined> {
  const version = await tx.selectFrom("version").select("state").where("id", "=", found.versionId).executeTakeFirstOrThrow();
  if (version.state === "retired") return { ok: false, why: "retired" };
  if ((await runningVersion(tx, found.environment, found.flow)) !== found.baseId) return { ok: false, why: "stale" };
  const bound = await slotsToBind(tx, found);
  if (!bound.ok) return bound;
  return found.canary && bound.rebinds ? { ok: false, why: "rebinds" } : undefined;
}

/** Moves the pointer, if it is time and nothing is in the way. */
export async function activateIfDue(tx: Tx, id: string, actor: string): Promise<PromotionStep> {
  const { rows } = await sql<{ due: boolean }>`
    select coalesce(activate_at <= clock_now(), true) as due from promotion where id = ${id}`.execute(tx);
  if (!rows[0]?.due) return done(tx, id);
  const found = await lockPromotion(tx, id);
  if (!found) return { ok: false, why: "missing" };
  // Somebody else was faster.
  if (found.state !== "approved") return done(tx, id);
  const barred = await hindrance(tx, found);
  if (barred) return barred;
  const { approvedBy, approvedAt, alone, byPerson, environment: where } = found;
  const operates = await stillOperates(tx, approvedBy ?? "", approvedAt ?? new Date(), where);
  const decided = decideActivation(found, { actor: approvedBy ?? "", person: byPerson, signIn: !alone }, operates);
  if (!decided.ok) return decided;
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
