import { sql } from "kysely";
import type { Db } from "./database.ts";
import { wholeText } from "./payloads.ts";

/** More requests than this for one node while a refused document waits are looked at from the newest back. */
const MOST_LATER = 500;

/** A request of the same node that was made after the one that a task's document was refused out of. */
export interface LaterRow {
  state: "INTENDED" | "CONFIRMED" | "IN_DOUBT";
  /** JSON text of what the ledger has as its result. */
  result: string | null;
  /** JSON text of the documents. */
  input: string;
}

/**
 * What was sent by a node after the batch of which `task` is a refused document, in any run of the flow; `batchPath` is the
 * batch's item path. Nothing of a document that a person has edited since: that is the newest word. Ids of tasks go by time.
 */
export async function laterRequests(
  db: Db,
  task: { id: string; runId: string; environment: string; flow: string; node: string },
  batchPath: string,
): Promise<LaterRow[]> {
  const { rows } = await sql<LaterRow>`
    with batch as (
      select coalesce(e.task_id, t.id) as id from task t left join effect e on e.effect_key = t.effect_key
      where t.run_id = ${task.runId} and t.node_id = ${task.node} and t.kind = 'effect' and t.item_path = ${batchPath}
      order by t.id limit 1)
    select e.state, e.result, ${wholeText("t", "input", "payload_id")} as input
    from task t join effect e on e.effect_key = t.effect_key and e.task_id = t.id
    where t.environment = ${task.environment} and t.flow_id = ${task.flow} and t.id > (select id from batch)
      and t.node_id = ${task.node} and t.kind = 'effect' and t.id <> ${task.id} and e.state <> 'REFUSED'
      and not exists (select 1 from task me where me.id = ${task.id} and me.edited_at is not null)
    order by t.id desc limit ${MOST_LATER}`.execute(db);
  return rows.filter(({ input }) => input !== null);
}
