import { sql } from "kysely";

/**
 * Whether the run of a row of `task` goes on. One that is being cancelled has tasks that wait until a moment later: whatever
 * met one of them would be lost with it.
 */
export const stillGoesOn = sql<boolean>`
  not exists (select 1 from run where run.id = task.run_id and run.cancelled_at is not null)`;
