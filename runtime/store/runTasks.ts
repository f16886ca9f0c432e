import { type SqlBool, sql } from "kysely";
import type { RunTasks } from "#schemas/api.ts";
import type { Task } from "#schemas/run.ts";
import { readable } from "./attempts.ts";
import type { Db } from "./database.ts";

export interface TaskFilter {
  run: string;
  /** Tasks of this node. */
  node?: string;
  limit: number;
  /** The last task of the page before. */
  cursor?: string;
}

type TaskRow = Omit<Task, "dueAt" | "createdAt" | "endedAt"> & {
  dueAt: Date | number;
  createdAt: Date;
  endedAt: Date | null;
  call: string | null;
};

/** One page of a run's tasks with their attempts, the oldest first, and how many fit in all. */
export async function listRunTasks(db: Db, filter: TaskFilter): Promise<RunTasks> {
  const where = [sql<SqlBool>`t.run_id = ${filter.run}`];
  if (filter.node !== undefined) where.push(sql`t.node_id = ${filter.node}`);
  const fits = sql.join(where, sql` and `);
  const after = filter.cursor === undefined ? sql`` : sql`and t.id > ${filter.cursor}::uuid`;
  const { rows } = await sql<TaskRow>`
    select t.id, t.kind, t.node_id as node, t.item_path as "itemPath", t.state, t.attempt,
      case when t.due_at = 'infinity' then t.created_at else t.due_at end as "dueAt", t.created_at as "createdAt",
      t.ended_at as "endedAt", t.class as "outcomeClass", t.reason, t.effect_key as "effectKey", t.call,
      coalesce((select json_agg(json_build_object('number', a.number,
          'startedAt', to_char(a.started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'endedAt', to_char(a.ended_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'outcome', a.outcome, 'reason', a.reason, 'request', a.request, 'response', a.response) order by a.id)
        from attempt a where a.task_id = t.id), '[]') as attempts
    from (select * from task t where ${fits} ${after} order by t.id limit ${filter.limit + 1}) t order by t.id`.execute(db);
  const { rows: counted } = await sql<{ count: number }>`select count(*)::int as count from task t where ${fits}`.execute(db);
  const items = rows.slice(0, filter.limit).map(toTask);
  return { items, next: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null, count: counted[0]?.count ?? 0 };
}

const toTask = ({ call, ...row }: TaskRow): Task => ({
  ...row,
  dueAt: new Date(row.dueAt).toISOString(),
  createdAt: row.createdAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  attempts: row.attempts.map((attempt) => ({
    ...attempt,
    request: readable(attempt.request) ?? (call === null ? null : (JSON.parse(call) as { request: unknown }).request),
    response: readable(attempt.response),
  })),
});
