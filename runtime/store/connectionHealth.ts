import { sql } from "kysely";
import type { Bucket, Standing } from "#schemas/admission.ts";
import type { ConnectionHealth } from "#schemas/connection.ts";
import type { Db } from "./database.ts";
import { sharedCount } from "./sharedCount.ts";

interface Row {
  id: string;
  environment: string;
  name: string;
  concurrency: number | null;
  standing: Standing | null;
  now: number;
  waiting: number;
  inUse: number;
}

/** How a connection fares, and which one. */
export interface Fares extends ConnectionHealth {
  id: string;
  environment: string;
  name: string;
}

const shared = sharedCount<Fares[]>();

/** How the connections of an environment, or of all, fare. Those who ask at once share one look. */
export const connectionHealth = (db: Db, environment?: string): Promise<Fares[]> =>
  shared(db, environment ?? "", () => look(db, environment));

async function look(db: Db, environment: string | undefined): Promise<Fares[]> {
  const { rows } = await sql<Row>`
    with busy as materialized (
      select connection_id, count(*)::int as count from (
        select connection_id from task where state = 'CLAIMED' and connection_id is not null
        union all
        select connection_id from source_binding where transport = 'poll' and lease_until > clock_now()
      ) each group by 1
    )
    select c.id, c.environment, c.name, c.concurrency, a.standing, extract(epoch from clock_now())::float8 * 1000 as now,
      coalesce(busy.count, 0) as "inUse",
      (select count(*)::int from task t where t.connection_id = c.id and t.state = 'READY' and t.due_at <= clock_now()) as waiting
    from connection c left join admission a on a.connection_id = c.id left join busy on busy.connection_id = c.id
    where ${environment ?? null}::text is null or c.environment = ${environment ?? null} order by c.name`.execute(db);
  return rows.map(fares);
}

/** How a connection fares that nobody has used yet. */
export const unused: ConnectionHealth = {
  waiting: 0,
  inUse: 0,
  places: 0,
  breaker: "closed",
  failures: 0,
  openedAt: null,
  probeAt: null,
  closedUntil: null,
  rates: [],
};

function fares({ id, environment, name, concurrency, standing, now, waiting, inUse }: Row): Fares {
  const breaker = standing?.breaker;
  const time = (ms: number | null | undefined): string | null => (ms ? new Date(ms).toISOString() : null);
  return {
    id,
    environment,
    name,
    waiting,
    inUse,
    places: concurrency ?? standing?.concurrency ?? 0,
    breaker: breaker?.state ?? "closed",
    failures: breaker?.failures ?? 0,
    openedAt: time(breaker?.since),
    probeAt: breaker?.state === "open" ? time(breaker.retryAt) : null,
    closedUntil: standing && standing.closedUntil > now ? time(standing.closedUntil) : null,
    rates: Object.entries(standing?.buckets ?? {}).map(([operation, bucket]) => ({
      operation: operation || null,
      perSecond: bucket.perSecond,
      burst: bucket.burst,
      tokens: tokensAt(bucket, now),
    })),
  };
}

const tokensAt = ({ tokens, at, perSecond, burst }: Bucket, now: number): number =>
  Math.round(Math.min(burst, tokens + (Math.max(0, now - at) * perSecond) / 1000) * 10) / 10;
