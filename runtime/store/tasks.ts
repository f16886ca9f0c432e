import { sql } from "kysely";
import type { Db } from "./database.ts";
import { writing } from "./durable.ts";
import { withPayloads } from "./payloads.ts";
import { stillGoesOn } from "./stillGoesOn.ts";

/** What a worker needs of a task it holds. Everything it writes later is conditional on `epoch`. */
export interface ClaimedTask {
  id: string;
  runId: string;
  messageId: string;
  environment: string;
  flow: string;
  versionId: string;
  versionNumber: number;
  deploymentId: string;
  kind: "segment" | "effect" | "control";
  node: string;
  port: string | null;
  itemPath: string;
  epoch: number;
  /** Tries that burned an attempt so far. */
  attempt: number;
  evaluatorDeaths: number;
  ageMs: number;
  /** JSON text: the task's own input, or the message's body for the first segment; null once that was purged. */
  input: string | null;
  call: string | null;
  effectKey: string | null;
  connectionId: string | null;
  workerGroup: string;
  documentKey: string | null;
  /** The innermost split with a join that the task is part of. */
  scopeId: string | null;
  /** How many sub-flow calls lie above the run. */
  depth: number;
  lane: number;
  priority: number;
  /** The connector of the source through which the message came. */
  source: string;
  clock: { now: string; seed: string; sourceNode: string };
  /** Of the environment's reference tables when it was taken: what it looks up it finds as it stood then. */
  tableRevision: number | null;
}

/** A pointer to a task for a hint. */
export interface TaskHint {
  id: string;
  epoch: number;
  queue: "evaluate" | "effect";
  environment: string;
  workerGroup: string;
  connectionId: string | null;
}

/** Columns of a claimed task `t` joined with its run `r` and, where it has no input of its own, the message `m`. */
const claimedColumns = sql.raw(`
  t.id, t.run_id as "runId", r.message_id as "messageId", t.environment, t.flow_id as flow, t.version_id as "versionId",
  r.version_number as "versionNumber", r.deployment_id as "deploymentId", t.kind, t.node_id as node, t.port,
  t.item_path as "itemPath", t.epoch, t.attempt, t.evaluator_deaths as "evaluatorDeaths",
  extract(epoch from clock_now() - coalesce(t.age_from, t.created_at))::float8 * 1000 as "ageMs",
  coalesce(t.input, m.body) as input, coalesce(t.payload_id, m.payload_id) as "payloadId", t.call, t.effect_key as "effectKey",
  t.connection_id as "connectionId", t.worker_group as "workerGroup", t.document_key as "documentKey",
  t.scope_id as "scopeId", t.table_revision as "tableRevision", r.depth, t.lane, t.priority, t.source,
  json_build_object('now', to_char(r.clock_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'seed', r.seed,
    'sourceNode', r.source_node) as clock`);

const milliseconds = (ms: number) => sql`make_interval(secs => ${ms / 1000})`;

/**
 * Takes those of the named tasks that are ready and due; the others belong to somebody else by now, or their run was
 * cancelled and the sweep ends them.
 */
export async function claimTasks(db: Db, ids: string[], worker: string, leaseMs: number): Promise<ClaimedTask[]> {
  const { rows } = await sql<ClaimedTask & { payloadId: string | null }>`
    with own as materialized (
      select id from task where id = any(${ids}::uuid[]) and state = 'READY' and due_at <= clock_now()
        and ${stillGoesOn}
      for update skip locked
    ), t as (
      update task set state = 'CLAIMED', epoch = epoch + 1, worker = ${worker}, lease_until = clock_now() + ${milliseconds(leaseMs)},
        table_revision = e.table_revision
      from own, environment e where task.id = own.id and e.id = task.environment returning task.*
    )
    select ${claimedColumns} from t join run r on r.id = t.run_id
    left join message m on m.id = case when t.input is null and t.payload_id is null then r.message_id end`.execute(
    writing(db, "claim"),
  );
  return withPayloads(db, rows);
}

/**
 * Ids of tasks whose epoch still stands. Rows that a checkpoint or another worker has locked are passed over: they are
 * changing hands, and waiting for them could deadlock.
 */
const stillHeld = (held: { id: string; epoch: number }[]) => sql`
  select t.id from task t
  join unnest(${held.map((each) => each.id)}::uuid[], ${held.map((each) => each.epoch)}::int[]) as h(id, epoch)
    on t.id = h.id and t.epoch = h.epoch
  where t.state = 'CLAIMED' for update of t skip locked`;

/** Holds on to tasks that are still being worked on. */
export async function renewLeases(db: Db, held: { id: string; epoch: number }[], leaseMs: number): Promise<void> {
  if (held.length === 0) return;
  await sql`
    update task set lease_until = clock_now() + ${milliseconds(leaseMs)}
    where id in (${stillHeld(held)})`.execute(writing(db, "lease.renew"));
}

/** Gives tasks back untouched, as a worker does that stops: they are ready for another at once. */
export async function releaseTasks(db: Db, held: { id: string; epoch: number }[], waitMs = 0): Promise<void> {
  if (held.length === 0) return;
  await sql`
    update task set state = 'READY', worker = null, lease_until = null,
      due_at = clock_now() + ${milliseconds(waitMs)}, hint_at = clock_now() + ${milliseconds(waitMs)}
    where id in (${stillHeld(held)})`.execute(writing(db, "lease.release"));
}

/**
 * Tasks whose worker vanished go back to ready. The epoch moves on, so that a worker which was only frozen cannot
 * write any more.
 */
export async function reclaimExpired(db: Db, most: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    with own as materialized (
      select id from task where state = 'CLAIMED' and lease_until < clock_now()
      order by lease_until limit ${most} for update skip locked
    )
    update task set state = 'READY', epoch = epoch + 1, worker = null, lease_until = null, due_at = clock_now(), hint_at = clock_now()
    from own where task.id = own.id returning task.id`.execute(writing(db, "lease.reclaim"));
  return rows.length;
}

/** Hints that the queue did not take are due again in a moment. */
export async function unhint(db: Db, ids: string[]): Promise<void> {
  await sql`update task set hint_at = clock_now() + interval '1 second' where id = any(${ids}::uuid[]) and state = 'READY'`.execute(
    writing(db, "hint.return"),
  );
}
