import { sql, type Transaction } from "kysely";
import type { IdempotencyMode } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Db } from "./database.ts";
import { newId } from "./ids.ts";
import { recordset } from "./recordset.ts";
import type { Database } from "./tables.ts";
import type { ClaimedTask } from "./tasks.ts";

/** A task that the outcome of another brings about. */
export interface NewTask {
  id: string;
  kind: "segment" | "effect";
  node: string;
  port: string | null;
  itemPath: string;
  /** JSON text of the item. */
  input: string;
  /** JSON text of the effect call. */
  call: string | null;
  effectKey: string | null;
  connectionId: string | null;
  workerGroup: string;
  /** The worker that made it goes on with it at once: it is born claimed. */
  inPlace: boolean;
  /** For effects in place: the ledger row that must stand before the request leaves. */
  intent: Intent | null;
}

export interface Intent {
  effectKey: string;
  connectionId: string;
  operation: string;
  documentKey: string;
  mode: IdempotencyMode;
  requestHash: string;
}

/** What the ledger is told of an effect. */
export type Settlement =
  | { effectKey: string; state: "CONFIRMED"; result: string }
  | { effectKey: string; state: "REFUSED" | "IN_DOUBT" | "INTENDED" };

export interface AttemptRecord {
  number: number;
  startedAt: Date;
  outcome: "ok" | OutcomeClass;
  reason: Reason | null;
  request: string | null;
  response: string | null;
}

/** The end of one try of a task. */
export interface Outcome {
  task: ClaimedTask;
  end:
    | { state: "DONE"; result: string | null; edges: string[]; outputHash: string | null; engine: string; successors: NewTask[] }
    | { state: "READY"; waitMs: number; burned: boolean; evaluatorDied: boolean; class: OutcomeClass; reason: Reason }
    | {
        state: "DEAD";
        class: OutcomeClass;
        reason: Reason;
        node: string;
        connector: string | null;
        connectionId: string | null;
        edges: string[];
        attempts: number;
      };
  attempt: AttemptRecord | null;
  settlement: Settlement | null;
  milestone: string | null;
}

export interface Checkpointed {
  /** False when the task was no longer this worker's: nothing was written. */
  written: boolean;
  /** Ids of in-place effects whose intent is new, so that they may be sent without asking the ledger. */
  intended: Set<string>;
}

/**
 * One transaction for a group of outcomes: tasks, successors, ledger, dead letters, milestones and runs move together
 * or not at all. An outcome whose epoch is over writes nothing.
 */
export async function checkpoint(db: Db, outcomes: Outcome[], worker: string, leaseMs: number): Promise<Checkpointed[]> {
  return db.transaction().execute(async (tx) => {
    const alive = await endTasks(tx, outcomes);
    const live = outcomes.filter(({ task }) => alive.has(claimOf(task)));
    const intended = await insertSuccessors(tx, live, worker, leaseMs);
    await settleEffects(tx, live);
    await insertAttempts(tx, live);
    await insertDeadLetters(tx, live);
    await insertMilestones(tx, live);
    await advanceRuns(tx, live);
    return outcomes.map(({ task }) => ({ written: alive.has(claimOf(task)), intended }));
  });
}

/** One claim of a task: a worker may hold a task again while its own earlier claim of it is not yet over. */
const claimOf = (task: { id: string; epoch: number }): string => `${task.id} ${task.epoch}`;

type Tx = Transaction<Database>;

async function endTasks(tx: Tx, outcomes: Outcome[]): Promise<Set<string>> {
  const rows = outcomes
    .map(({ task, end, attempt }) => ({
      id: task.id,
      epoch: task.epoch,
      state: end.state,
      wait: end.state === "READY" ? end.waitMs / 1000 : 0,
      burned: end.state === "READY" ? Number(end.burned) : attempt ? 1 : 0,
      deaths: end.state === "READY" && end.evaluatorDied ? 1 : 0,
      result: end.state === "DONE" ? end.result : null,
      edges: end.state === "READY" ? null : end.edges,
      node: end.state === "DEAD" ? end.node : null,
      class: end.state === "DONE" ? null : end.class,
      reason: end.state === "DONE" ? null : end.reason,
      hash: end.state === "DONE" ? end.outputHash : null,
      engine: end.state === "DONE" ? end.engine : null,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { rows: written } = await sql<{ id: string; epoch: number }>`
    with g as materialized (
      select * from json_to_recordset(${recordset(rows)}::json) as g(id uuid, epoch int, state text, wait float8, burned int,
        deaths int, result text, edges text[], node text, class text, reason jsonb, hash text, engine text)
    ), own as materialized (
      select task.id, task.epoch from task join g on task.id = g.id and task.epoch = g.epoch
      where task.state = 'CLAIMED' order by task.id for update of task
    )
    update task set state = g.state, worker = null, lease_until = null,
      attempt = task.attempt + g.burned, evaluator_deaths = task.evaluator_deaths + g.deaths,
      due_at = clock_now() + make_interval(secs => g.wait), hint_at = clock_now() + make_interval(secs => g.wait),
      result = g.result, edges = coalesce(g.edges, task.edges), failed_node = g.node, class = g.class, reason = g.reason,
      output_hash = g.hash, engine = g.engine,
      ended_at = case when g.state = 'READY' then null else clock_now() end
    from g join own on own.id = g.id and own.epoch = g.epoch where task.id = g.id
    returning task.id, task.epoch`.execute(tx);
  return new Set(written.map(claimOf));
}

async function insertSuccessors(tx: Tx, outcomes: Outcome[], worker: string, leaseMs: number): Promise<Set<string>> {
  const rows = outcomes.flatMap(({ task, end }) =>
    end.state !== "DONE"
      ? []
      : end.successors.map(({ intent, ...next }) => ({
          ...next,
          intent,
          run: task.runId,
          parent: task.id,
          environment: task.environment,
          flow: task.flow,
          version: task.versionId,
          document: task.documentKey,
          lane: task.lane,
          priority: task.priority,
        })),
  );
  if (rows.length === 0) return new Set();
  await sql`
    insert into task (id, run_id, parent_id, environment, flow_id, version_id, kind, node_id, port, item_path, state, epoch,
      worker, lease_until, due_at, hint_at, queue, lane, priority, document_key, connection_id, worker_group, input, call,
      effect_key, created_at)
    select id, run, parent, environment, flow, version, kind, node, port, "itemPath",
      case when "inPlace" then 'CLAIMED' else 'READY' end, case when "inPlace" then 1 else 0 end,
      case when "inPlace" then ${worker} end,
      case when "inPlace" then clock_now() + make_interval(secs => ${leaseMs / 1000}) end,
      clock_now(), clock_now() + interval '2 seconds', case kind when 'effect' then 'effect' else 'evaluate' end,
      lane, priority, document, "connectionId", "workerGroup", input, call, "effectKey", clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, run uuid, parent uuid, environment text, flow text,
      version uuid, kind text, node text, port text, "itemPath" text, "inPlace" boolean, lane smallint, priority int,
      document text, "connectionId" uuid, "workerGroup" text, input text, call text, "effectKey" text)`.execute(tx);
  const intents = rows
    .flatMap((row) =>
      row.inPlace && row.intent ? [{ ...row.intent, environment: row.environment, task: row.id, run: row.run }] : [],
    )
    .sort((a, b) => (a.effectKey < b.effectKey ? -1 : 1));
  if (intents.length === 0) return new Set();
  const { rows: fresh } = await sql<{ task_id: string }>`
    insert into effect (effect_key, environment, connection_id, operation, document_key, mode, state, request_hash, task_id,
      run_id, epoch, sent_at, created_at)
    select "effectKey", environment, "connectionId", operation, "documentKey", mode, 'INTENDED', "requestHash", task, run, 1,
      clock_now(), clock_now()
    from json_to_recordset(${recordset(intents)}::json) as g("effectKey" text, environment text, "connectionId" uuid,
      operation text, "documentKey" text, mode text, "requestHash" text, task uuid, run uuid)
    on conflict do nothing returning task_id`.execute(tx);
  return new Set(fresh.map((row) => row.task_id));
}

async function settleEffects(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes
    .flatMap(({ task, settlement }) => (settlement ? [{ result: null, ...settlement, task: task.id }] : []))
    .sort((a, b) => (a.effectKey < b.effectKey ? -1 : 1));
  if (rows.length === 0) return;
  // Only the task that owns the entry may settle it: a reclaimed one has another owner by now.
  await sql`
    update effect set state = g.state, settled_at = clock_now(), result = coalesce(g.result, effect.result)
    from json_to_recordset(${recordset(rows)}::json) as g("effectKey" text, state text, result text, task uuid)
    where effect.effect_key = g."effectKey" and effect.task_id = g.task`.execute(tx);
}

async function insertAttempts(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ task, attempt }) =>
    attempt
      ? [
          {
            ...attempt,
            id: newId(),
            task: task.id,
            run: task.runId,
            epoch: task.epoch,
            startedAt: attempt.startedAt.toISOString(),
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  await sql`
    insert into attempt (id, task_id, run_id, number, epoch, started_at, ended_at, outcome, reason, request, response)
    select id, task, run, number, epoch, "startedAt", clock_now(), outcome, reason, request, response
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, task uuid, run uuid, number int, epoch int,
      "startedAt" timestamptz, outcome text, reason jsonb, request text, response text)`.execute(tx);
}

async function insertDeadLetters(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ task, end }) =>
    end.state === "DEAD"
      ? [
          {
            id: newId(),
            task: task.id,
            run: task.runId,
            message: task.messageId,
            environment: task.environment,
            flow: task.flow,
            number: task.versionNumber,
            node: end.node,
            connector: end.connector,
            connection: end.connectionId,
            document: task.documentKey,
            class: end.class,
            reason: end.reason,
            attempts: end.attempts,
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  await sql`
    insert into dead_letter (id, task_id, run_id, message_id, environment, flow_id, version_number, node_id, connector,
      connection_id, document_key, class, reason, attempts, created_at)
    select id, task, run, message, environment, flow, number, node, connector, connection, document, class, reason, attempts,
      clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, task uuid, run uuid, message uuid, environment text,
      flow text, number int, node text, connector text, connection uuid, document text, class text, reason jsonb,
      attempts int)`.execute(tx);
}

async function insertMilestones(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ task, milestone }) =>
    milestone && task.documentKey
      ? [
          {
            id: newId(),
            environment: task.environment,
            flow: task.flow,
            run: task.runId,
            document: task.documentKey,
            kind: milestone,
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  await sql`
    insert into milestone (id, environment, flow_id, run_id, document_key, kind, at)
    select id, environment, flow, run, document, kind, clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, environment text, flow text, run uuid, document text,
      kind text)`.execute(tx);
}

/** Counts each run's open, dead and leaf tasks on; a run ends when no task is open. */
async function advanceRuns(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const runs = new Map<
    string,
    { id: string; open: number; dead: number; leaf: number; node: string | null; class: string | null }
  >();
  for (const { task, end } of outcomes) {
    if (end.state === "READY") continue;
    const run = runs.get(task.runId) ?? { id: task.runId, open: 0, dead: 0, leaf: 0, node: null, class: null };
    run.open -= 1;
    if (end.state === "DEAD") {
      run.dead += 1;
      run.node = end.node;
      run.class = end.class;
    } else {
      run.open += end.successors.length;
      if (end.successors.length === 0) run.leaf += 1;
    }
    runs.set(task.runId, run);
  }
  if (runs.size === 0) return;
  const rows = [...runs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  await sql`
    with g as materialized (
      select * from json_to_recordset(${recordset(rows)}::json) as g(id uuid, open int, dead int, leaf int, node text, class text)
    ), own as materialized (
      select run.id from run join g on g.id = run.id order by run.id for update of run
    )
    update run set open_tasks = run.open_tasks + g.open, dead_tasks = run.dead_tasks + g.dead, leaf_tasks = run.leaf_tasks + g.leaf,
      failed_node = coalesce(g.node, run.failed_node), failed_class = coalesce(g.class, run.failed_class),
      state = case when run.open_tasks + g.open > 0 then 'RUNNING'
        when run.dead_tasks + g.dead = 0 then 'SUCCEEDED'
        when run.leaf_tasks + g.leaf > 0 then 'PARTIAL' else 'DEAD' end,
      ended_at = case when run.open_tasks + g.open > 0 then null else clock_now() end
    from g join own on own.id = g.id where run.id = g.id`.execute(tx);
}
