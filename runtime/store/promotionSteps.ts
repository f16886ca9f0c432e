import { sql, type Transaction } from "kysely";
import type { Promotion } from "#schemas/promotion.ts";
import { type AuditEntry, audit } from "./audit.ts";
import { readPromotion } from "./promotionList.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** Why a step of a promotion is not taken. */
export type PromotionRefusal =
  | {
      ok: false;
      why:
        | ("missing" | "open" | "stale" | "hash" | "own" | "noPerson" | "noBase" | "retired" | "rebinds" | "unapproved")
        | ("samples" | "past" | "approverGone" | "authorSince");
    }
  | { ok: false; why: "state"; state: Promotion["state"] }
  | { ok: false; why: "slotGone"; slot: string }
  /** What would be gone back to looks things up in vain, a sentence for each node. */
  | { ok: false; why: "tables"; missing: string[] }
  /** Somebody bound it to another connection after the review, by name as what the promotion binds it to. */
  | { ok: false; why: "slotMoved"; slot: string; now: string; asked: string };

export type PromotionStep = { ok: true; promotion: Promotion } | PromotionRefusal;

export async function done(tx: Tx, id: string): Promise<PromotionStep> {
  const promotion = await readPromotion(tx, id);
  return promotion ? { ok: true, promotion } : { ok: false, why: "missing" };
}

/** The one version that an environment runs of a flow; null for none. Several are none that could be gone back to. */
export async function runningVersion(tx: Tx, environment: string, flow: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select dv.version_id as id from deployment_version dv join deployment d on d.id = dv.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return rows.length === 1 ? (rows[0]?.id ?? null) : null;
}

/** Slot name to connection id, as the environment binds them. */
export async function slotsNow(
  tx: Tx,
  { environment, flow }: { environment: string; flow: string },
): Promise<Record<string, string>> {
  const { rows } = await sql<{ slot: string; connection: string }>`
    select s.slot, s.connection_id as connection from deployment_slot s join deployment d on d.id = s.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return Object.fromEntries(rows.map(({ slot, connection }) => [slot, connection]));
}

export async function end(tx: Tx, id: string, state: Promotion["state"], actor: string, reason: string): Promise<void> {
  await sql`
    update promotion set state = ${state}, ended_at = clock_now(), ended_by = ${actor}, reason = ${reason} where id = ${id}`.execute(
    tx,
  );
}

type Change = Required<Pick<AuditEntry, "before" | "after">>;

/** What becomes of the promotion itself. */
export const stands = (before: Promotion["state"] | null, after: Promotion["state"]): Change => ({
  before: before && { state: before },
  after: { state: after },
});

/** Which version the environment runs. */
export const runs = (before: number | null, after: number | null): Change => ({
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
