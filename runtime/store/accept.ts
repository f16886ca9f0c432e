import { sql } from "kysely";
import type { Db } from "./database.ts";
import { newId } from "./ids.ts";
import { recordset, storable } from "./recordset.ts";

/** A verified message, ready to be committed with its run and first task. */
export interface Acceptable {
  environment: string;
  flow: string;
  bindingId: string;
  sourceNode: string;
  dedupeKey: string;
  contentHash: string;
  documentKey: string | null;
  documentVersion: string | null;
  headers: Record<string, string>;
  /** Canonical JSON text of the body. */
  body: string;
  versionId: string;
  versionNumber: number;
  deploymentId: string;
  /** True when the deployment is paused: accepted and kept, not run. */
  held: boolean;
  workerGroup: string;
  milestone: string | null;
}

export interface Accepted {
  /** The message's id; the same for every delivery of one document. */
  receipt: string;
  runId: string;
  /** The first task; null for a duplicate. */
  taskId: string | null;
  duplicate: boolean;
}

interface Row extends Record<string, unknown> {
  message: string;
  run: string;
  task: string;
}

/**
 * Commits messages, their runs and their first tasks in one statement. A message whose dedupe key is known already
 * adds nothing and gets the first one's receipt.
 */
export async function insertAccepted(db: Db, messages: Acceptable[]): Promise<Accepted[]> {
  // Keys as they are stored, or a duplicate of one with odd characters would not be found.
  const group = messages.map((message) => ({ ...message, dedupeKey: storable(message.dedupeKey) }));
  const rows = group.map((item) => toRow(item));
  const { rows: inserted } = await sql<{ message_id: string }>`
    with given as (
      select * from json_to_recordset(${recordset(rows)}::json) as g(
        message uuid, run uuid, task uuid, milestone_id uuid, environment text, flow text, binding uuid, node text,
        dedupe text, hash text, document text, document_version text, headers jsonb, body text, bytes int,
        version uuid, number int, deployment uuid, held boolean, worker_group text, milestone text)
    ), keyed as (
      insert into message_key (binding_id, dedupe_key, message_id, run_id, content_hash, received_at)
      select binding, dedupe, message, run, hash, clock_now() from given order by binding, dedupe
      on conflict do nothing returning message_id
    ), fresh as (
      select given.* from given join keyed on keyed.message_id = given.message
    ), messages as (
      insert into message (id, environment, flow_id, binding_id, source_node, dedupe_key, document_key,
        document_version, headers, body, bytes, received_at)
      select message, environment, flow, binding, node, dedupe, document, document_version, headers, body, bytes,
        clock_now() from fresh
    ), runs as (
      insert into run (id, message_id, environment, flow_id, version_id, version_number, deployment_id, source_node,
        document_key, state, held, open_tasks, clock_at, seed, started_at)
      select run, message, environment, flow, version, number, deployment, node, document, 'RUNNING', held, 1,
        clock_now(), run::text, clock_now() from fresh
    ), tasks as (
      insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, port, state, due_at, hint_at,
        queue, document_key, worker_group, created_at)
      select task, run, environment, flow, version, 'segment', node, 'out', 'READY',
        case when held then 'infinity' else clock_now() end,
        case when held then 'infinity' else clock_now() + interval '2 seconds' end,
        'evaluate', document, worker_group, clock_now() from fresh
    ), milestones as (
      insert into milestone (id, environment, flow_id, run_id, document_key, kind, at)
      select milestone_id, environment, flow, run, document, milestone, clock_now() from fresh
      where milestone is not null and document is not null
    )
    select message_id from keyed`.execute(db);
  const fresh = new Set(inserted.map((row) => row.message_id));
  const known = fresh.size === rows.length ? new Map<string, Known>() : await knownKeys(db, group);
  return rows.map((row, index) => {
    if (fresh.has(row.message)) return { receipt: row.message, runId: row.run, taskId: row.task, duplicate: false };
    const first = known.get(keyOf(group[index] as Acceptable));
    if (!first) throw new Error("A message was neither inserted nor found; the commit must have failed.");
    return { receipt: first.message, runId: first.run, taskId: null, duplicate: true };
  });
}

type Known = { message: string; run: string };
const keyOf = (item: { bindingId: string; dedupeKey: string }): string => `${item.bindingId} ${item.dedupeKey}`;

async function knownKeys(db: Db, group: Acceptable[]): Promise<Map<string, Known>> {
  const { rows } = await sql<{ binding_id: string; dedupe_key: string; message_id: string; run_id: string }>`
    select k.binding_id, k.dedupe_key, k.message_id, k.run_id from message_key k
    join unnest(${group.map((each) => each.bindingId)}::uuid[], ${group.map((each) => each.dedupeKey)}::text[])
      as g(binding, dedupe) on k.binding_id = g.binding and k.dedupe_key = g.dedupe`.execute(db);
  return new Map(
    rows.map((row) => [
      keyOf({ bindingId: row.binding_id, dedupeKey: row.dedupe_key }),
      { message: row.message_id, run: row.run_id },
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
    dedupe: item.dedupeKey,
    hash: item.contentHash,
    document: item.documentKey,
    document_version: item.documentVersion,
    headers: item.headers,
    body: item.body,
    bytes: Buffer.byteLength(item.body),
    version: item.versionId,
    number: item.versionNumber,
    deployment: item.deploymentId,
    held: item.held,
    worker_group: item.workerGroup,
    milestone: item.milestone,
  };
}
