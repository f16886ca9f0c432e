import { sql, type Transaction } from "kysely";
import { recordset } from "./recordset.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** What a group of outcomes changes in one run. */
export interface RunStep {
  run: string;
  /** Tasks that came to be, less those that ended. */
  open: number;
  dead: number;
  /** Tasks that ended well with nothing after them. */
  leaf: number;
  node: string | null;
  class: string | null;
  /** JSON text of `{ status, body }`, the first answer stands. */
  response: string | null;
  /** True when the run goes on later only (a delay, a wait): the next run of its document need not wait for that. */
  parked: boolean;
}

/** What a group of outcomes changes in one scope. */
export interface ScopeStep {
  scope: string;
  open: number;
  dead: number;
}

interface Ended {
  id: string;
  state: "RUNNING" | "SUCCEEDED" | "PARTIAL" | "DEAD" | "CANCELLED";
  environment: string;
  flow: string;
  document: string | null;
  parent: string | null;
  /** Somebody may wait for what the flow responds. */
  called: boolean;
  answered: boolean;
  cancelled: boolean;
}

/*
 * The statements that lock before they write take what they write from the locked rows (`own`), never from the given rows
 * (`g`) joined again: PostgreSQL 18 writes nothing for a row that another transaction changed meanwhile when `g` and `own`
 * meet in a nested loop, and says nothing about it.
 */

/** Counts scopes on; the join of a scope in which nothing is open any more is due. */
export async function advanceScopes(tx: Tx, steps: ScopeStep[]): Promise<void> {
  if (steps.length === 0) return;
  const rows = [...steps].sort((a, b) => (a.scope < b.scope ? -1 : 1));
  await sql`
    with g as materialized (
      select * from json_to_recordset(${recordset(rows)}::json) as g(scope uuid, open int, dead int)
    ), own as materialized (
      select g.* from scope join g on g.scope = scope.id order by scope.id for update of scope
    ), counted as (
      update scope set open = scope.open + own.open, dead = scope.dead + own.dead
      from own where scope.id = own.scope
      returning scope.join_task, scope.open
    )
    update task set due_at = clock_now(), hint_at = clock_now()
    from counted where task.id = counted.join_task and counted.open <= 0 and task.state = 'READY'
      and task.due_at > clock_now()`.execute(tx);
}

/**
 * Counts each run's open, dead and leaf tasks on; a run ends when no task is open. What waited for its end goes on:
 * the next run of its document, and the sub-flow task above. Answers which of the runs are cancelled.
 */
export async function advanceRuns(tx: Tx, steps: RunStep[]): Promise<ReadonlySet<string>> {
  if (steps.length === 0) return new Set();
  const rows = [...steps].sort((a, b) => (a.run < b.run ? -1 : 1));
  const { rows: moved } = await sql<Ended>`
    with g as materialized (
      select * from json_to_recordset(${recordset(rows)}::json) as g(run uuid, open int, dead int, leaf int, node text,
        class text, response text) limit ${rows.length}
    ), own as materialized (
      select g.* from run join g on g.run = run.id order by run.id for update of run
    )
    update run set open_tasks = run.open_tasks + own.open, dead_tasks = run.dead_tasks + own.dead,
      leaf_tasks = run.leaf_tasks + own.leaf,
      failed_node = coalesce(own.node, run.failed_node), failed_class = coalesce(own.class, run.failed_class),
      response = coalesce(run.response, own.response),
      state = case when run.open_tasks + own.open > 0 then 'RUNNING'
        when run.cancelled_at is not null then 'CANCELLED'
        when run.dead_tasks + own.dead = 0 then 'SUCCEEDED'
        when run.leaf_tasks + own.leaf > 0 then 'PARTIAL' else 'DEAD' end,
      ended_at = case when run.open_tasks + own.open > 0 then null else clock_now() end
    from own where run.id = own.run
    returning run.id, run.state, run.environment, run.flow_id as flow, run.document_key as document, run.parent_task as parent,
      run.called, own.response is not null as answered, run.cancelled_at is not null as cancelled`.execute(tx);
  const parked = new Set(rows.filter((row) => row.parked).map((row) => row.run));
  const ended = moved.filter((run) => run.state !== "RUNNING");
  await announce(
    tx,
    moved.filter((run) => run.called && (run.answered || run.state !== "RUNNING")).map((run) => run.id),
  );
  await wakeParents(
    tx,
    ended.flatMap((run) => (run.parent ? [run.parent] : [])),
  );
  await releaseDocuments(
    tx,
    moved.filter((run) => run.document !== null && (run.state !== "RUNNING" || parked.has(run.id))),
  );
  return new Set(moved.flatMap(({ id, cancelled }) => (cancelled ? [id] : [])));
}

/** On this channel the ids of called runs are told that have answered or ended. */
export const ANSWERS_CHANNEL = "orderloom_answers";

/** Only of runs that somebody called: a commit that notifies waits for every other that does. */
async function announce(tx: Tx, runs: string[]): Promise<void> {
  if (runs.length === 0) return;
  await sql`select pg_notify(${ANSWERS_CHANNEL}, id) from unnest(${runs}::text[]) id`.execute(tx);
}

/** A sub-flow task looks at how its run ended. */
async function wakeParents(tx: Tx, tasks: string[]): Promise<void> {
  if (tasks.length === 0) return;
  await sql`
    update task set due_at = clock_now(), hint_at = clock_now() where id in (
      select id from task where id = any(${tasks}::uuid[]) and state = 'READY' order by id for update)`.execute(tx);
}

/** Lets the next run of each document go on. In most documents none waits: then one statement is all. */
async function releaseDocuments(tx: Tx, runs: Ended[]): Promise<void> {
  if (runs.length === 0) return;
  const given = recordset(runs.map(({ id, environment, flow, document }) => ({ id, environment, flow, document })));
  const { rows: alone } = await sql<{ id: string }>`
    with g as materialized (
      select * from json_to_recordset(${given}::json) as g(id uuid, environment text, flow text, document text) limit ${runs.length}
    ), own as materialized (
      select g.id, d.environment, d.flow_id, d.document_key, d.waiting from document d
      join g on d.environment = g.environment and d.flow_id = g.flow and d.document_key = g.document
      where d.head_run = g.id order by d.environment, d.flow_id, d.document_key for update of d
    ), freed as (
      update document d set head_run = null from own
      where own.waiting = 0 and d.environment = own.environment and d.flow_id = own.flow_id
        and d.document_key = own.document_key
    )
    select id from own where waiting > 0`.execute(tx);
  const waiting = new Set(alone.map((row) => row.id));
  await nextRuns(
    tx,
    runs.filter((run) => waiting.has(run.id)),
  );
}

/** Waiting runs of one document that may be cancelled at the very moment at which their turn comes. */
const NEXT_TRIES = 4;

/**
 * The documents' rows are locked, so whoever waits is visible to this statement. One that is being cancelled just now is
 * passed over, and the next looked for.
 */
async function nextRuns(tx: Tx, runs: Ended[], tries = NEXT_TRIES): Promise<void> {
  if (runs.length === 0) return;
  const last = tries <= 1;
  const given = recordset(runs.map(({ id, environment, flow, document }) => ({ id, environment, flow, document })));
  const { rows: left } = await sql<{ id: string }>`
    with g as materialized (
      select * from json_to_recordset(${given}::json) as g(id uuid, environment text, flow text, document text)
    ), next as materialized (
      select g.*, waiter.id as run from g left join lateral (
        select r.id from run r where r.environment = g.environment and r.flow_id = g.flow and r.document_key = g.document
          and r.order_waiting order by r.id limit 1 for update of r) waiter on true
    ), moved as (
      update document d set head_run = next.run, waiting = greatest(0, d.waiting - case when next.run is null then 0 else 1 end)
      from next where d.environment = next.environment and d.flow_id = next.flow and d.document_key = next.document
        and (next.run is not null or d.waiting = 0 or ${last})
      returning next.id
    ), freed as (
      update run set order_waiting = false from next where run.id = next.run returning run.id, run.held
    ), ready as (
      update task set due_at = clock_now(), hint_at = clock_now()
      from freed where task.run_id = freed.id and not freed.held and task.state = 'READY' and task.parent_id is null
        and task.due_at = 'infinity'
    )
    select g.id from g where g.id not in (select id from moved)`.execute(tx);
  const again = new Set(left.map((row) => row.id));
  await nextRuns(
    tx,
    runs.filter((run) => again.has(run.id)),
    tries - 1,
  );
}
