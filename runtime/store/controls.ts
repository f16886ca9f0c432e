import { sql } from "kysely";
import type { ChildRun, Gathered } from "#nodes/dryRun/controlDecision.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import { wholeText } from "./payloads.ts";

/**
 * Closes the scope of a join, which has the id of the task that fires it, so that nothing arrives any more, and gathers what has. Answers undefined when the task is
 * no longer the caller's.
 */
export async function closeScope(db: Db, joinTask: string, epoch: number): Promise<Gathered | undefined> {
  return transact(db, "scope.close", async (tx) => {
    const { rows } = await sql<{ id: string; expected: number; dead: number; open: number; join: string }>`
      update scope set fired_at = coalesce(fired_at, clock_now()) where id = ${joinTask} and exists (
        select 1 from task where id = ${joinTask} and epoch = ${epoch} and state = 'CLAIMED')
      returning id, expected, dead, open, join_node as join`.execute(tx);
    const scope = rows[0];
    if (!scope) return undefined;
    const { rows: arrived } = await sql<{ input: string }>`
      select ${wholeText("task", "input", "payload_id")} as input from task where scope_id = ${scope.id} and kind = 'control' and node_id = ${scope.join} and port = 'in'
        and state = 'DONE' order by item_path, id`.execute(tx);
    return { expected: scope.expected, dead: scope.dead, open: scope.open, items: arrived.map((row) => row.input) };
  });
}

/**
 * Opens the scope of a join again that could not go on: a retry gathers what arrives until then. Only for whoever still
 * holds the task: another may have let the join go on by now.
 */
export async function reopenScope(db: Db, joinTask: string, epoch: number): Promise<void> {
  await sql`
    update scope set fired_at = null where id = ${joinTask} and exists (
      select 1 from task where id = ${joinTask} and epoch = ${epoch} and state = 'CLAIMED')`.execute(writing(db, "scope.reopen"));
}

/** The run that a sub-flow task started. */
export async function childRun(db: Db, parentTask: string): Promise<ChildRun | undefined> {
  const { rows } = await sql<ChildRun>`
    select id, state, response, failed_node as "failedNode", failed_class as "failedClass" from run
    where parent_task = ${parentTask} order by id desc limit 1`.execute(db);
  return rows[0];
}
