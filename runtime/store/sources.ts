import { sql, type Transaction } from "kysely";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Source, SourceTransport } from "#schemas/source.ts";
import { type Acceptable, type Accepted, insertAccepted } from "./accept.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import { newId } from "./ids.ts";
import { storable } from "./recordset.ts";
import { refuseWhenFull } from "./storage.ts";
import type { Database } from "./tables.ts";

/** A source that this process may look through, until its lease ends or it is committed as done. */
export interface ClaimedSource {
  id: string;
  environment: string;
  flow: string;
  node: string;
  connectionId: string | null;
  transport: SourceTransport;
  epoch: number;
  /** What the source kept last time. */
  cursor: unknown;
  failures: number;
  /** The database's time. */
  now: Date;
}

/** A source node of a deployed version. */
export interface DeployedSource {
  node: string;
  transport: SourceTransport;
  connectionId: string | null;
}

const looksByItself = (transport: SourceTransport): boolean => !["webhook", "service", "event"].includes(transport);

/**
 * Makes the sources of a flow in an environment what its deployed versions say: new ones are made, those that look by
 * themselves look at once, those that are gone retire and keep their cursor.
 */
export async function syncSources(
  tx: Transaction<Database>,
  environment: string,
  flow: string,
  deployed: readonly DeployedSource[],
): Promise<void> {
  const rows = deployed.map((each) => ({ ...each, id: newId(), looks: looksByItself(each.transport) }));
  await sql`
    update source_binding b set retired_at = clock_now(), due_at = null
    where environment = ${environment} and flow_id = ${flow} and retired_at is null and not exists (
      select 1 from json_to_recordset(${JSON.stringify(rows)}::json) as g(node text, "connectionId" uuid)
      where g.node = b.node_id and g."connectionId" is not distinct from b.connection_id)`.execute(tx);
  await sql`
    insert into source_binding as b (id, environment, flow_id, node_id, connection_id, transport, due_at, created_at)
    select id, ${environment}, ${flow}, node, "connectionId", transport, case when looks then clock_now() end, clock_now()
    from json_to_recordset(${JSON.stringify(rows)}::json) as g(id uuid, node text, "connectionId" uuid, transport text, looks boolean)
    order by node
    on conflict (environment, flow_id, node_id, connection_id) do update
      set transport = excluded.transport, due_at = excluded.due_at, retired_at = null,
        -- What another kind of source kept means nothing to this one.
        cursor = case when b.transport = excluded.transport then b.cursor end`.execute(tx);
}

/** Sources of active deployments and open connections that are due and nobody looks through. */
const dueSources = (workerGroup: string) => sql`
  from source_binding b
  join deployment d on d.environment = b.environment and d.flow_id = b.flow_id
  left join connection c on c.id = b.connection_id
  left join admission a on a.connection_id = b.connection_id
  where b.due_at <= clock_now() and b.retired_at is null and (b.lease_until is null or b.lease_until < clock_now())
    and d.state = 'active' and (c.id is null or c.state = 'active') and coalesce(c.worker_group, 'default') = ${workerGroup}`;

/** A poll that is due. */
export type DuePoll = Pick<ClaimedSource, "id" | "flow" | "node"> & { connectionId: string };

/** Up to `most` polls that are due over connections that let through now, who has waited longest first. */
export async function duePolls(db: Db, workerGroup: string, most: number): Promise<DuePoll[]> {
  const { rows } = await sql<DuePoll>`
    select b.id, b.flow_id as flow, b.node_id as node, b.connection_id as "connectionId" ${dueSources(workerGroup)}
      and b.transport = 'poll' and c.id is not null and coalesce(a.shut_until <= clock_now(), true)
    order by b.due_at limit ${most}`.execute(db);
  return rows;
}

/**
 * Takes up to `most` sources that are due: the polls that are named, or whatever else looks by itself. Whoever claims a
 * source has a new epoch; what an older one wants to write is refused.
 */
export async function claimSources(
  db: Db,
  by: { worker: string; workerGroup: string; leaseMs: number; most: number; polls?: readonly string[] },
): Promise<ClaimedSource[]> {
  const which = by.polls ? sql`b.transport = 'poll' and b.id = any(${by.polls}::uuid[])` : sql`b.transport <> 'poll'`;
  const { rows } = await sql<ClaimedSource>`
    with own as materialized (
      select b.id ${dueSources(by.workerGroup)} and ${which}
      order by b.due_at limit ${by.most} for update of b skip locked
    )
    update source_binding b set epoch = b.epoch + 1, worker = ${by.worker},
      lease_until = clock_now() + make_interval(secs => ${by.leaseMs / 1000})
    from own where b.id = own.id
    returning b.id, b.environment, b.flow_id as flow, b.node_id as node, b.connection_id as "connectionId", b.transport, b.epoch,
      b.cursor, b.failures, clock_now() as now`.execute(writing(db, "source.claim"));
  return rows;
}

/** What one step of a look brought. */
export interface SourceStep {
  /** What the source keeps from now on. */
  cursor: unknown;
  messages: Acceptable[];
  /** Goes on at once, or looks again after so long. */
  next: "goesOn" | { afterMs: number };
  /** Something to tell though the look went well: what was refused. */
  notice?: { class: OutcomeClass; reason: Reason };
}

/**
 * Commits messages and the cursor that has moved past them in one transaction. Answers null, and writes nothing, when
 * somebody else has taken the source over, or it has retired. Throws StorageFull where there is no room for messages.
 */
export async function commitStep(db: Db, source: ClaimedSource, step: SourceStep, leaseMs: number): Promise<Accepted[] | null> {
  if (step.messages.length > 0) await refuseWhenFull(db);
  const goesOn = step.next === "goesOn";
  const afterMs = step.next === "goesOn" ? 0 : step.next.afterMs;
  return transact(db, "source.commit", async (tx) => {
    const { rows } = await sql`
      update source_binding set cursor = ${text(step.cursor)}, cursor_at = clock_now(), failures = 0, looked_at = clock_now(),
        last_error = ${step.notice ? errorText(step.notice) : null}::jsonb
          || jsonb_build_object('at', to_char(clock_now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
        lease_until = case when ${goesOn} then clock_now() + make_interval(secs => ${leaseMs / 1000}) end,
        due_at = case when ${goesOn} then due_at else clock_now() + make_interval(secs => ${afterMs / 1000}) end
      where id = ${source.id} and epoch = ${source.epoch} and retired_at is null returning 1`.execute(tx);
    if (rows.length === 0) return null;
    if (step.messages.length === 0) return [];
    const accepted = await insertAccepted(tx, step.messages);
    const fresh = accepted.filter(({ duplicate }) => !duplicate).length;
    if (fresh > 0) {
      await sql`
        update source_binding set last_messages = ${fresh}, last_messages_at = clock_now(), messages = messages + ${fresh}
        where id = ${source.id}`.execute(tx);
    }
    return accepted;
  });
}

/** Notes that a look failed, and when the next is; `cursor` is what the source keeps, as it is where absent. */
export async function failSource(
  db: Db,
  source: ClaimedSource,
  failure: { class: OutcomeClass; reason: Reason },
  after: { waitMs: number; cursor?: unknown },
): Promise<void> {
  await sql`
    update source_binding set failures = failures + 1, looked_at = clock_now(), lease_until = null,
      cursor = case when ${"cursor" in after} then ${text(after.cursor)}::jsonb else cursor end,
      last_error = ${errorText(failure)}::jsonb
        || jsonb_build_object('at', to_char(clock_now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
      due_at = clock_now() + make_interval(secs => ${after.waitMs / 1000})
    where id = ${source.id} and epoch = ${source.epoch} and retired_at is null`.execute(writing(db, "source.fail"));
}

/** Text of a system's answer may hold what jsonb cannot. */
const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === "string" ? storable(each) : each));

const text = (cursor: unknown): string | null => (cursor === null || cursor === undefined ? null : jsonText(cursor));

const errorText = ({ class: kind, reason }: { class: OutcomeClass; reason: Reason }): string => jsonText({ class: kind, reason });

/** Keeps sources whose look takes long. Answers the ids of those that are still this process's. */
export async function renewSources(db: Db, held: readonly ClaimedSource[], leaseMs: number): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    update source_binding b set lease_until = clock_now() + make_interval(secs => ${leaseMs / 1000})
    from unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ epoch }) => epoch)}::int[]) as g(id, epoch)
    where b.id = g.id and b.epoch = g.epoch and b.retired_at is null returning b.id`.execute(writing(db, "source.renew"));
  return new Set(rows.map(({ id }) => id));
}

/** Hands a source back as it is: it is due for whoever comes next. */
export async function releaseSource(db: Db, source: ClaimedSource): Promise<void> {
  await sql`update source_binding set lease_until = null where id = ${source.id} and epoch = ${source.epoch}`.execute(
    writing(db, "source.release"),
  );
}

type SourceRow = Omit<Source, "dueAt" | "lookedAt" | "lastMessagesAt" | "messages" | "lagMs"> & {
  dueAt: Date | null;
  lookedAt: Date | null;
  lastMessagesAt: Date | null;
  messages: string;
  lagMs: number | null;
};

/** The sources of an environment, or of one flow in it, by flow and node. */
export async function listSources(db: Db, environment: string, flow?: string): Promise<Source[]> {
  const { rows } = await sql<SourceRow>`
    select b.id, b.environment, b.flow_id as flow, b.node_id as node, b.transport, c.name as connection,
      case when b.retired_at is not null then 'retired'
        when d.state = 'paused' or c.state <> 'active' then 'paused' else 'active' end as state,
      b.due_at as "dueAt", coalesce(b.lease_until > clock_now(), false) as looking, b.looked_at as "lookedAt",
      b.cursor ->> 'upTo' as "upTo",
      extract(epoch from clock_now() - (b.cursor ->> 'asOf')::timestamptz)::float8 * 1000 as "lagMs",
      b.failures, b.last_error as "lastError", b.last_messages as "lastMessages", b.last_messages_at as "lastMessagesAt", b.messages
    from source_binding b
    left join deployment d on d.environment = b.environment and d.flow_id = b.flow_id
    left join connection c on c.id = b.connection_id
    where b.environment = ${environment} and (${flow ?? null}::text is null or b.flow_id = ${flow ?? null})
    order by b.flow_id, b.node_id, b.id`.execute(db);
  return rows.map((row) => ({
    ...row,
    dueAt: row.dueAt?.toISOString() ?? null,
    lookedAt: row.lookedAt?.toISOString() ?? null,
    lastMessagesAt: row.lastMessagesAt?.toISOString() ?? null,
    messages: Number(row.messages),
    lagMs: row.lagMs === null ? null : Math.max(0, Math.round(row.lagMs)),
  }));
}

/** The sources that subscribe to events over a connection. */
export const subscriptionsOf = (
  db: Db,
  connectionId: string,
): Promise<{ id: string; environment: string; flow: string; node: string }[]> =>
  db
    .selectFrom("source_binding")
    .select(["id", "environment", "flow_id as flow", "node_id as node"])
    .where("connection_id", "=", connectionId)
    .where("transport", "=", "event")
    .where("retired_at", "is", null)
    .orderBy("id")
    .execute();
