import { sql } from "kysely";
import { goingOn } from "./bornEnded.ts";
import type { Checkpointed } from "./checkpoint.ts";
import type { Db } from "./database.ts";
import type { Outcome } from "./outcomes.ts";

/**
 * Whether a checkpoint was written whose commit was asked for and never answered (the database hung or went away in
 * between), and what it came to. Only the holder of an epoch can end a task under it, so a task that is DONE at the
 * epoch was ended by the outcome. Undefined when it was not written.
 *
 * Without this the successors made in place would stay claimed by nobody until their leases end, and an effect whose
 * intent stands would look as if it might have been sent.
 */
export async function recallCheckpoint(db: Db, outcome: Outcome, worker: string): Promise<Checkpointed | undefined> {
  const { task, end } = outcome;
  if (end.state !== "DONE") return undefined;
  const inPlace = goingOn(outcome).flatMap(({ next }) => (next.inPlace ? [next.id] : []));
  const { rows: ended } = await sql`
    select 1 from task where id = ${task.id} and epoch = ${task.epoch} and state = 'DONE'`.execute(db);
  if (ended.length === 0) return undefined;
  const { rows: made } = await sql<{ id: string; intended: boolean }>`
    select t.id, e.effect_key is not null as intended from task t
    left join effect e on e.effect_key = t.effect_key and e.task_id = t.id and e.epoch = 1 and e.state = 'INTENDED'
    where t.id = any(${inPlace}::uuid[]) and t.state = 'CLAIMED' and t.epoch = 1 and t.worker = ${worker}`.execute(db);
  return {
    written: true,
    // Nothing of what was to follow is there: the run was cancelled, or others have gone on with it.
    cancelled: inPlace.length > 0 && made.length === 0,
    intended: new Set(made.filter((row) => row.intended).map((row) => row.id)),
  };
}
