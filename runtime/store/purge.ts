import { sql } from "kysely";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";

/** Messages purged in one transaction; a run may have thousands of tasks. */
const BATCH = 100;

/**
 * A message may be purged once nothing of it can be tried again, and whoever called its run as a sub-flow has the answer:
 * without it the item above would go on as if nothing had been answered.
 */
const open = sql.raw(`exists (select 1 from run r where r.message_id = m.id and (r.state = 'RUNNING'
  or exists (select 1 from dead_letter l where l.run_id = r.id and l.state = 'open')
  or exists (select 1 from task above where above.id = r.parent_task and (above.state in ('READY', 'CLAIMED')
    or exists (select 1 from dead_letter l where l.task_id = above.id and l.state = 'open')))))`);

/**
 * Takes the contents out of messages whose time has come (`message.purge_after`, set at intake by the policy of the
 * environment or of the source's connection), and out of all that their runs kept: inputs, requests, results, answers,
 * attempts, values in reasons. Keys, ledger, milestones and the rows themselves stay. Answers whether there may be more.
 */
export async function purgePayloads(db: Db): Promise<boolean> {
  return transact(db, "retention.purge", async (tx) => {
    const { rows: due } = await sql<{ id: string; payload: string | null }>`
      select m.id, m.payload_id as payload from message m
      where m.purge_after < clock_now() and m.purged_at is null and not ${open}
      order by m.purge_after limit ${BATCH} for update of m skip locked`.execute(tx);
    if (due.length === 0) return false;
    // A replay that began while the rows were being locked needs what it replays; it is seen only now.
    const { rows: free } = await sql<{ id: string }>`
      select m.id from message m where m.id = any(${due.map((row) => row.id)}::uuid[]) and not ${open}`.execute(tx);
    const messages = free.map((row) => row.id);
    const { rows: tasks } = await sql<{ id: string; payloads: string[] }>`
      select t.id, array_remove(array[t.payload_id, t.result_payload_id, t.original_payload_id], null) as payloads
      from task t join run r on r.id = t.run_id where r.message_id = any(${messages}::uuid[])`.execute(tx);
    const ids = tasks.map((row) => row.id);
    const payloads = [
      ...due.flatMap((row) => (messages.includes(row.id) ? (row.payload ?? []) : [])),
      ...tasks.flatMap((row) => row.payloads),
    ];
    const bare = (column: string) => sql`${sql.ref(column)} - 'found' - 'details' - 'params'`;
    await sql`
      update task set input = null, payload_id = null, call = null, result = null, result_payload_id = null,
        original_input = null, original_payload_id = null, original_call = null, reason = ${bare("reason")}
      where id = any(${ids}::uuid[])`.execute(tx);
    await sql`
      update attempt set request = null, response = null, reason = ${bare("reason")} where task_id = any(${ids}::uuid[])`.execute(
      tx,
    );
    await sql`update dead_letter set reason = ${bare("reason")} where task_id = any(${ids}::uuid[])`.execute(tx);
    await sql`update run set response = null where message_id = any(${messages}::uuid[])`.execute(tx);
    await sql`delete from payload where id = any(${payloads}::uuid[])`.execute(tx);
    await sql`
      update message set body = null, payload_id = null, headers = '{}', purged_at = clock_now()
      where id = any(${messages}::uuid[])`.execute(tx);
    return messages.length === BATCH;
  });
}

/** Messages past their time that are kept, because their run goes on or waits for a person. */
export async function heldPayloads(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from message m
    where m.purge_after < clock_now() and m.purged_at is null and ${open}`.execute(db);
  return rows[0]?.count ?? 0;
}
