import { type SqlBool, sql } from "kysely";
import type { RunDetail } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Run, RunState } from "#schemas/run.ts";
import type { Db } from "./database.ts";
import { runDeadLetters } from "./deadLetters.ts";
import { isId } from "./ids.ts";
import { wholeText } from "./payloads.ts";
import { listRunTasks } from "./runTasks.ts";

export interface RunFilter {
  environment?: string;
  flow?: string;
  state?: RunState;
  /** Runs that failed at this node. */
  node?: string;
  /** Document key, run id or receipt. */
  q?: string;
  limit: number;
  cursor?: string;
}

const runColumns = sql.raw(`
  r.id, r.message_id as "messageId", r.environment, r.flow_id as flow, r.version_number as version, r.state, r.kind,
  r.document_key as "documentKey", r.held, r.started_at as "startedAt", r.ended_at as "endedAt",
  r.failed_node as "failedNode", r.failed_class as "failedClass", r.order_waiting as "waitsForDocument",
  r.superseded_by as "supersededBy", r.cancelled_by as "cancelledBy", r.cancelled_at as "cancelledAt",
  r.replay_of as "replayOf", r.replay_from as "replayFrom"`);

type RunRow = Omit<Run, "startedAt" | "endedAt" | "cancelledAt"> & {
  startedAt: Date;
  endedAt: Date | null;
  cancelledAt: Date | null;
};

const toRun = (row: RunRow): Run => ({
  ...row,
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  cancelledAt: row.cancelledAt?.toISOString() ?? null,
});

/** One page of runs, the newest first. */
export async function listRuns(db: Db, filter: RunFilter): Promise<{ items: Run[]; next: string | null }> {
  const where = [sql<SqlBool>`true`];
  if (filter.environment) where.push(sql`r.environment = ${filter.environment}`);
  if (filter.flow) where.push(sql`r.flow_id = ${filter.flow}`);
  if (filter.state) where.push(sql`r.state = ${filter.state}`);
  if (filter.node) where.push(sql`r.failed_node = ${filter.node}`);
  if (filter.cursor) where.push(sql`r.id < ${filter.cursor}::uuid`);
  if (filter.q) {
    where.push(
      isId(filter.q) ? sql`(r.id = ${filter.q}::uuid or r.message_id = ${filter.q}::uuid)` : sql`r.document_key = ${filter.q}`,
    );
  }
  const { rows } = await sql<RunRow>`
    select ${runColumns} from run r where ${sql.join(where, sql` and `)}
    order by r.id desc limit ${filter.limit + 1}`.execute(db);
  const items = rows.slice(0, filter.limit).map(toRun);
  return { items, next: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
}

/** Tasks and dead letters that are read with their run; a split may have made ten thousand. */
export const SHOWN_WITH_RUN = 100;

/** A run with its message, and the first of its tasks, attempts and dead letters; undefined when there is none of that id. */
export async function readRun(db: Db, id: string): Promise<RunDetail | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<
    RunRow & {
      flowText: string;
      body: string | null;
      receivedAt: Date;
      sourceNode: string;
      dedupeKey: string | null;
      headers: Record<string, string> | null;
    }
  >`
    select ${runColumns}, v.flow as "flowText", ${wholeText("m", "body", "payload_id")} as body,
      coalesce(m.received_at, r.started_at) as "receivedAt", r.source_node as "sourceNode", m.dedupe_key as "dedupeKey", m.headers
    from run r join version v on v.id = r.version_id left join message m on m.id = r.message_id where r.id = ${id}`.execute(db);
  const row = rows[0];
  if (!row) return undefined;
  const { flowText, body, receivedAt, sourceNode, dedupeKey, headers, ...run } = row;
  const [tasks, letters, replays] = await Promise.all([
    listRunTasks(db, { run: id, limit: SHOWN_WITH_RUN }),
    runDeadLetters(db, id, SHOWN_WITH_RUN),
    replaysOf(db, run),
  ]);
  // A replay outlives its message by as much as it came later.
  return {
    run: toRun(run),
    message: {
      id: run.messageId,
      receivedAt: receivedAt.toISOString(),
      source: sourceNode,
      dedupeKey: dedupeKey ?? "",
      headers: headers ?? {},
      body: body === null ? null : JSON.parse(body),
    },
    tasks: tasks.items,
    deadLetters: letters.items,
    counts: { tasks: tasks.count, deadLetters: letters.count },
    replays,
    flow: JSON.parse(flowText) as Flow,
  };
}

/** Whether there is a run of that id. */
export async function hasRun(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom("run").select("id").where("id", "=", id).executeTakeFirst()) !== undefined;
}

async function replaysOf(db: Db, run: { id: string; messageId: string }): Promise<RunDetail["replays"]> {
  const { rows } = await sql<{ id: string; state: RunState; startedAt: Date }>`
    select r.id, r.state, r.started_at as "startedAt" from run r
    where r.message_id = ${run.messageId} and r.replay_of = ${run.id} order by r.id desc`.execute(db);
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString() }));
}
