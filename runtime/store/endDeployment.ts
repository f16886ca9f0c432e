import { sql, type Transaction } from "kysely";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { lockEnvironment } from "./environments.ts";
import { syncSources } from "./sources.ts";
import { syncSubscriptions } from "./subscriptions.ts";
import type { Database } from "./tables.ts";

export type DeploymentEnded =
  | { ok: true }
  | { ok: false; why: "missing" | "canary" }
  /** Messages that a paused deployment has accepted and holds. */
  | { ok: false; why: "holds"; count: number };

/**
 * Takes a flow out of an environment: it accepts nothing there any more. Runs under way keep their version and go on to
 * their end, and what died of them can still be tried again: the row and its bindings stay, only its versions go.
 */
export async function endDeployment(db: Db, environment: string, flowId: string, actor: string): Promise<DeploymentEnded> {
  return transact(db, "deployment.put", async (tx): Promise<DeploymentEnded> => {
    await lockEnvironment(tx, environment);
    const { rows } = await sql<{ id: string; state: string; versions: number[] }>`
      select d.id, d.state, array(select v.number from deployment_version dv join version v on v.id = dv.version_id
        where dv.deployment_id = d.id order by v.number) as versions
      from deployment d where d.environment = ${environment} and d.flow_id = ${flowId} for update`.execute(tx);
    const [before] = rows;
    if (!before || before.versions.length === 0) return { ok: false, why: "missing" };
    if (before.versions.length > 1) return { ok: false, why: "canary" };
    const { rows: held } = await sql<{ count: number }>`
      select count(*)::int as count from run where held and deployment_id = ${before.id}`.execute(tx);
    const count = held[0]?.count ?? 0;
    if (count > 0) return { ok: false, why: "holds", count };
    await endPromotion(tx, before.id, actor);
    await tx.deleteFrom("deployment_version").where("deployment_id", "=", before.id).execute();
    // Active, though it runs nothing: what is accepted in this very moment must not be held for ever.
    await sql`
      update deployment set state = 'active', revision = revision + 1, updated_at = clock_now(), updated_by = ${actor}
      where id = ${before.id}`.execute(tx);
    await syncSources(tx, environment, flowId, []);
    await syncSubscriptions(tx, environment, flowId, []);
    const change = { before: { state: before.state, versions: before.versions }, after: null };
    await audit(tx, { actor, action: "deployment.ended", environment, subject: flowId, detail: {}, ...change });
    return { ok: true };
  });
}

/** The promotion that brought in what ran can be taken up again; one whose version ran no more was replaced long before. */
async function endPromotion(tx: Transaction<Database>, deployment: string, actor: string): Promise<void> {
  await sql`
    update promotion p set ended_at = clock_now(), ended_by = ${actor}, state = case when p.version_id in (
        select version_id from deployment_version where deployment_id = d.id) then 'ended' else 'replaced' end
    from deployment d
    where d.id = ${deployment} and p.environment = d.environment and p.flow_id = d.flow_id and p.state = 'active'`.execute(tx);
}
