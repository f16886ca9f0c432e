import { sql, type Transaction } from "kysely";
import { advanceRuns, advanceScopes } from "./advance.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { isId } from "./ids.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** What a cancellation came to. */
export type Cancelled =
  /** `waiting` tasks ended at once; `running` ones end with what they are doing, and nothing follows them. */
  | { ok: true; waiting: number; running: number }
  /** There is no such run, or it has ended in the state named. */
  | { ok: false; state: string | null };

/**
 * Cancels a run, and the runs of the sub-flows that it called: what waits, is delayed or would be tried again ends at
 * once; what is being done is recorded when it is done, and nothing follows. What was sent stays sent.
 */
export async function cancelRun(db: Db, id: string, actor: string, note: string | null): Promise<Cancelled> {
  if (!isId(id)) return { ok: false, state: null };
  return transact(db, "run.cancel", async (tx) => {
    const { rows } = await sql<{ state: string; environment: string; flow: string; document: string | null }>`
      select state, environment, flow_id as flow, document_key as document from run where id = ${id}`.execute(tx);
    const run = rows[0];
    if (run?.state !== "RUNNING") return { ok: false, state: run?.state ?? null };
    const waiting = await cancelTree(tx, id, actor);
    const { rows: held } = await sql<{ count: number }>`
      select count(*)::int as count from task where run_id = ${id} and state = 'CLAIMED'`.execute(tx);
    await audit(tx, {
      actor,
      action: "run.cancelled",
      environment: run.environment,
      subject: id,
      detail: { flow: run.flow, documentKey: run.document, note },
    });
    return { ok: true, waiting, running: held[0]?.count ?? 0 };
  });
}

async function cancelTree(tx: Tx, id: string, actor: string): Promise<number> {
  const { rows: below } = await sql<{ id: string }>`
    select r.id from task t join run r on r.parent_task = t.id where t.run_id = ${id} and r.state = 'RUNNING'`.execute(tx);
  let ended = 0;
  for (const child of below) ended += await cancelTree(tx, child.id, actor);
  await sql`
    update run set cancelled_at = coalesce(cancelled_at, clock_now()), cancelled_by = coalesce(cancelled_by, ${actor})
    where id = ${id}`.execute(tx);
  return ended + (await endWaiting(tx, id));
}

/** Ends what of a run waits; a task that somebody holds or is about to change is left to the next sweep. */
async function endWaiting(tx: Tx, id: string): Promise<number> {
  const { rows } = await sql<{ scope: string | null }>`
    with own as materialized (
      select id from task where run_id = ${id} and state = 'READY' order by id for update skip locked
    )
    update task set state = 'CANCELLED', epoch = epoch + 1, ended_at = clock_now(), class = 'cancelled',
      reason = coalesce(task.reason, json_build_object('code', 'cancelled', 'message', 'The run was cancelled.')::jsonb)
    from own where task.id = own.id returning task.scope_id as scope`.execute(tx);
  // A run that waited for its turn gives its place in the row away.
  await sql`
    with own as (
      update run set order_waiting = false where id = ${id} and order_waiting returning environment, flow_id, document_key
    )
    update document d set waiting = greatest(0, d.waiting - 1) from own
    where d.environment = own.environment and d.flow_id = own.flow_id and d.document_key = own.document_key`.execute(tx);
  const scopes = rows.flatMap(({ scope }) => (scope === null ? [] : [scope]));
  const bySteps = [...new Set(scopes)].map((scope) => ({
    scope,
    open: -scopes.filter((each) => each === scope).length,
    dead: 0,
  }));
  await advanceScopes(tx, bySteps);
  const step = { run: id, open: -rows.length, dead: 0, leaf: 0, node: null, class: null, response: null, parked: false };
  await advanceRuns(tx, [step]);
  return rows.length;
}

/** Ends what came to be in cancelled runs while they were being cancelled. Part of every sweep. */
export async function sweepCancelled(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select r.id from run r where r.state = 'RUNNING' and r.cancelled_at is not null
      and exists (select 1 from task t where t.run_id = r.id and t.state = 'READY') limit ${most}`.execute(db);
  for (const { id } of rows) await transact(db, "run.cancelRest", (tx) => endWaiting(tx, id));
  return rows.length;
}
