import { decideSchedule, type ScheduleConfig, type ScheduleCursor } from "#nodes/schedule/firing.ts";
import { sha256 } from "#runtime/store/ids.ts";
import type { Incoming } from "./acceptable.ts";
import { commit, fail, type Look, lookedAt, release } from "./look.ts";

/** A schedule with no time left, or one that cannot be read, is looked at again after this. */
const IDLE_MS = 86_400_000;

/**
 * Starts the run of a due time and keeps the next one, in one transaction: however many schedulers there are, each time
 * starts one run.
 */
export async function lookSchedule(look: Look): Promise<void> {
  const at = await lookedAt(look);
  if (at?.node.type !== "schedule") return release(look);
  const { now } = look.source;
  const decision = decide(at.node.config ?? {}, look.source.cursor, now);
  if (!decision.ok) {
    const failure = { class: "invalid" as const, reason: decision.reason };
    return fail(look, failure, { intervalMs: IDLE_MS, cursor: null, connection: undefined, retry: undefined });
  }
  const { fire, cursor } = decision;
  const afterMs = cursor.next === null ? IDLE_MS : Math.max(0, Date.parse(cursor.next) - now.getTime());
  await commit(look, at.deployed, fire === null ? [] : [firing(fire, now)], { cursor, next: { afterMs } });
}

/** The due time is the dedupe key. */
const firing = (dueAt: string, now: Date): Incoming => ({
  body: { dueAt, firedAt: now.toISOString() },
  contentHash: sha256(dueAt),
  dedupeKey: dueAt,
  documentKey: null,
  documentVersion: null,
  headers: {},
});

/** The config of a published version; what is no schedule is said by the one who reads it. */
const asSchedule = ({ cron, timeZone, missed }: Record<string, unknown>): ScheduleConfig => ({
  cron: String(cron ?? ""),
  ...(typeof timeZone === "string" ? { timeZone } : {}),
  ...(missed === "once" || missed === "skip" ? { missed } : {}),
});

function decide(config: Record<string, unknown>, kept: unknown, now: Date) {
  try {
    const decision = decideSchedule(asSchedule(config), kept as ScheduleCursor | null, now);
    return { ok: true as const, ...decision };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false as const,
      reason: { code: "schedule.unreadable", message, hint: "Correct the node, publish and deploy." },
    };
  }
}
