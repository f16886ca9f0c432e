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
 *
 * The word is committed first, alone: what ends a task locks tasks before runs, and to hold runs meanwhile would be the
 * other way round. A process that ends in between leaves the rest to the sweep.
 */
export async function cancelRun(db: Db, id: string, actor: string, note: string | null): Promise<Cancelled> {
  if (!isId(id)) return { ok: false, state: null };
  const said = await transact(db, "run.cancel", async (tx) => {
    const { rows } = await sql<{ state: string; environment: string; flow: string; document: string | null; by: string | null }>`
      select state, environment, flow_id as flow, document_key as document, cancelled_by as by from run where id = ${id} for update`.execute(
      tx,
    );
    const run = rows[0];
    if (run?.state !== "RUNNING") return { ok: false as const, state: run?.state ?? null };
    const runs = await markTree(tx, id, actor);
    await audit(tx, {
      actor,
      action: "run.cancelled",
      environment: run.environment,
      subject: id,
      detail: { flow: run.flow, documentKey: run.document, note },
      before: { cancelledBy: run.by },
      after: { cancelledBy: run.by ?? actor },
    });
    return { ok: true as const, runs };
  });
  if (!said.ok) return said;
  let waiting = 0;
  for (const run of said.runs) waiting += await transact(db, "run.cancelRest", (tx) => endWaiting(tx, run));
  const { rows: held } = await sql<{ count: number }>`
    select count(*)::int as count from task where run_id = any(${said.runs}::uuid[]) and state = 'CLAIMED'`.execute(db);
  return { ok: true, waiting, running: held[0]?.count ?? 0 };
}

/**
 * Marks a run and those of its sub-flows, at any depth, that go on; answers their ids, the lowest last. Looks again until
 * there is none more: a run that was waited for may have called another meanwhile, one that is marked cannot.
 */
async function markTree(tx: Tx, id: string, actor: string): Promise<string[]> {
  for (let known = 0; ; ) {
    const runs = await markOnce(tx, id, actor);
    if (runs.length <= known) return runs;
    known = runs.length;
  }
}

async function markOnce(tx: Tx, id: string, actor: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive tree as (
      select id from run where id = ${id}
      union
      select r.id from tree join task t on t.run_id = tree.id join run r on r.parent_task = t.id
    ), own as materialized (
      select run.id from run where run.id in (select id from tree) and state = 'RUNNING' order by run.id for update
    )
    update run set cancelled_at = coalesce(cancelled_at, clock_now()), cancelled_by = coalesce(cancelled_by, ${actor})
    from own where run.id = own.id returning run.id`.execute(tx);
  return rows.map((row) => row.id).sort();
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
  await leaveRow(tx, id);
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

/** A run that waited for its turn gives its place away. The document comes first, as for whoever gives a turn. */
async function leaveRow(tx: Tx, id: string): Promise<void> {
  const { rows } = await sql`
    select 1 from run r join document d on d.environment = r.environment and d.flow_id = r.flow_id
      and d.document_key = r.document_key where r.id = ${id} and r.order_waiting for update of d`.execute(tx);
  if (rows.length === 0) return;
  await sql`
    with own as (
      update run set order_waiting = false where id = ${id} and order_waiting returning environment, flow_id, document_key
    )
    update document d set waiting = greatest(0, d.waiting - 1) from own
    where d.environment = own.environment and d.flow_id = own.flow_id and d.document_key = own.document_key`.execute(tx);
}

/** Ends what came to be in cancelled runs while they were being cancelled, sub-flows too. Part of every sweep. */
export async function sweepCancelled(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ id: string; by: string }>`
    select r.id, r.cancelled_by as by from run r where r.state = 'RUNNING' and r.cancelled_at is not null
      and exists (select 1 from task t where t.run_id = r.id and t.state = 'READY') limit ${most}`.execute(db);
  for (const { id, by } of rows) {
    const runs = await transact(db, "run.cancelRest", (tx) => markTree(tx, id, by));
    for (const run of runs) await transact(db, "run.cancelRest", (tx) => endWaiting(tx, run));
  }
  return rows.length;
}
