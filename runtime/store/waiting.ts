import { sql } from "kysely";
import type { Db } from "./database.ts";
import { writing } from "./durable.ts";
import type { TaskHint } from "./tasks.ts";

/** Tasks of one flow, from one source's connector, in one lane: what shares fairly. The first item goes first. */
export interface Waiting<Item> {
  lane: number;
  source: string;
  flow: string;
  items: Item[];
}

/** The node of a flow whose operation takes no more requests for now. */
export interface Shut {
  flow: string;
  node: string;
}

const due = (share: "environment" | "connection_id") =>
  sql.raw(`t.${share} = s.${share} and t.lane = s.lane
  and t.source = s.source and t.flow_id collate "C" = s.flow_id and t.state = 'READY'`);

/**
 * Ids of the effects of a connection that are due, by share, the highest priority first, at most `most` of each. It looks
 * for each share once in an index, so that it costs the same with ten tasks waiting or a hundred thousand.
 */
export async function dueEffects(
  db: Db,
  connectionId: string,
  most: number,
  except: readonly Shut[],
): Promise<Waiting<string>[]> {
  const of = sql`connection_id = ${connectionId} and state = 'READY'`;
  const order = sql.raw(`lane, source, flow_id collate "C"`);
  const open =
    except.length === 0
      ? sql``
      : sql`and (t.flow_id, t.node_id) not in (
          select * from unnest(${except.map((each) => each.flow)}::text[], ${except.map((each) => each.node)}::text[]))`;
  const { rows } = await sql<Waiting<string>>`
    with recursive s as (
      (select connection_id, lane, source, flow_id collate "C" as flow_id from task where ${of} order by ${order} limit 1)
      union all
      select n.* from s cross join lateral (
        select connection_id, lane, source, flow_id collate "C" as flow_id from task
        where ${of} and (lane, source, flow_id collate "C") > (s.lane, s.source, s.flow_id) order by ${order} limit 1) n
    )
    select s.lane, s.source, s.flow_id as flow, w.items from s cross join lateral (
      select array_agg(id) as items from (
        select t.id from task t where ${due("connection_id")} and t.due_at <= clock_now() ${open}
        order by t.priority desc, t.due_at limit ${most}) w
    ) w where w.items is not null`.execute(db);
  return rows;
}

/** The same of an environment's segments, hinted or not: where it is limited they are taken as its places fall free. */
export async function dueSegments(db: Db, environment: string, most: number): Promise<Waiting<string>[]> {
  const of = sql`environment = ${environment} and connection_id is null and state = 'READY'`;
  const order = sql.raw(`lane, source, flow_id collate "C"`);
  const columns = sql.raw(`environment, lane, source, flow_id collate "C" as flow_id`);
  const { rows } = await sql<Waiting<string>>`
    with recursive s as (
      (select ${columns} from task where ${of} order by ${order} limit 1)
      union all
      select n.* from s cross join lateral (
        select ${columns} from task
        where ${of} and (lane, source, flow_id collate "C") > (s.lane, s.source, s.flow_id) order by ${order} limit 1) n
    )
    select s.lane, s.source, s.flow_id as flow, w.items from s cross join lateral (
      select array_agg(id) as items from (
        select t.id from task t where ${due("environment")} and t.connection_id is null and t.due_at <= clock_now()
        order by t.priority desc, t.hint_at limit ${most}) w
    ) w where w.items is not null`.execute(db);
  return rows;
}

/**
 * Segments that are due and have no hint, by share, and how much room each environment's window of hints has. All segments
 * of an environment are evaluated in one worker group, so its window is that group's.
 */
export async function unhintedSegments(
  db: Db,
  window: number,
): Promise<{ environment: string; room: number; waiting: Waiting<string>[] }[]> {
  const of = sql`connection_id is null and state = 'READY'`;
  const order = sql.raw(`environment, lane, source, flow_id collate "C"`);
  const columns = sql.raw(`environment, lane, source, flow_id collate "C" as flow_id`);
  const { rows } = await sql<Waiting<string> & { environment: string; room: number }>`
    with recursive room as materialized (
      select e.id as environment, ${window}::int - known.hinted as room from environment e cross join lateral (
        select count(*)::int as hinted from (
          select 1 from task t where t.connection_id is null and t.environment = e.id and t.state = 'READY'
            and t.hint_at > t.due_at and t.hint_at > clock_now() limit ${window}) known) known
    ), s as (
      (select ${columns} from task where ${of} order by ${order} limit 1)
      union all
      select n.* from s cross join lateral (
        select ${columns} from task
        where ${of} and (environment, lane, source, flow_id collate "C") > (s.environment, s.lane, s.source, s.flow_id)
        order by ${order} limit 1) n
    )
    select s.environment, s.lane, s.source, s.flow_id as flow, room.room, w.items
    from s join room on room.environment = s.environment cross join lateral (
      select coalesce(array_agg(id), '{}') as items from (
        select t.id from task t where ${due("environment")} and t.connection_id is null and t.hint_at <= clock_now()
        order by t.priority desc, t.hint_at limit greatest(room.room, 0)) w
    ) w`.execute(db);
  const environments = new Map<string, { environment: string; room: number; waiting: Waiting<string>[] }>();
  for (const { environment, room, ...share } of rows) {
    const known = environments.get(environment) ?? { environment, room, waiting: [] };
    known.waiting.push(share);
    environments.set(environment, known);
  }
  return [...environments.values()];
}

const hintColumns = sql.raw(`task.id, task.epoch, task.queue, task.environment, task.connection_id as "connectionId"`);

/** Notes that tasks are hinted now. Those that another sweep hinted meanwhile are left out. */
export async function takeHints(db: Db, ids: string[], rehintMs: number): Promise<TaskHint[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<TaskHint>`
    update task set hint_at = clock_now() + make_interval(secs => ${rehintMs / 1000})
    where id in (
      select id from task where id = any(${ids}::uuid[]) and state = 'READY' and hint_at <= clock_now() for update skip locked)
    returning ${hintColumns}, task.worker_group as "workerGroup"`.execute(writing(db, "hint.take"));
  const order = new Map(ids.map((id, place) => [id, place]));
  return rows.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
}

/**
 * Hints of effects: of each connection a few that are due. They wake a worker of its group, which then takes whatever is
 * next in fair turn; so a backlog of any length needs no more. Connections that are shut are left alone.
 */
export async function takeWakeUps(db: Db, most: number, rehintMs: number): Promise<TaskHint[]> {
  const { rows } = await sql<TaskHint>`
    with own as materialized (
      select due.id, c.worker_group from connection c left join admission a on a.connection_id = c.id
      cross join lateral (
        select t.id from task t where t.connection_id = c.id and t.state = 'READY' and t.hint_at <= clock_now()
        order by t.hint_at limit ${most} for update skip locked
      ) due
      where c.state = 'active' and coalesce(a.shut_until <= clock_now(), true)
    )
    update task set hint_at = clock_now() + make_interval(secs => ${rehintMs / 1000}) from own where task.id = own.id
    returning ${hintColumns}, own.worker_group as "workerGroup"`.execute(writing(db, "hint.take"));
  return rows;
}
