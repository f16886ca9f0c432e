import { sql } from "kysely";
import { decideApproval } from "#schemas/approval.ts";
import type { Flow } from "#schemas/flow.ts";
import { openPromotionStates } from "#schemas/promotion.ts";
import type { Db } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { lockPromotion } from "./lockedPromotion.ts";
import { done, type PromotionStep, runs, told } from "./promotionSteps.ts";
import { missingTables } from "./tableFlows.ts";

/**
 * Lets a version run again that was taken out of its environment, on the connections it had. It was approved to run there, and
 * nothing else ran since: a promotion is `ended` no longer once something does.
 */
export async function takeUpPromotion(db: Db, id: string, reason: string, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "ended") return { ok: false, why: "state", state: found.state };
    const { environment, flow, versionId, version, approvedBy, byPerson, alone, hash } = found;
    const { rows } = await sql`
      select 1 from promotion where environment = ${environment} and flow_id = ${flow}
        and state = any(${[...openPromotionStates]})`.execute(tx);
    if (rows.length > 0) return { ok: false, why: "open" };
    const row = await tx.selectFrom("version").select(["state", "flow"]).where("id", "=", versionId).executeTakeFirstOrThrow();
    if (row.state === "retired") return { ok: false, why: "retired" };
    const missing = await missingTables(tx, environment, JSON.parse(row.flow) as Flow);
    if (missing.length > 0) return { ok: false, why: "tables", missing };
    // The environment may be guarded better than when it was approved.
    if (!decideApproval(found, { actor: approvedBy ?? "", person: byPerson, signIn: !alone, hash }).ok)
      return { ok: false, why: "unapproved" };
    await changeDeployment(tx, environment, flow, { version: { id: versionId, number: version } }, actor);
    await sql`update promotion set state = 'active', ended_at = null, ended_by = null where id = ${id}`.execute(tx);
    await told(tx, found, "promotion.takenUp", actor, { promotion: id, reason }, runs(null, version));
    return done(tx, id);
  });
}
