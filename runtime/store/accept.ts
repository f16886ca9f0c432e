import { sql } from "kysely";
import { versionRank } from "#schemas/versionRank.ts";
import type { Db } from "./database.ts";
import { writing } from "./durable.ts";
import { newId } from "./ids.ts";
import { standsApart } from "./payloads.ts";
import { recordset, storable } from "./recordset.ts";
import { refuseWhenFull } from "./storage.ts";

/** A verified message, ready to be committed with its run and first task. */
export interface Acceptable {
  environment: string;
  flow: string;
  bindingId: string;
  sourceNode: string;
  /** The port of the source at which the first segment begins: `out`, or one that the source reads by itself first. */
  port?: string;
  dedupeKey: string;
  contentHash: string;
  documentKey: string | null;
  documentVersion: string | null;
  /**
   * True where runs of one document go one after another; then an older version (by `versionRank`) than one that came
   * before is superseded.
   */
  ordered: boolean;
  headers: Record<string, string>;
  /** Canonical JSON text of the body. */
  body: string;
  versionId: string;
  versionNumber: number;
  deploymentId: string;
  /** True when the deployment is paused: accepted and kept, not run. */
  held: boolean;
  workerGroup: string;
  /** The source's connector: by it and the flow what waits is chosen fairly. */
  source: string;
  /** The caller hints the task at once; else the sweep does, in fair turn. */
  hinted: boolean;
  milestone: string | null;
  /** True when somebody may wait for what the flow responds: then the answer is announced. */
  called: boolean;
}

export interface Accepted {
  /** The message's id; the same for every delivery of one document. */
  receipt: string;
  runId: string;
  /** The first task; null for a duplicate. */
  taskId: string | null;
  duplicate: boolean;
  /** False when the task is not ready: held, behind an earlier run of the same document, or superseded. */
  ready: boolean;
  /** Of a duplicate: true when it came with other bytes than the first. */
  differs: boolean;
}

interface Row extends Record<string, unknown> {
  message: string;
  run: string;
  task: string;
}

/**
 * Commits messages, their runs and their first tasks in one statement. A message whose dedupe key is known already
 * adds nothing and gets the first one's receipt. Throws StorageFull where there is no room. Several messages of one document go one after another.
 */
export async function insertAccepted(db: Db, messages: Acceptable[]): Promise<Accepted[]> {
  await refuseWhenFull(db);
  const accepted: Accepted[] = new Array(messages.length);
  for (const places of wavesOf(messages)) {
    const done = await insertWave(
      db,
      places.map((place) => messages[place] as Acceptable),
    );
    places.forEach((place, index) => {
      accepted[place] = done[index] as Accepted;
    });
  }
  return accepted;
}

/** Places of messages, so that no wave has two of one document: a statement can write each document's row once. */
export function wavesOf(messages: readonly Acceptable[]): number[][] {
  const waves: number[][] = [];
  const seen = new Map<string, number>();
  messages.forEach((message, place) => {
    const key =
      message.ordered && message.documentKey !== null ? `${message.environment} ${message.flow} ${message.documentKey}` : null;
    const wave = key === null ? 0 : (seen.get(key) ?? 0);
    if (key !== null) seen.set(key, wave + 1);
    waves[wave] = [...(waves[wave] ?? []), place];
  });
  return waves;
}

/** Whether a newer version of document `d` came before through the same source; `excluded.ranks` has one entry or none. */
const stale = sql.raw(`exists (select 1 from jsonb_each_text(excluded.ranks) n
  where d.ranks ->> n.key collate "C" > n.value collate "C")`);

async function insertWave(db: Db, messages: Acceptable[]): Promise<Accepted[]> {
  // Keys as they are stored, or a duplicate of one with odd characters would not be found.
  const group = messages.map((message) => ({ ...message, dedupeKey: storable(message.dedupeKey) }));
  const rows = group.map((item) => toRow(item));
  const { rows: inserted } = await sql<{ message_id: string; ready: boolean }>`
    with given as (
      select * from json_to_recordset(${recordset(rows)}::json) as g(
        message uuid, run uuid, task uuid, milestone_id uuid, environment text, flow text, binding uuid, node text, port text,
        dedupe text, hash text, document text, document_version text, ordered boolean, rank text, headers jsonb, body text, bytes int,
        version uuid, number int, deployment uuid, held boolean, worker_group text, source text, hinted boolean,
        milestone text, called boolean, payload uuid)
    ), keyed as (
      insert into message_key (binding_id, dedupe_key, message_id, run_id, content_hash, received_at)
      select binding, dedupe, message, run, hash, clock_now() from given order by binding, dedupe
      on conflict do nothing returning message_id
    ), arrived as (
      select given.* from given join keyed on keyed.message_id = given.message
    ), documents as (
      insert into document as d (environment, flow_id, document_key, ranks, newest_run, head_run, updated_at)
      select environment, flow, document, case when rank is null then '{}' else jsonb_build_object(node, rank) end, run, run,
        clock_now()
      from arrived where ordered and document is not null order by environment, flow, document
      on conflict (environment, flow_id, document_key) do update set
        ranks = case when ${stale} then d.ranks else d.ranks || excluded.ranks end,
        newest_run = case when ${stale} then d.newest_run else excluded.newest_run end,
        head_run = case when ${stale} then d.head_run else coalesce(d.head_run, excluded.head_run) end,
        waiting = d.waiting + case when ${stale} or d.head_run is null then 0 else 1 end,
        updated_at = clock_now()
      returning environment, flow_id, document_key, newest_run, head_run
    ), fresh as (
      select arrived.*, case when d.newest_run <> arrived.run then d.newest_run end as newer,
        d.newest_run = arrived.run and d.head_run <> arrived.run as waits
      from arrived left join documents d
        on d.environment = arrived.environment and d.flow_id = arrived.flow and d.document_key = arrived.document
    ), messages as (
      insert into message (id, environment, flow_id, binding_id, source_node, dedupe_key, document_key,
        document_version, headers, body, payload_id, bytes, received_at, purge_after)
      select message, environment, flow, binding, node, dedupe, document, document_version, headers,
        case when payload is null then body end, payload, bytes, clock_now(), clock_now() + make_interval(days => (
          select least(e.payload_days, c.payload_days) from environment e
          left join source_binding b on b.id = fresh.binding left join connection c on c.id = b.connection_id
          where e.id = fresh.environment))
      from fresh
    ), payloads as (
      insert into payload (id, body, bytes, created_at)
      select payload, body, bytes, clock_now() from fresh where payload is not null
    ), runs as (
      insert into run (id, message_id, environment, flow_id, version_id, version_number, deployment_id, source_node,
        document_key, document_rank, state, held, called, open_tasks, order_waiting, superseded_by, clock_at, seed, started_at, ended_at)
      select run, message, environment, flow, version, number, deployment, node, document, rank,
        case when newer is null then 'RUNNING' else 'CANCELLED' end, held and newer is null, called, case when newer is null then 1 else 0 end,
        coalesce(waits, false), newer, clock_now(), run::text, clock_now(), case when newer is not null then clock_now() end
      from fresh
    ), tasks as (
      insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, port, state, due_at, hint_at,
        queue, document_key, worker_group, source, created_at, class, reason, ended_at)
      select task, run, environment, flow, version, 'segment', node, port, case when newer is null then 'READY' else 'CANCELLED' end,
        case when held or waits then 'infinity' else clock_now() end,
        case when held or waits then 'infinity' when hinted then clock_now() + interval '2 seconds' else clock_now() end,
        'evaluate', document, worker_group, source, clock_now(), case when newer is not null then 'cancelled' end,
        case when newer is not null then json_build_object('code', 'superseded', 'message',
          'A newer version of this document had come before; nothing was done with this one.', 'params', json_build_object('run', newer)) end,
        case when newer is not null then clock_now() end
      from fresh
    ), milestones as (
      insert into milestone (id, environment, flow_id, run_id, document_key, kind, at)
      select milestone_id, environment, flow, run, document, milestone, clock_now() from fresh
      where milestone is not null and document is not null
    )
    select message as message_id, newer is null and not held and not coalesce(waits, false) as ready from fresh`.execute(
    writing(db, "accept"),
  );
  const fresh = new Map(inserted.map((row) => [row.message_id, row.ready]));
  const known = fresh.size === rows.length ? new Map<string, Known>() : await knownKeys(db, group);
  return rows.map((row, index) => {
    const ready = fresh.get(row.message);
    if (ready !== undefined)
      return { receipt: row.message, runId: row.run, taskId: row.task, duplicate: false, differs: false, ready };
    const item = group[index] as Acceptable;
    const first = known.get(keyOf(item));
    if (!first) throw new Error("A message was neither inserted nor found; the commit must have failed.");
    const differs = first.hash !== item.contentHash;
    return { receipt: first.message, runId: first.run, taskId: null, duplicate: true, differs, ready: false };
  });
}

type Known = { message: string; run: string; hash: string };
const keyOf = (item: { bindingId: string; dedupeKey: string }): string => `${item.bindingId} ${item.dedupeKey}`;

async function knownKeys(db: Db, group: Acceptable[]): Promise<Map<string, Known>> {
  const { rows } = await sql<{
    binding_id: string;
    dedupe_key: string;
    message_id: string;
    run_id: string;
    content_hash: string;
  }>`
    select k.binding_id, k.dedupe_key, k.message_id, k.run_id, k.content_hash from message_key k
    join unnest(${group.map((each) => each.bindingId)}::uuid[], ${group.map((each) => each.dedupeKey)}::text[])
      as g(binding, dedupe) on k.binding_id = g.binding and k.dedupe_key = g.dedupe`.execute(db);
  return new Map(
    rows.map((row) => [
      keyOf({ bindingId: row.binding_id, dedupeKey: row.dedupe_key }),
      { message: row.message_id, run: row.run_id, hash: row.content_hash },
    ]),
  );
}

function toRow(item: Acceptable): Row {
  return {
    message: newId(),
    run: newId(),
    task: newId(),
    milestone_id: newId(),
    environment: item.environment,
    flow: item.flow,
    binding: item.bindingId,
    node: item.sourceNode,
    port: item.port ?? "out",
    dedupe: item.dedupeKey,
    hash: item.contentHash,
    document: item.documentKey,
    document_version: item.documentVersion,
    ordered: item.ordered,
    rank: item.documentVersion === null ? null : versionRank(item.documentVersion),
    headers: item.headers,
    body: item.body,
    bytes: Buffer.byteLength(item.body),
    version: item.versionId,
    number: item.versionNumber,
    deployment: item.deploymentId,
    held: item.held,
    worker_group: item.workerGroup,
    source: item.source,
    hinted: item.hinted,
    milestone: item.milestone,
    called: item.called,
    payload: standsApart(item.body) ? newId() : null,
  };
}
