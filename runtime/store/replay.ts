import { sql, type Transaction } from "kysely";
import type { OutcomeClass } from "#schemas/outcome.ts";
import type { RunState } from "#schemas/run.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { isId, newId, sha256 } from "./ids.ts";
import { insertPayloads, wholeText } from "./payloads.ts";
import { recordset } from "./recordset.ts";
import type { Database } from "./tables.ts";
import type { TaskHint } from "./tasks.ts";

/** By lane: what comes from a marketplace now goes before what a person asked for once more, and that before old times. */
const lanes = { replay: 1, backfill: 2 } as const;

/** A run as it can be replayed. */
export interface ReplayableRun {
  id: string;
  messageId: string;
  environment: string;
  protected: boolean;
  flow: string;
  versionId: string;
  version: number;
  sourceNode: string;
  documentKey: string | null;
  /** JSON text of the message; null once it was purged or has outlived its time. */
  body: string | null;
  clock: { runId: string; now: string; seed: string; sourceNode: string };
}

/** A run with what its replay is made from; undefined when there is none. */
export async function readReplayable(db: Db, id: string): Promise<ReplayableRun | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<ReplayableRun>`
    select r.id, r.message_id as "messageId", r.environment, e.protected, r.flow_id as flow, r.version_id as "versionId",
      r.version_number as version, r.source_node as "sourceNode", r.document_key as "documentKey",
      ${wholeText("m", "body", "payload_id")} as body,
      json_build_object('runId', r.id, 'now', to_char(r.clock_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'seed', r.seed, 'sourceNode', r.source_node) as clock
    from run r join environment e on e.id = r.environment left join message m on m.id = r.message_id where r.id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** What a task of a run began with, as far as it is known: what nodes took is recomputed from it. */
export interface BegunTask {
  kind: "segment" | "effect";
  node: string;
  port: string | null;
  itemPath: string;
  /** Of the environment's reference tables when it was taken. */
  tableRevision: number | null;
  /** JSON text; null when it was purged, and of a segment that ended together with the effect before it. */
  input: string | null;
  /** The effect that such a segment follows: its output is the input. JSON texts. */
  afterNode: string | null;
  afterInput: string | null;
  afterResult: string | null;
}

/**
 * The segments of a run, or the effects of one node, the first first; at most `most` of them. A document that was refused out
 * of a batch is none: it is in its batch.
 */
export async function begunTasks(
  db: Db,
  run: string,
  of: { effectsOf: string } | "segments",
  most: number,
): Promise<BegunTask[]> {
  const which =
    of === "segments"
      ? sql`t.kind = 'segment'`
      : sql`t.kind = 'effect' and t.node_id = ${of.effectsOf}
      and not exists (select 1 from task batch where batch.id = t.parent_id and batch.kind = 'effect')`;
  const { rows } = await sql<BegunTask>`
    select t.kind, t.node_id as node, t.port, t.item_path as "itemPath", t.table_revision as "tableRevision",
      coalesce(${wholeText("t", "input", "payload_id")}, case when t.parent_id is null then ${wholeText("m", "body", "payload_id")} end)
        as input, above.node_id as "afterNode", ${wholeText("above", "input", "payload_id")} as "afterInput",
      ${wholeText("above", "result", "result_payload_id")} as "afterResult"
    from task t join run r on r.id = t.run_id left join message m on m.id = r.message_id
    left join task above on above.id = t.parent_id and above.kind = 'effect' and t.input is null and t.payload_id is null
    where t.run_id = ${run} and ${which} and t.state <> 'CANCELLED' order by t.id limit ${most}`.execute(db);
  return rows;
}

/** A replay ready to begin. */
export interface NewReplay {
  of: string;
  kind: keyof typeof lanes;
  versionId: string;
  versionNumber: number;
  deploymentId: string;
  /** The node it begins from; null for the whole. */
  from: string | null;
  /** Where it begins; an input that is null is the message's own. */
  starts: { node: string; port: string; itemPath: string; input: string | null }[];
  /** True where runs of one document go one after another. */
  ordered: boolean;
  held: boolean;
  edited: boolean;
}

/** What beginning a replay came to. */
export type Begun =
  | { ok: true; runId: string; waits: boolean; hints: TaskHint[] }
  /** `newer`: a newer version of the document came after the message, in the run named. */
  | { ok: false; why: "purged" }
  | { ok: false; why: "newer"; run: string };

/** Undoes the transaction of a replay that found a newer version of its document. */
class NewerVersion extends Error {
  readonly run: string;
  constructor(run: string) {
    super("A newer version of the document has come.");
    this.run = run;
  }
}

/**
 * Begins a replay: a run of its own on the message of another, with that one's clock and seed, so that the same version
 * makes the same requests. Where runs of one document go one after another it stands in the row like a new message.
 */
export async function insertReplay(db: Db, replay: NewReplay, actor: string): Promise<Begun> {
  const begun = transact(db, "run.replay", async (tx): Promise<Begun> => {
    const { rows } = await sql<{ environment: string; flow: string; document: string | null }>`
      select r.environment, r.flow_id as flow, r.document_key as document from run r join message m on m.id = r.message_id
      where r.id = ${replay.of} and m.purged_at is null for share of m`.execute(tx);
    const original = rows[0];
    if (!original) return { ok: false, why: "purged" };
    const id = newId();
    const waits = replay.ordered && original.document !== null && (await standInRow(tx, id, replay.of));
    await sql`
      insert into run (id, message_id, environment, flow_id, version_id, version_number, deployment_id, source_node, kind, lane,
        document_key, document_rank, state, held, open_tasks, order_waiting, clock_at, seed, replay_of, replay_from, started_at)
      select ${id}, message_id, environment, flow_id, ${replay.versionId}, ${replay.versionNumber}, ${replay.deploymentId},
        source_node, ${replay.kind}, ${lanes[replay.kind]}, document_key, document_rank, 'RUNNING', ${replay.held},
        ${replay.starts.length}, ${waits}, clock_at, seed, ${replay.of}, ${replay.from}, clock_now()
      from run where id = ${replay.of}`.execute(tx);
    const hints = await insertStarts(tx, id, replay, replay.held || waits);
    const { environment, flow, document } = original;
    const edited = replay.edited ? { edited: sha256(replay.starts[0]?.input ?? "") } : {};
    const detail = {
      flow,
      documentKey: document,
      replay: id,
      kind: replay.kind,
      from: replay.from,
      version: replay.versionNumber,
    };
    const after = { run: id, version: replay.versionNumber };
    await audit(tx, { actor, action: "run.replayed", environment, subject: replay.of, detail: { ...detail, ...edited }, after });
    return { ok: true, runId: id, waits, hints };
  });
  return begun.catch((error: unknown): Begun => {
    if (!(error instanceof NewerVersion)) throw error;
    return { ok: false, why: "newer", run: error.run };
  });
}

/** Takes the document's next place; answers whether somebody has the turn. What is newest stays what it was. */
async function standInRow(tx: Transaction<Database>, id: string, of: string): Promise<boolean> {
  const { rows } = await sql<{ head: string; newer: boolean; newest: string }>`
    insert into document as d (environment, flow_id, document_key, ranks, newest_run, head_run, updated_at)
    select environment, flow_id, document_key,
      case when document_rank is null then '{}' else jsonb_build_object(source_node, document_rank) end, ${id}, ${id}, clock_now()
    from run where id = ${of}
    on conflict (environment, flow_id, document_key) do update set head_run = coalesce(d.head_run, excluded.head_run),
      waiting = d.waiting + case when d.head_run is null then 0 else 1 end, updated_at = clock_now()
    returning head_run as head, newest_run as newest, exists (select 1 from run o where o.id = ${of}
      and ranks ->> o.source_node > o.document_rank collate "C") as newer`.execute(tx);
  const row = rows[0];
  if (row?.newer) throw new NewerVersion(row.newest);
  return row !== undefined && row.head !== id;
}

async function insertStarts(tx: Transaction<Database>, run: string, replay: NewReplay, waits: boolean): Promise<TaskHint[]> {
  const starts = replay.starts.map((start) => ({ ...start, id: newId() }));
  const payloads = await insertPayloads(
    tx,
    starts.flatMap(({ id, input }) => (input === null ? [] : [{ owner: id, text: input }])),
  );
  const rows = starts.map((start) => {
    const payload = payloads.get(start.id) ?? null;
    return { ...start, payload, input: payload === null ? start.input : null };
  });
  const { rows: made } = await sql<TaskHint>`
    insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, port, item_path, state, due_at, hint_at, queue,
      lane, source, document_key, worker_group, input, payload_id, created_at)
    select g.id, r.id, r.environment, r.flow_id, r.version_id, 'segment', g.node, g.port, g."itemPath", 'READY',
      case when ${waits} then 'infinity' else clock_now() end, case when ${waits} then 'infinity' else clock_now() end, 'evaluate',
      r.lane, coalesce((select t.source from task t where t.run_id = r.replay_of limit 1), ''), r.document_key, 'default', g.input, g.payload, clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, node text, port text, "itemPath" text, input text, payload uuid)
    join run r on r.id = ${run}
    returning id, epoch, queue, environment, worker_group as "workerGroup", connection_id as "connectionId"`.execute(tx);
  return waits ? [] : made;
}

/** Which runs several replays are made of. */
export interface ReplayFilter {
  environment: string;
  flow: string;
  state?: RunState;
  class?: OutcomeClass;
  /** Runs that failed at this node. */
  node?: string;
  /** Messages received from this moment on, and before that one; ISO 8601. */
  since?: string;
  until?: string;
  q?: string;
}

/**
 * Ended runs that fit, the oldest first: of each message the newest alone, so that asking twice begins nothing twice
 * unless the replay failed too. Runs of sub-flows are replayed by those that called them.
 */
export async function replayableRuns(db: Db, filter: ReplayFilter, most: number): Promise<{ matching: number; ids: string[] }> {
  const where = [sql`r.environment = ${filter.environment}`, sql`r.flow_id = ${filter.flow}`, sql`r.state <> 'RUNNING'`];
  where.push(sql`r.parent_task is null`, sql`r.superseded_by is null`);
  if (filter.state) where.push(sql`r.state = ${filter.state}`);
  if (filter.class) where.push(sql`r.failed_class = ${filter.class}`);
  if (filter.node) where.push(sql`r.failed_node = ${filter.node}`);
  if (filter.since) where.push(sql`m.received_at >= ${filter.since}::timestamptz`);
  if (filter.until) where.push(sql`m.received_at < ${filter.until}::timestamptz`);
  if (filter.q) {
    const { q } = filter;
    where.push(isId(q) ? sql`(r.id = ${q}::uuid or r.message_id = ${q}::uuid)` : sql`r.document_key = ${q}`);
  }
  const { rows } = await sql<{ matching: number; ids: string[] }>`
    with fitting as materialized (
      select r.id from run r join message m on m.id = r.message_id where ${sql.join(where, sql` and `)}
        and not exists (select 1 from run later where later.message_id = r.message_id and later.id > r.id)
    )
    select (select count(*)::int from fitting) as matching,
      array(select id from fitting order by id limit ${most}) as ids`.execute(db);
  return rows[0] ?? { matching: 0, ids: [] };
}

/** The id of a flow's version by its number. */
export const versionIdOf = async (db: Db, flow: string, number: number): Promise<string | undefined> =>
  (await db.selectFrom("version").select("id").where("flow_id", "=", flow).where("number", "=", number).executeTakeFirst())?.id;
