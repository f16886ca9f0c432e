import { sql } from "kysely";
import type { EnvironmentStatus, RetentionHeld, Waiting } from "#schemas/environmentStatus.ts";
import type { Db } from "./database.ts";
import { sharedCount } from "./sharedCount.ts";
import { readStorage } from "./storage.ts";

const shared = sharedCount<EnvironmentStatus>();

/** What waits in an environment, the room there is, and what retention keeps. Those who ask at once share one look. */
export const environmentStatus = (db: Db, environment: string): Promise<EnvironmentStatus> =>
  shared(db, environment, () => look(db, environment));

async function look(db: Db, environment: string): Promise<EnvironmentStatus> {
  const [waiting, held, storage, retention] = await Promise.all([
    readWaiting(db, environment),
    sql<{ count: number }>`select count(*)::int as count from run where environment = ${environment} and held`.execute(db),
    readStorage(db),
    sql<{ at: Date | null; held: RetentionHeld[] }>`
      select case when isfinite(at) then at end as at, held from retention`.execute(db),
  ]);
  const [kept] = retention.rows;
  return {
    environment,
    waiting,
    held: held.rows[0]?.count ?? 0,
    storage,
    retention: { at: kept?.at?.toISOString() ?? null, held: kept?.held ?? [] },
  };
}

async function readWaiting(db: Db, environment: string): Promise<Waiting[]> {
  const { rows } = await sql<Omit<Waiting, "oldestAt"> & { oldestAt: Date | null }>`
    select t.flow_id as flow, c.name as connection,
      count(*) filter (where t.due_at <= clock_now())::int as due, count(*) filter (where t.due_at > clock_now())::int as later,
      min(t.due_at) filter (where t.due_at <= clock_now()) as "oldestAt"
    from task t left join connection c on c.id = t.connection_id
    where t.environment = ${environment} and t.state = 'READY'
      and not exists (select 1 from run r where r.id = t.run_id and r.held)
    group by t.flow_id, c.name order by due desc, later desc, flow, connection`.execute(db);
  return rows.map((row) => ({ ...row, oldestAt: row.oldestAt?.toISOString() ?? null }));
}
