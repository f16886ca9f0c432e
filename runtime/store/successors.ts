import { sql, type Transaction } from "kysely";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { newId } from "./ids.ts";
import type { NewTask, Outcome } from "./outcomes.ts";
import { insertPayloads, wholeText } from "./payloads.ts";
import { recordset } from "./recordset.ts";
import { stillGoesOn } from "./stillGoesOn.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** A task that came to be, with the task and run it comes from. */
interface Born extends NewTask {
  from: Outcome["task"];
  /** JSON text of a dead letter's reason: the item reached a join that had gone on. */
  late: boolean;
}

export interface Inserted {
  /** Ids of in-place effects whose intent is new, so that they may be sent without asking the ledger. */
  intended: Set<string>;
  /** Ids of arrivals at joins that had gone on already: they became dead letters. */
  late: Set<string>;
}

/** Writes what a group of outcomes brings about: scopes, tasks, meetings, batches, runs of sub-flows, intents. */
export async function insertSuccessors(tx: Tx, outcomes: Outcome[], worker: string, leaseMs: number): Promise<Inserted> {
  const born: Born[] = outcomes.flatMap(({ task, end }) =>
    end.state === "DONE" ? end.successors.map((next) => ({ ...next, from: task, late: false })) : [],
  );
  if (born.length === 0) return { intended: new Set(), late: new Set() };
  await insertScopes(tx, outcomes);
  const late = await lateArrivals(tx, born, outcomes);
  await lockMeetings(tx, born);
  await insertTasks(tx, born, outcomes, worker, leaseMs);
  await joinBatches(tx, born);
  await startSubFlows(tx, born);
  const meetings = born.some((task) => task.meet && task.meet.act !== "batch");
  if (meetings) await meet(tx, born);
  return { intended: await insertIntents(tx, born), late };
}

async function insertScopes(tx: Tx, outcomes: Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ task, end }) =>
    end.state === "DONE" ? (end.scopes ?? []).map((scope) => ({ ...scope, run: task.runId })) : [],
  );
  if (rows.length === 0) return;
  await sql`
    insert into scope (id, run_id, split_node, join_node, join_task, expected, open, created_at)
    select id, run, split, "join", "joinTask", expected, expected, clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, run uuid, split text, "join" text, "joinTask" uuid,
      expected int)`.execute(tx);
}

/** The scope that a new task is part of: its own, or that of the task it comes from. */
const scopeOf = (own: NewTask["scopeId"], from: Outcome["task"]): string | null => (own === undefined ? from.scopeId : own);

/**
 * Locks the scopes that items arrive in, so that no join goes on in between, and finds those that have. The scopes that are
 * only counted on later are locked with them, all in one order: two groups could wait for each other otherwise.
 */
async function lateArrivals(tx: Tx, born: Born[], outcomes: Outcome[]): Promise<Set<string>> {
  const arrivals = born.filter((task) => task.arrived);
  if (arrivals.length === 0) return new Set();
  const counted = [...outcomes.map(({ task }) => task.scopeId), ...born.map((task) => scopeOf(task.scopeId, task.from))];
  const scopes = [...new Set(counted.flatMap((scope) => scope ?? []))].sort();
  const { rows } = await sql<{ id: string; fired: boolean }>`
    select id, fired_at is not null as fired from scope where id = any(${scopes}::uuid[]) order by id for update`.execute(tx);
  const open = new Set(rows.filter((row) => !row.fired).map((row) => row.id));
  const late = new Set<string>();
  for (const task of arrivals) {
    task.late = !open.has(scopeOf(task.scopeId, task.from) ?? "");
    if (task.late) late.add(task.id);
  }
  return late;
}

const meetingKey = ({ node, from }: Pick<Meeting, "node" | "from">, key: string): string =>
  JSON.stringify([from.environment, from.flow, node, key]);

const lockMeetings = (tx: Tx, born: Born[]): Promise<void> =>
  lockKeys(
    tx,
    born.flatMap((task) => (task.meet && task.meet.act !== "batch" ? [meetingKey(task, task.meet.key)] : [])),
  );

/** Both sides of a meeting may come at once: one lock for each key, in one order, lets the second see the first. */
async function lockKeys(tx: Tx, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    select pg_advisory_xact_lock(hashtextextended(key, 7400)) from (
      select key from unnest(${[...new Set(keys)]}::text[]) key order by hashtextextended(key, 7400)) k`.execute(tx);
}

async function insertTasks(tx: Tx, born: Born[], outcomes: Outcome[], worker: string, leaseMs: number): Promise<void> {
  const priorities = new Map(
    outcomes.flatMap(({ task, end }) =>
      end.state === "DONE" && end.priority !== undefined ? [[task.id, end.priority] as const] : [],
    ),
  );
  const payloads = await insertPayloads(
    tx,
    born.flatMap(({ id, input, ended }) => (ended?.state === "DONE" ? [] : [{ owner: id, text: input }])),
  );
  const rows = born.map(({ from, due, meet: meeting, intent: _intent, child: _child, arrived, late, ended, ...next }) => ({
    attempt: 0,
    ...next,
    // What is ended is recomputed from the task above it, never run again.
    input: ended?.state === "DONE" || payloads.has(next.id) ? null : next.input,
    payload: payloads.get(next.id) ?? null,
    run: from.runId,
    parent: from.id,
    environment: from.environment,
    flow: from.flow,
    version: from.versionId,
    document: from.documentKey,
    lane: from.lane,
    origin: from.source,
    priority: priorities.get(from.id) ?? from.priority,
    scope: scopeOf(next.scopeId, from),
    key: meeting?.key ?? null,
    state: late ? "DEAD" : arrived ? "DONE" : ended ? ended.state : next.inPlace ? "CLAIMED" : "READY",
    after: due !== undefined && due !== "never" && "afterMs" in due ? due.afterMs / 1000 : 0,
    at: due === "never" ? "infinity" : due !== undefined && "at" in due ? due.at : null,
    // Remembered by the worker that made it, or held by it: hinted only when that comes to nothing.
    own: next.inPlace || next.kind === "effect",
    edges: ended?.edges ?? null,
    hash: ended?.state === "DONE" ? ended.outputHash : null,
    engine: ended?.state === "DONE" ? ended.engine : null,
    class: ended?.state === "DEAD" ? ended.class : late ? "rejected" : null,
    reason: ended?.state === "DEAD" ? ended.reason : late ? lateReason : null,
    // What is evaluated with its parent, or gone on with at once, finds the same rows; others are taken anew.
    tables: from.tableRevision,
  }));
  await sql`
    insert into task (id, run_id, parent_id, environment, flow_id, version_id, kind, node_id, port, item_path, state, epoch,
      worker, lease_until, due_at, hint_at, queue, lane, priority, source, document_key, connection_id, worker_group, input,
      payload_id, call, effect_key, scope_id, meet_key, failed_node, class, reason, created_at, ended_at,
      edges, output_hash, engine, table_revision, attempt)
    select id, run, parent, environment, flow, version, kind, node, port, "itemPath", state,
      case when state = 'CLAIMED' then 1 else 0 end, case when state = 'CLAIMED' then ${worker} end,
      case when state = 'CLAIMED' then clock_now() + make_interval(secs => ${leaseMs / 1000}) end, due,
      case when own and due <= clock_now() then clock_now() + interval '2 seconds' else due end,
      case kind when 'effect' then 'effect' else 'evaluate' end,
      lane, priority, origin, document, "connectionId", "workerGroup", input, payload, call, "effectKey", scope, key,
      case when state = 'DEAD' then node end, class, reason, clock_now(),
      case when state in ('DONE', 'DEAD') then clock_now() end, edges, hash, engine, tables, attempt
    from (select g.*, coalesce(g.at::timestamptz, clock_now() + make_interval(secs => g.after)) as due
      from json_to_recordset(${recordset(rows)}::json) as g(id uuid, run uuid, parent uuid, environment text, flow text,
      version uuid, kind text, node text, port text, "itemPath" text, state text, own boolean, lane smallint, priority int,
      origin text, document text, "connectionId" uuid, "workerGroup" text, input text, payload uuid, call text, "effectKey" text,
      scope uuid, key text, after float8, at text, edges text[], hash text, engine text, tables int, class text, reason jsonb, attempt int)) g`.execute(
    tx,
  );
}

/** Why an item that reached its join too late is a dead letter. */
export const lateReason = {
  code: "join.late",
  message: "The join had gone on without this item, because its time had run out or the items that failed had been let go.",
  hint: "Do by hand what is left to do for this item, then resolve the letter.",
};

/**
 * Brings together what has the same key. Of a wait, the oldest waiting item meets the oldest message; of a coalescing
 * node, the newest version stays and keeps the time at which the first would have gone on.
 */
async function meet(tx: Tx, born: Born[]): Promise<void> {
  for (const task of born) {
    if (task.meet?.act === "wait") await meetWaiting(tx, task, task.meet.key);
    if (task.meet?.act === "coalesce") await coalesce(tx, task, task.meet);
  }
}

/** One side of a meeting. */
interface Meeting {
  id: string;
  node: string;
  port: string | null;
  input: string;
  from: { environment: string; flow: string };
}

/**
 * Looks once more for the other side of a wait, as the retry of one whose time ran out does. Answers the task's `call`
 * as it is then.
 */
export async function meetAgain(db: Db, task: Meeting, epoch: number): Promise<string | null> {
  return transact(db, "meet.again", async (tx) => {
    const { rows } = await sql<{ key: string }>`
      select meet_key as key from task where id = ${task.id} and epoch = ${epoch} and state = 'CLAIMED' for update`.execute(tx);
    const key = rows[0]?.key;
    if (key) {
      await lockKeys(tx, [meetingKey(task, key)]);
      await meetWaiting(tx, task, key);
    }
    const { rows: after } = await sql<{ call: string | null }>`select call from task where id = ${task.id}`.execute(tx);
    return after[0]?.call ?? null;
  });
}

/** A waiting task is claimed only when it is due: READY and not due means that it can still meet. */
async function meetWaiting(tx: Tx, task: Meeting, key: string): Promise<void> {
  const other = task.port === "in" ? "message" : "in";
  const { from } = task;
  const { rows } = await sql<{ id: string; input: string }>`
    select id, ${wholeText("task", "input", "payload_id")} as input from task where environment = ${from.environment} and flow_id = ${from.flow}
      and node_id = ${task.node} and meet_key = ${key} and kind = 'control' and port = ${other} and state = 'READY'
      and due_at > clock_now() and call is null and ${stillGoesOn}
      and exists (select 1 from task me where me.id = ${task.id} and me.call is null)
    order by id limit 1 for update`.execute(tx);
  const found = rows[0];
  if (!found) return;
  const [waiting, message] = task.port === "in" ? [task.id, found] : [found.id, { id: task.id, input: task.input }];
  await sql`
    update task set call = ${JSON.stringify({ message: message.input, task: message.id })}, due_at = clock_now(),
      hint_at = clock_now() where id = ${waiting}`.execute(tx);
  // The message has reached its reader; its own task looks at that and ends.
  await sql`
    update task set call = ${JSON.stringify({ met: waiting })}, due_at = clock_now(), hint_at = clock_now()
    where id = ${message.id}`.execute(tx);
}

async function coalesce(tx: Tx, task: Born, wanted: { key: string; version: string | null }): Promise<void> {
  const { from } = task;
  const { rows } = await sql<{ id: string; version: string | null; due: string }>`
    select id, call::json ->> 'version' as version, due_at::text as due from task where environment = ${from.environment}
      and flow_id = ${from.flow} and node_id = ${task.node} and meet_key = ${wanted.key} and kind = 'control'
      and state = 'READY' and id <> ${task.id} and due_at > clock_now() and ${stillGoesOn}
      and exists (select 1 from task me where me.id = ${task.id} and me.meet_key is not null)
    order by id for update`.execute(tx);
  for (const other of rows) {
    const newer = wanted.version === null || other.version === null || wanted.version >= other.version;
    const [kept, gone] = newer ? [task.id, other.id] : [other.id, task.id];
    await sql`
      update task set due_at = least(due_at, ${other.due}::timestamptz), hint_at = least(hint_at, ${other.due}::timestamptz)
      where id = ${kept}`.execute(tx);
    await sql`
      update task set call = ${JSON.stringify({ version: newer ? other.version : wanted.version, supersededBy: kept })},
        meet_key = null, due_at = clock_now(), hint_at = clock_now() where id = ${gone}`.execute(tx);
    if (!newer) return;
  }
}

/** Counts items into the open batches; the sweep lets a batch go that is full or old enough. */
async function joinBatches(tx: Tx, born: Born[]): Promise<void> {
  const batches = new Map<string, Record<string, unknown> & { count: number; bytes: number }>();
  for (const { from, node, meet: meeting, input } of born) {
    if (meeting?.act !== "batch") continue;
    const id = JSON.stringify([from.environment, from.flow, node, meeting.key]);
    const batch = batches.get(id) ?? {
      environment: from.environment,
      flow: from.flow,
      node,
      key: meeting.key,
      version: from.versionId,
      deployment: from.deploymentId,
      count: 0,
      bytes: 0,
      mostCount: meeting.count,
      mostBytes: meeting.bytes,
      wait: meeting.waitMs / 1000,
    };
    batch.count += 1;
    batch.bytes += Buffer.byteLength(input);
    batches.set(id, batch);
  }
  if (batches.size === 0) return;
  const rows = [...batches].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, batch]) => batch);
  await sql`
    insert into gather as b (environment, flow_id, node_id, key, version_id, deployment_id, count, bytes, most_count, most_bytes,
      most_wait, due_at)
    select environment, flow, node, key, version, deployment, count, bytes, "mostCount", "mostBytes", make_interval(secs => wait),
      clock_now() + make_interval(secs => case when count >= "mostCount" or bytes >= "mostBytes" then 0 else wait end)
    from json_to_recordset(${recordset(rows)}::json) as g(environment text, flow text, node text, key text, version uuid,
      deployment uuid, count int, bytes bigint, "mostCount" int, "mostBytes" bigint, wait float8)
    on conflict (environment, flow_id, node_id, key) do update set version_id = excluded.version_id,
      deployment_id = excluded.deployment_id, most_count = excluded.most_count, most_bytes = excluded.most_bytes,
      most_wait = excluded.most_wait, count = b.count + excluded.count, bytes = b.bytes + excluded.bytes,
      due_at = case when b.count + excluded.count >= excluded.most_count or b.bytes + excluded.bytes >= excluded.most_bytes
        then least(b.due_at, clock_now()) else b.due_at end`.execute(tx);
}

/** A sub-flow's run: a message of its own, and a first task. The task above waits for the run's end. */
async function startSubFlows(tx: Tx, born: Born[]): Promise<void> {
  const rows = born.flatMap(({ id, input, from, child }) =>
    child
      ? [
          {
            ...child,
            parent: id,
            message: newId(),
            run: newId(),
            task: newId(),
            environment: from.environment,
            lane: from.lane,
            priority: from.priority,
            source: from.source,
            document: from.documentKey,
            above: from.messageId,
            body: input,
            bytes: Buffer.byteLength(input),
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  const payloads = await insertPayloads(
    tx,
    rows.map(({ message, body }) => ({ owner: message, text: body })),
  );
  const given = rows.map((row) => {
    const payload = payloads.get(row.message) ?? null;
    return { ...row, payload, body: payload === null ? row.body : null };
  });
  await sql`
    with g as (
      select * from json_to_recordset(${recordset(given)}::json) as g(message uuid, run uuid, task uuid, parent uuid,
        environment text, flow text, version uuid, number int, deployment uuid, node text, depth smallint, lane smallint,
        priority int, source text, document text, body text, payload uuid, above uuid, bytes int)
    ), messages as (
      insert into message (id, environment, flow_id, binding_id, source_node, dedupe_key, document_key, headers, body, payload_id,
        bytes, received_at, purge_after)
      select message, environment, flow, deployment, node, parent::text, document, '{}', body, payload, bytes, clock_now(),
        (select m.purge_after from message m where m.id = g.above) from g
    ), runs as (
      insert into run (id, message_id, environment, flow_id, version_id, version_number, deployment_id, source_node,
        document_key, state, open_tasks, parent_task, depth, clock_at, seed, started_at)
      select run, message, environment, flow, version, number, deployment, node, document, 'RUNNING', 1, parent, depth,
        clock_now(), run::text, clock_now() from g
    )
    insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, port, state, due_at, hint_at, queue,
      lane, priority, source, document_key, worker_group, created_at)
    select task, run, environment, flow, version, 'segment', node, 'out', 'READY', clock_now(), clock_now(), 'evaluate',
      lane, priority, source, document, 'default', clock_now() from g`.execute(tx);
}

async function insertIntents(tx: Tx, born: Born[]): Promise<Set<string>> {
  const intents = born
    .flatMap(({ inPlace, intent, from, id }) =>
      inPlace && intent ? [{ ...intent, environment: from.environment, task: id, run: from.runId }] : [],
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
