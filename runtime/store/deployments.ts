import { sql, type Transaction } from "kysely";
import type { Deployment } from "#schemas/deployment.ts";
import { requireInUse } from "./archive.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { deployedSources } from "./deployedSources.ts";
import { transact, writing } from "./durable.ts";
import { lockEnvironment } from "./environments.ts";
import { newId } from "./ids.ts";
import { requireUnretired } from "./retired.ts";
import { syncSources } from "./sources.ts";
import { syncSubscriptions } from "./subscriptions.ts";
import type { Database } from "./tables.ts";

/** A change of a deployment; what is left out stays. */
export interface DeploymentChange {
  /** Version id and number; becomes the only version. */
  version?: { id: string; number: number };
  /** Runs beside the only version that is deployed, and takes `share` percent of the documents. */
  canary?: { id: string; number: number; share: number };
  state?: "active" | "paused";
  /** Slot name to connection id. */
  slots?: Record<string, string>;
}

/**
 * Makes or changes the deployment of a flow in an environment. Activating one that was paused lets go of what it
 * held, oldest first. What is to change may be decided while nobody else changes what the environment runs; whatever is
 * thrown then leaves it as it is.
 */
export async function putDeployment(
  db: Db,
  environment: string,
  flowId: string,
  change: DeploymentChange | ((tx: Transaction<Database>) => Promise<DeploymentChange>),
  actor: string,
): Promise<void> {
  await transact(db, "deployment.put", async (tx) => {
    await lockEnvironment(tx, environment);
    await changeDeployment(tx, environment, flowId, typeof change === "function" ? await change(tx) : change, actor);
  });
}

/** The same, as part of a transaction. */
export async function changeDeployment(
  tx: Transaction<Database>,
  environment: string,
  flowId: string,
  change: DeploymentChange,
  actor: string,
): Promise<void> {
  await requireInUse(tx, flowId);
  for (const version of [change.version, change.canary]) if (version) await requireUnretired(tx, version);
  const before = await told(tx, environment, flowId);
  const { rows } = await sql<{ id: string }>`
      insert into deployment (id, environment, flow_id, state, revision, updated_at, updated_by)
      values (${newId()}, ${environment}, ${flowId}, ${change.state ?? "active"}, 1, clock_now(), ${actor})
      on conflict (environment, flow_id) do update set state = coalesce(${change.state ?? null}, deployment.state),
        revision = deployment.revision + 1, updated_at = clock_now(), updated_by = ${actor}
      returning id`.execute(tx);
  const id = (rows[0] as { id: string }).id;
  if (change.version) {
    await tx.deleteFrom("deployment_version").where("deployment_id", "=", id).execute();
    await tx.insertInto("deployment_version").values({ deployment_id: id, version_id: change.version.id, weight: 100 }).execute();
    // Something else runs: what was taken out before is not taken up again.
    await sql`
      update promotion set state = 'replaced' where environment = ${environment} and flow_id = ${flowId} and state = 'ended'`.execute(
      tx,
    );
  }
  if (change.canary) {
    const { id: version_id, share: weight } = change.canary;
    await tx
      .updateTable("deployment_version")
      .set({ weight: 100 - weight })
      .where("deployment_id", "=", id)
      .execute();
    await tx.insertInto("deployment_version").values({ deployment_id: id, version_id, weight }).execute();
  }
  for (const [slot, connection] of Object.entries(change.slots ?? {})) {
    await sql`
        insert into deployment_slot (deployment_id, slot, connection_id) values (${id}, ${slot}, ${connection})
        on conflict (deployment_id, slot) do update set connection_id = excluded.connection_id`.execute(tx);
  }
  const sources = await deployedSources(tx, id);
  await syncSources(tx, environment, flowId, sources);
  await syncSubscriptions(tx, environment, flowId, sources);
  const detail = {
    ...(change.version ? { version: change.version.number } : {}),
    ...(change.canary ? { canary: change.canary.number, share: change.canary.share } : {}),
    ...(change.state ? { state: change.state } : {}),
    slots: change.slots ?? {},
  };
  const after = await told(tx, environment, flowId);
  await audit(tx, { actor, action: "deployment.changed", environment, subject: flowId, detail, before, after });
}

/** A deployment for the audit; null where there is none yet. */
async function told(tx: Transaction<Database>, environment: string, flowId: string): Promise<Record<string, unknown> | null> {
  const { rows } = await sql<{ state: string; versions: number[]; slots: Record<string, string> }>`
    select d.state,
      array(select v.number from deployment_version dv join version v on v.id = dv.version_id
        where dv.deployment_id = d.id order by v.number) as versions,
      coalesce((select json_object_agg(s.slot, c.name) from deployment_slot s join connection c on c.id = s.connection_id
        where s.deployment_id = d.id), '{}') as slots
    from deployment d where d.environment = ${environment} and d.flow_id = ${flowId}`.execute(tx);
  return rows[0] ?? null;
}

/**
 * Lets go of messages that a paused deployment held, once it is active again, the oldest `most` of them. Part of every
 * sweep, so that one accepted while the change was on its way is never forgotten.
 */
export async function releaseHeld(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    with own as materialized (
      select id from run where held and deployment_id in (select id from deployment where state = 'active')
      order by id limit ${most} for update skip locked
    ), free as (
      update run set held = false from own where run.id = own.id returning run.id, run.order_waiting
    )
    update task set due_at = clock_now(), hint_at = clock_now()
    from free where task.run_id = free.id and not free.order_waiting and task.state = 'READY' and task.due_at = 'infinity'
      and task.meet_key is null
    returning task.id`.execute(writing(db, "held.release"));
  return rows.length;
}

/** The deployments of all flows, or of one. */
export async function listDeployments(db: Db, flowId?: string): Promise<Deployment[]> {
  const { rows } = await sql<Omit<Deployment, "updatedAt"> & { updatedAt: Date }>`
    select d.id, d.environment, d.flow_id as flow, d.state, d.updated_at as "updatedAt", d.updated_by as "updatedBy",
      coalesce((select json_agg(json_build_object('number', v.number, 'hash', v.hash, 'weight', dv.weight) order by v.number)
        from deployment_version dv join version v on v.id = dv.version_id where dv.deployment_id = d.id), '[]') as versions,
      coalesce((select json_object_agg(s.slot, c.name)
        from deployment_slot s join connection c on c.id = s.connection_id where s.deployment_id = d.id), '{}') as slots
    from deployment d join environment e on e.id = d.environment
    where (${flowId ?? null}::text is null or d.flow_id = ${flowId ?? null})
      -- One that was ended keeps its row and bindings for the runs that it began.
      and exists (select 1 from deployment_version v where v.deployment_id = d.id)
    order by d.flow_id, e.position`.execute(db);
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

/** The stable id of (environment, flow, node, connection), made on first use. */
export async function bindingId(
  db: Db,
  environment: string,
  flowId: string,
  nodeId: string,
  connectionId: string,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into source_binding (id, environment, flow_id, node_id, connection_id, created_at)
    values (${newId()}, ${environment}, ${flowId}, ${nodeId}, ${connectionId}, clock_now())
    on conflict (environment, flow_id, node_id, connection_id) do update set node_id = excluded.node_id
    returning id`.execute(writing(db, "source.bind"));
  return (rows[0] as { id: string }).id;
}
