import { sql, type Transaction } from "kysely";
import { advanceRuns, advanceScopes, type RunStep, type ScopeStep } from "./advance.ts";
import { withBornEnded } from "./bornEnded.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { newId } from "./ids.ts";
import type { Outcome } from "./outcomes.ts";
import { keepResultsApart } from "./payloads.ts";
import { recordset } from "./recordset.ts";
import { insertSuccessors, lateReason } from "./successors.ts";
import type { Database } from "./tables.ts";

export interface Checkpointed {
  /** False when the task was no longer this worker's: nothing was written. */
  written: boolean;
  /** True when the run was cancelled meanwhile: what the task did is recorded, nothing follows it. */
  cancelled: boolean;
  /** Ids of in-place effects whose intent is new, so that they may be sent without asking the ledger. */
  intended: Set<string>;
}

/** A run was cancelled after the group had looked at it, and before it counted the run's tasks. */
class CancelledMeanwhile extends Error {}

/**
 * One transaction for a group of outcomes: tasks, successors, ledger, dead letters, milestones and runs move together
 * or not at all. An outcome whose epoch is over writes nothing.
 */
export async function checkpoint(db: Db, outcomes: Outcome[], worker: string, leaseMs: number): Promise<Checkpointed[]> {
  for (;;) {
    try {
      return await write(db, outcomes, worker, leaseMs);
    } catch (error) {
      // Nothing was written: the next look sees it, and nothing follows in that run.
      if (!(error instanceof CancelledMeanwhile)) throw error;
    }
  }
}

async function write(db: Db, outcomes: Outcome[], worker: string, leaseMs: number): Promise<Checkpointed[]> {
  return transact(db, "checkpoint", async (tx) => {
    const alive = await endTasks(tx, outcomes);
    const live = outcomes.flatMap((outcome) => {
      const found = alive.get(claimOf(outcome.task));
      return found ? withBornEnded(found.cancelled ? withoutFollowers(outcome) : outcome) : [];
    });
    await keepResultsApart(
      tx,
      live.map(({ task, end }) => ({ task: task.id, text: end.state === "DONE" ? end.result : null })),
    );
    const { intended, late } = await insertSuccessors(tx, live, worker, leaseMs);
    await settleEffects(tx, live);
    await insertAttempts(tx, live);
    await insertDeadLetters(tx, live, late);
    await insertMilestones(tx, live);
    const steps = stepsOf(live, late);
    await advanceScopes(tx, steps.scopes);
    const cancelled = await advanceRuns(tx, steps.runs);
    const unseen = ({ task, end }: Outcome) => end.state === "DONE" && end.successors.length > 0 && cancelled.has(task.runId);
    if (live.some(unseen)) throw new CancelledMeanwhile();
    return outcomes.map(({ task }) => {
      const found = alive.get(claimOf(task));
      return { written: found !== undefined, cancelled: found?.cancelled ?? false, intended };
    });
  });
}

/** One claim of a task: a worker may hold a task again while its own earlier claim of it is not yet over. */
const claimOf = (task: { id: string; epoch: number }): string => `${task.id} ${task.epoch}`;

type Tx = Transaction<Database>;

/** Of a cancelled run: what a task did stands, but nothing follows and nothing is tried again. */
function withoutFollowers(outcome: Outcome): Outcome {
  const { end } = outcome;
  if (end.state === "DONE") {
    const { scopes: _scopes, ...rest } = end;
    return { ...outcome, end: { ...rest, successors: [] } };
  }
  return end.state === "READY" ? { ...outcome, end: { state: "CANCELLED", class: "cancelled", reason: end.reason } } : outcome;
}

async function endTasks(tx: Tx, outcomes: Outcome[]): Promise<Map<string, { cancelled: boolean }>> {
  const rows = outcomes
    .map(({ task, end, attempt }) => ({
      id: task.id,
      epoch: task.epoch,
      state: end.state,
      wait: end.state === "READY" ? end.waitMs / 1000 : 0,
      burned: end.state === "READY" ? Number(end.burned) : attempt ? 1 : 0,
      deaths: end.state === "READY" && end.evaluatorDied ? 1 : 0,
      result: end.state === "DONE" ? end.result : null,
      edges: end.state === "DONE" || end.state === "DEAD" ? end.edges : null,
      node: end.state === "DEAD" ? end.node : end.state === "DONE" ? (end.routed?.node ?? null) : null,
      class: end.state === "DONE" ? (end.routed?.class ?? null) : end.class,
      reason: end.state === "DONE" ? (end.routed?.reason ?? null) : end.reason,
      hash: end.state === "DONE" ? end.outputHash : null,
      engine: end.state === "DONE" ? end.engine : null,
      call: end.state === "CANCELLED" ? null : (end.call ?? null),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { rows: written } = await sql<{ id: string; epoch: number; cancelled: boolean }>`
    with g as materialized (
      select * from json_to_recordset(${recordset(rows)}::json) as g(id uuid, epoch int, state text, wait float8, burned int,
        deaths int, result text, edges text[], node text, class text, reason jsonb, hash text, engine text, call text) limit ${rows.length}
    ), own as materialized (
      select g.*, run.cancelled_at is not null as cancelled
      from task join g on task.id = g.id and task.epoch = g.epoch join run on run.id = task.run_id
      where task.state = 'CLAIMED' order by task.id for update of task
    )
    update task set state = case when own.state = 'READY' and own.cancelled then 'CANCELLED' else own.state end, worker = null,
      lease_until = null, attempt = task.attempt + own.burned, evaluator_deaths = task.evaluator_deaths + own.deaths,
      due_at = clock_now() + make_interval(secs => own.wait), hint_at = clock_now() + make_interval(secs => own.wait),
      call = coalesce(own.call, task.call), result = own.result, edges = coalesce(own.edges, task.edges), failed_node = own.node, class = own.class,
      reason = own.reason, output_hash = own.hash, engine = own.engine,
      ended_at = case when own.state = 'READY' and not own.cancelled then null else clock_now() end
    from own where task.id = own.id
    returning task.id, task.epoch, own.cancelled`.execute(tx);
  return new Map(written.map((row) => [claimOf(row), { cancelled: row.cancelled }]));
}

async function settleEffects(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes
    .flatMap(({ task, settlement }) => (settlement ? [{ result: null, ...settlement, task: task.id }] : []))
    .sort((a, b) => (a.effectKey < b.effectKey ? -1 : 1));
  if (rows.length === 0) return;
  // Only the task that owns the entry may settle it: a reclaimed one has another owner by now.
  await sql`
    update effect set state = g.state, settled_at = clock_now(), result = coalesce(g.result, effect.result)
    from (select * from json_to_recordset(${recordset(rows)}::json) as g("effectKey" text, state text, result text, task uuid)
      limit ${rows.length}) g
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

async function insertDeadLetters(tx: Tx, outcomes: Outcome[], late: ReadonlySet<string>): Promise<void> {
  const rows = outcomes.flatMap(({ task, end }): Record<string, unknown>[] => {
    const letter = {
      run: task.runId,
      message: task.messageId,
      environment: task.environment,
      flow: task.flow,
      number: task.versionNumber,
      document: task.documentKey,
    };
    if (end.state === "DEAD") {
      const { node, connector, connectionId: connection, class: kind, reason, attempts } = end;
      return [{ ...letter, id: newId(), task: task.id, node, connector, connection, class: kind, reason, attempts }];
    }
    if (end.state !== "DONE") return [];
    return end.successors
      .filter((next) => late.has(next.id))
      .map((next) => ({
        ...letter,
        id: newId(),
        task: next.id,
        node: next.node,
        connector: null,
        connection: null,
        class: "rejected",
        reason: lateReason,
        attempts: 0,
      }));
  });
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

/** What the outcomes change in runs and scopes. */
function stepsOf(outcomes: Outcome[], late: ReadonlySet<string>): { runs: RunStep[]; scopes: ScopeStep[] } {
  const runs = new Map<string, RunStep>();
  const scopes = new Map<string, ScopeStep>();
  const inScope = (scope: string | null, open: number, dead: number): void => {
    if (scope === null) return;
    const step = scopes.get(scope) ?? { scope, open: 0, dead: 0 };
    scopes.set(scope, { scope, open: step.open + open, dead: step.dead + dead });
  };
  for (const { task, end } of outcomes) {
    if (end.state === "READY") continue;
    const run = runs.get(task.runId) ?? {
      run: task.runId,
      open: 0,
      dead: 0,
      leaf: 0,
      node: null,
      class: null,
      response: null,
      parked: false,
    };
    runs.set(task.runId, run);
    run.open -= 1;
    inScope(task.scopeId, -1, end.state === "DEAD" ? 1 : 0);
    if (end.state === "DEAD") {
      run.dead += 1;
      run.node = end.node;
      run.class = end.class;
    }
    if (end.state !== "DONE") continue;
    run.response ??= end.response ?? null;
    for (const next of end.successors) {
      if (late.has(next.id)) {
        run.dead += 1;
        run.node = next.node;
        run.class = "rejected";
        inScope(next.scopeId ?? task.scopeId, 0, 1);
      }
      if (next.arrived) continue;
      run.open += 1;
      // An effect that is tried again keeps its document's place: what is newer must not be overtaken by it.
      run.parked ||= next.due !== undefined && !next.joins && next.kind !== "effect";
      // The items of a split were counted into their scope when it was made.
      if (next.scopeId === undefined || next.scopeId === task.scopeId) inScope(next.scopeId ?? task.scopeId, 1, 0);
    }
    // Documents that a batch's system refused are effects after an effect: they go on for themselves.
    const goesOn = end.successors.some((next) => !(task.kind === "effect" && next.kind === "effect"));
    if (!goesOn && !end.nothing) run.leaf += 1;
  }
  return { runs: [...runs.values()], scopes: [...scopes.values()] };
}
