import { type RawBuilder, type SqlBool, sql, type Transaction } from "kysely";
import type { DeadLetter, DeadLetterCounts } from "#schemas/deadLetter.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { isId, sha256 } from "./ids.ts";
import { insertPayloads } from "./payloads.ts";
import { storable } from "./recordset.ts";
import type { Database } from "./tables.ts";
import type { TaskHint } from "./tasks.ts";

/** By what dead letters can be narrowed. */
export interface DeadLetterFilter {
  environment?: string;
  flow?: string;
  /** Of the flow, by its number. */
  version?: number;
  class?: string;
  state?: DeadLetter["state"];
  node?: string;
  /** Empty for those of no system. */
  connector?: string;
  /** Empty for those that nobody has. */
  assignee?: string;
  tag?: string;
  /** Document key, run id or receipt. */
  q?: string;
}

export const deadLetterColumns = sql.raw(`
  l.id, l.task_id as "taskId", l.run_id as "runId", l.message_id as "messageId", l.environment, l.flow_id as flow,
  l.version_number as version, l.node_id as node, l.connector, l.document_key as "documentKey", l.class, l.reason, l.attempts,
  l.state, l.assignee, l.tags, l.note, l.created_at as "createdAt", l.closed_at as "closedAt", l.closed_by as "closedBy"`);

export type DeadLetterRow = Omit<DeadLetter, "createdAt" | "closedAt"> & { createdAt: Date; closedAt: Date | null };

/** Takes only what is a dead letter's from a row that may have more. */
export const toDeadLetter = (row: DeadLetterRow): DeadLetter => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  closedAt: row.closedAt?.toISOString() ?? null,
});

function fits(filter: DeadLetterFilter): RawBuilder<SqlBool> {
  const where = [sql<SqlBool>`true`];
  if (filter.environment) where.push(sql`l.environment = ${filter.environment}`);
  if (filter.flow) where.push(sql`l.flow_id = ${filter.flow}`);
  if (filter.version) where.push(sql`l.version_number = ${filter.version}`);
  if (filter.class) where.push(sql`l.class = ${filter.class}`);
  if (filter.state) where.push(sql`l.state = ${filter.state}`);
  if (filter.node) where.push(sql`l.node_id = ${filter.node}`);
  if (filter.tag) where.push(sql`${filter.tag} = any(l.tags)`);
  for (const column of ["connector", "assignee"] as const) {
    const wanted = filter[column];
    if (wanted === undefined) continue;
    where.push(wanted === "" ? sql`${sql.ref(`l.${column}`)} is null` : sql`${sql.ref(`l.${column}`)} = ${wanted}`);
  }
  if (filter.q) {
    where.push(
      isId(filter.q)
        ? sql`(l.run_id = ${filter.q}::uuid or l.message_id = ${filter.q}::uuid)`
        : sql`l.document_key = ${filter.q}`,
    );
  }
  return sql.join(where, sql` and `);
}

/** One page of dead letters, the newest first. */
export async function listDeadLetters(
  db: Db,
  { limit, cursor, ...filter }: DeadLetterFilter & { limit: number; cursor?: string },
): Promise<{ items: DeadLetter[]; next: string | null }> {
  const after = cursor ? sql`l.id < ${cursor}::uuid` : sql`true`;
  const { rows } = await sql<DeadLetterRow>`
    select ${deadLetterColumns} from dead_letter l where ${fits(filter)} and ${after} order by l.id desc limit ${limit + 1}`.execute(
    db,
  );
  const items = rows.slice(0, limit).map(toDeadLetter);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** How many there are, by class, connector, flow, assignee and tag, the most first. */
export async function countDeadLetters(db: Db, filter: DeadLetterFilter): Promise<DeadLetterCounts> {
  const by = (column: "class" | "connector" | "flow" | "assignee") => sql`
    (select coalesce(json_agg(g order by g.count desc, g.${sql.ref(column)}), '[]')
      from (select ${sql.ref(column)}, count(*)::int as count from fitting group by 1) g)`;
  const { rows } = await sql<Omit<DeadLetterCounts, "oldestAt"> & { oldestAt: Date | null }>`
    with fitting as materialized (
      select l.class, l.connector, l.flow_id as flow, l.assignee, l.tags, l.created_at from dead_letter l where ${fits(filter)})
    select (select count(*)::int from fitting) as total, (select min(created_at) from fitting) as "oldestAt",
      ${by("class")} as classes, ${by("connector")} as connectors, ${by("flow")} as flows, ${by("assignee")} as assignees,
      (select coalesce(json_agg(g order by g.count desc, g.tag), '[]')
        from (select tag, count(*)::int as count from fitting, unnest(tags) tag group by 1) g) as tags`.execute(db);
  const row = rows[0] as Omit<DeadLetterCounts, "oldestAt"> & { oldestAt: Date | null };
  return { ...row, oldestAt: row.oldestAt?.toISOString() ?? null };
}

/** Ids of the open ones that fit, the oldest first. */
export async function openDeadLetters(db: Db, filter: DeadLetterFilter, most: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select l.id from dead_letter l where ${fits({ ...filter, state: "open" })} order by l.id limit ${most}`.execute(db);
  return rows.map((row) => row.id);
}

/** The dead letters of one run, in the order they arose. */
export async function runDeadLetters(db: Db, runId: string, most: number): Promise<{ items: DeadLetter[]; count: number }> {
  const { rows } = await sql<DeadLetterRow & { count: number }>`
    select ${deadLetterColumns}, count(*) over ()::int as count from dead_letter l where l.run_id = ${runId}
    order by l.id limit ${most}`.execute(db);
  return { items: rows.map(({ count: _count, ...row }) => toDeadLetter(row)), count: rows[0]?.count ?? 0 };
}

/** What closing a dead letter came to. */
export type Closed =
  | { ok: true; letter: DeadLetter; hint: TaskHint | null }
  /** `closed`: it is in another state already; `cancelled`: its run was cancelled, so nothing of it is tried again. */
  | { ok: false; why: "missing" | "closed" | "cancelled"; found: DeadLetter | null };

/** Undoes the transaction of a retry whose run was cancelled. */
class RunWasCancelled extends Error {}

/** What a task is tried again with, in the place of what it had. */
export interface EditedInput {
  /** JSON text of the item. */
  input: string;
  /** JSON text of an effect's call, rendered anew from the item. */
  call: string | null;
}

/**
 * Puts the task of a dead letter back to ready with all its attempts and its whole age limit before it. Its effect key
 * stays, so a retry cannot post twice; an effect in doubt, whichever run left it so, is first looked up where the target
 * can be asked, and sent where a person's word is all there is. With `edit`, what the task had is kept beside.
 */
export async function retryDeadLetter(db: Db, id: string, actor: string, edit?: EditedInput): Promise<Closed> {
  const edited = edit ? { edited: sha256(edit.input) } : {};
  return close(db, { id, actor, state: "retried", note: null, detail: edited }, async (tx, letter) => {
    if (edit) await replaceInput(tx, letter.taskId, edit, actor);
    const { rows } = await sql<TaskHint & { effectKey: string | null; scope: string | null }>`
      update task set state = 'READY', epoch = epoch + 1, attempt = 0, evaluator_deaths = 0, class = null, reason = null,
        failed_node = null, edges = null, due_at = clock_now(), hint_at = clock_now() + interval '2 seconds', ended_at = null,
        age_from = clock_now()
      where id = ${letter.taskId} and state = 'DEAD'
      returning id, epoch, queue, environment, worker_group as "workerGroup", connection_id as "connectionId",
        effect_key as "effectKey", scope_id as scope`.execute(tx);
    const task = rows[0];
    // The task is gone (its time of keeping ended) or goes on already: the run must not wait for it.
    if (!task) return null;
    // By a key an effect is in doubt only when the target may have forgotten it: then too a person's word is all there is.
    await sql`
      update effect set state = case when mode in ('none', 'key') then 'REFUSED' else 'INTENDED' end
      where effect_key = ${task.effectKey} and state = 'IN_DOUBT'`.execute(tx);
    // The join that gathers the item waits for it again.
    await sql`update scope set open = open + 1, dead = dead - 1 where id = ${task.scope}`.execute(tx);
    const { rows: run } = await sql`
      update run set state = 'RUNNING', ended_at = null, open_tasks = open_tasks + 1, dead_tasks = dead_tasks - 1,
        failed_node = case when dead_tasks = 1 then null else failed_node end,
        failed_class = case when dead_tasks = 1 then null else failed_class end
      where id = ${letter.runId} and cancelled_at is null returning 1`.execute(tx);
    // The sweep would end the task again, and the document would be in no letter any more.
    if (run.length === 0) throw new RunWasCancelled();
    const { effectKey: _effectKey, scope: _scope, ...hint } = task;
    return hint;
  });
}

/** The first edit keeps what the task had; later ones keep that too. A null original is the message's own body. */
async function replaceInput(tx: Transaction<Database>, task: string, edit: EditedInput, actor: string): Promise<void> {
  // What an earlier edit left apart would belong to no row any more, and no purge would find it.
  await sql`
    delete from payload where id = (select payload_id from task where id = ${task} and state = 'DEAD' and edited_at is not null)`.execute(
    tx,
  );
  const payload = (await insertPayloads(tx, [{ owner: task, text: edit.input }])).get(task) ?? null;
  const first = (column: string, original: string) =>
    sql`${sql.ref(original)} = case when edited_at is null then ${sql.ref(column)} else ${sql.ref(original)} end`;
  await sql`
    update task set ${first("input", "original_input")}, ${first("payload_id", "original_payload_id")},
      ${first("call", "original_call")}, input = ${payload === null ? edit.input : null}, payload_id = ${payload},
      call = ${edit.call}, edited_at = clock_now(), edited_by = ${actor}
    where id = ${task} and state = 'DEAD'`.execute(tx);
}

/** Closes a dead letter without another try; the task stays dead. */
export async function resolveDeadLetter(db: Db, id: string, note: string, actor: string): Promise<Closed> {
  return close(db, { id, actor, state: "resolved", note, detail: {} }, async () => null);
}

interface Closing {
  id: string;
  actor: string;
  state: "retried" | "resolved";
  note: string | null;
  /** What the audit is told besides. */
  detail: Record<string, unknown>;
}

async function close(
  db: Db,
  { id, actor, state, note, detail }: Closing,
  act: (tx: Transaction<Database>, letter: DeadLetter) => Promise<TaskHint | null>,
): Promise<Closed> {
  if (!isId(id)) return { ok: false, why: "missing", found: null };
  const closing = transact(db, "letter.close", async (tx): Promise<Closed> => {
    const { rows } = await sql<DeadLetterRow>`
      update dead_letter l set state = ${state}, note = coalesce(${note}, l.note), closed_at = clock_now(), closed_by = ${actor}
      where l.id = ${id} and l.state = 'open' returning ${deadLetterColumns}`.execute(tx);
    const row = rows[0];
    if (!row) {
      const found = await findDeadLetter(tx, id);
      return { ok: false, why: found ? "closed" : "missing", found };
    }
    const letter = toDeadLetter(row);
    const hint = await act(tx, letter);
    const { environment, flow, node, documentKey } = letter;
    const subject = letter.id;
    await audit(tx, {
      actor,
      action: `deadLetter.${state}`,
      environment,
      subject,
      detail: { flow, node, documentKey, note, ...detail },
      before: { state: "open" },
      after: { state },
    });
    return { ok: true, letter, hint };
  });
  return closing.catch(async (error: unknown): Promise<Closed> => {
    if (!(error instanceof RunWasCancelled)) throw error;
    return { ok: false, why: "cancelled", found: await findDeadLetter(db, id) };
  });
}

async function findDeadLetter(db: Db, id: string): Promise<DeadLetter | null> {
  const { rows } = await sql<DeadLetterRow>`select ${deadLetterColumns} from dead_letter l where l.id = ${id}`.execute(db);
  return rows[0] ? toDeadLetter(rows[0]) : null;
}

/** What people write on a dead letter; what is absent stays as it is. */
export interface Annotation {
  /** Null: nobody. */
  assignee?: string | null;
  addTags?: readonly string[];
  removeTags?: readonly string[];
  /** Null: none. */
  note?: string | null;
}

/** Writes on dead letters, open or closed. Answers them as they are now; unknown ids are not among them. */
export async function annotateDeadLetters(
  db: Db,
  ids: readonly string[],
  change: Annotation,
  actor: string,
): Promise<DeadLetter[]> {
  const known = [...new Set(ids)].filter(isId).sort();
  const { assignee, note } = change;
  const [add, remove] = [(change.addTags ?? []).map(storable), (change.removeTags ?? []).map(storable)];
  return transact(db, "letter.annotate", async (tx) => {
    const { rows } = await sql<DeadLetterRow & { before: Record<string, unknown> }>`
      with own as materialized (select id, assignee, tags, note from dead_letter where id = any(${known}::uuid[]) order by id for update)
      update dead_letter l set
        assignee = case when ${assignee !== undefined} then ${assignee ?? null} else l.assignee end,
        note = case when ${note !== undefined} then ${note ?? null} else l.note end,
        tags = array(select distinct tag from unnest(l.tags || ${add}::text[]) tag
          where tag <> all(${remove}::text[]) order by tag)
      from own where own.id = l.id
      returning ${deadLetterColumns}, json_build_object('assignee', own.assignee, 'tags', own.tags, 'note', own.note) as before`.execute(
      tx,
    );
    const letters = rows.map(({ before, ...row }) => ({ before, letter: toDeadLetter(row) }));
    for (const { before, letter } of letters) {
      const { id, environment, flow, node, documentKey } = letter;
      const detail = { flow, node, documentKey, ...change };
      const after = { assignee: letter.assignee, tags: letter.tags, note: letter.note };
      await audit(tx, { actor, action: "deadLetter.annotated", environment, subject: id, detail, before, after });
    }
    return letters.map(({ letter }) => letter);
  });
}
