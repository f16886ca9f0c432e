import { type SqlBool, sql, type Transaction } from "kysely";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { isId } from "./ids.ts";
import type { Database } from "./tables.ts";
import type { TaskHint } from "./tasks.ts";

export interface DeadLetterFilter {
  environment?: string;
  flow?: string;
  class?: string;
  state?: DeadLetter["state"];
  node?: string;
  q?: string;
  limit: number;
  cursor?: string;
}

const columns = sql.raw(`
  l.id, l.task_id as "taskId", l.run_id as "runId", l.message_id as "messageId", l.environment, l.flow_id as flow,
  l.version_number as version, l.node_id as node, l.connector, l.document_key as "documentKey", l.class, l.reason, l.attempts,
  l.state, l.assignee, l.tags, l.note, l.created_at as "createdAt", l.closed_at as "closedAt", l.closed_by as "closedBy"`);

type Row = Omit<DeadLetter, "createdAt" | "closedAt"> & { createdAt: Date; closedAt: Date | null };

const shown = (row: Row): DeadLetter => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  closedAt: row.closedAt?.toISOString() ?? null,
});

/** One page of dead letters, the newest first. */
export async function listDeadLetters(db: Db, filter: DeadLetterFilter): Promise<{ items: DeadLetter[]; next: string | null }> {
  const where = [sql<SqlBool>`true`];
  if (filter.environment) where.push(sql`l.environment = ${filter.environment}`);
  if (filter.flow) where.push(sql`l.flow_id = ${filter.flow}`);
  if (filter.class) where.push(sql`l.class = ${filter.class}`);
  if (filter.state) where.push(sql`l.state = ${filter.state}`);
  if (filter.node) where.push(sql`l.node_id = ${filter.node}`);
  if (filter.cursor) where.push(sql`l.id < ${filter.cursor}::uuid`);
  if (filter.q) {
    where.push(
      isId(filter.q)
        ? sql`(l.run_id = ${filter.q}::uuid or l.message_id = ${filter.q}::uuid)`
        : sql`l.document_key = ${filter.q}`,
    );
  }
  const { rows } = await sql<Row>`
    select ${columns} from dead_letter l where ${sql.join(where, sql` and `)} order by l.id desc limit ${filter.limit + 1}`.execute(
    db,
  );
  const items = rows.slice(0, filter.limit).map(shown);
  return { items, next: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
}

/** The dead letters of one run, in the order they arose. */
export async function runDeadLetters(db: Db, runId: string): Promise<DeadLetter[]> {
  const { rows } = await sql<Row>`select ${columns} from dead_letter l where l.run_id = ${runId} order by l.id`.execute(db);
  return rows.map(shown);
}

/** What closing a dead letter came to; `notOpen` names the state it is in already. */
export type Closed = { ok: true; letter: DeadLetter; hint: TaskHint | null } | { ok: false; found: DeadLetter | null };

/**
 * Puts the task of a dead letter back to ready with all its attempts and its whole age limit before it. Its effect key
 * stays, so a retry cannot post twice; an effect in doubt, whichever run left it so, is first looked up where the target
 * can be asked, and sent where a person's word is all there is.
 */
export async function retryDeadLetter(db: Db, id: string, actor: string): Promise<Closed> {
  return close(db, id, actor, "retried", null, async (tx, letter) => {
    const { rows } = await sql<TaskHint & { effectKey: string | null }>`
      update task set state = 'READY', epoch = epoch + 1, attempt = 0, evaluator_deaths = 0, class = null, reason = null,
        failed_node = null, edges = null, due_at = clock_now(), hint_at = clock_now() + interval '2 seconds', ended_at = null,
        age_from = clock_now()
      where id = ${letter.taskId} and state = 'DEAD'
      returning id, epoch, queue, environment, worker_group as "workerGroup", connection_id as "connectionId",
        effect_key as "effectKey"`.execute(tx);
    const task = rows[0];
    // The task is gone (its time of keeping ended) or goes on already: the run must not wait for it.
    if (!task) return null;
    await sql`
      update effect set state = case when mode = 'none' then 'REFUSED' else 'INTENDED' end
      where effect_key = ${task.effectKey} and state = 'IN_DOUBT'`.execute(tx);
    await sql`
      update run set state = 'RUNNING', ended_at = null, open_tasks = open_tasks + 1, dead_tasks = dead_tasks - 1,
        failed_node = case when dead_tasks = 1 then null else failed_node end,
        failed_class = case when dead_tasks = 1 then null else failed_class end
      where id = ${letter.runId}`.execute(tx);
    const { effectKey: _effectKey, ...hint } = task;
    return hint;
  });
}

/** Closes a dead letter without another try; the task stays dead. */
export async function resolveDeadLetter(db: Db, id: string, note: string, actor: string): Promise<Closed> {
  return close(db, id, actor, "resolved", note, async () => null);
}

async function close(
  db: Db,
  id: string,
  actor: string,
  state: "retried" | "resolved",
  note: string | null,
  act: (tx: Transaction<Database>, letter: DeadLetter) => Promise<TaskHint | null>,
): Promise<Closed> {
  if (!isId(id)) return { ok: false, found: null };
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<Row>`
      update dead_letter l set state = ${state}, note = coalesce(${note}, l.note), closed_at = clock_now(), closed_by = ${actor}
      where l.id = ${id} and l.state = 'open' returning ${columns}`.execute(tx);
    const row = rows[0];
    if (!row) {
      const { rows: found } = await sql<Row>`select ${columns} from dead_letter l where l.id = ${id}`.execute(tx);
      return { ok: false, found: found[0] ? shown(found[0]) : null };
    }
    const letter = shown(row);
    const hint = await act(tx, letter);
    await audit(tx, {
      actor,
      action: `deadLetter.${state}`,
      environment: letter.environment,
      subject: letter.id,
      detail: { flow: letter.flow, node: letter.node, documentKey: letter.documentKey, note },
    });
    return { ok: true, letter, hint };
  });
}
