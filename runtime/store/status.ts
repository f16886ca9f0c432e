import { sql } from "kysely";
import type { FlowStatus, FlowSummary } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Db } from "./database.ts";
import { listDeployments } from "./deployments.ts";
import { firstIdAt } from "./partitions.ts";
import { failedPromotions } from "./promotionList.ts";
import { sharedCount } from "./sharedCount.ts";

/** All of a status that is counted. */
type Counts = Omit<FlowStatus, "draft">;

const shared = sharedCount<Counts>();

/**
 * Live numbers of a flow in an environment over the last `minutes`; open dead letters, and messages held, are counted whatever their age.
 * Those who ask while a count is under way share it.
 */
export function flowStatus(db: Db, environment: string, flow: Flow, minutes: number, now: Date): Promise<Counts> {
  const key = JSON.stringify([environment, flow.id, minutes, flow.nodes.map((node) => node.id), flow.edges]);
  return shared(db, key, () => countStatus(db, environment, flow, minutes, now));
}

async function countStatus(db: Db, environment: string, flow: Flow, minutes: number, now: Date): Promise<Counts> {
  const since = new Date(now.getTime() - minutes * 60_000);
  const first = firstIdAt(since);
  const [runs, tasksByKind, letters] = await Promise.all([runCounts(), taskCounts(), letterCounts()]);
  const edges = new Map<string, number>();
  for (const row of tasksByKind) for (const edge of row.edges ?? []) edges.set(edge, (edges.get(edge) ?? 0) + row.count);

  async function runCounts() {
    const { rows } = await sql<{ state: string; held: boolean; count: number }>`
      select state, held, count(*)::int as count from run
      where environment = ${environment} and flow_id = ${flow.id} and id >= ${first}::uuid and not held group by state, held
      union all
      select 'RUNNING', true, count(*)::int from run r join deployment d on d.id = r.deployment_id
      where r.held and d.environment = ${environment} and d.flow_id = ${flow.id}`.execute(db);
    return rows;
  }
  /** In one pass: segments cross few different sets of edges, so they group well. */
  async function taskCounts() {
    const { rows } = await sql<{
      node: string;
      kind: string;
      state: string;
      retrying: boolean;
      edges: string[] | null;
      count: number;
    }>`
      select node_id as node, kind, state, class is not null as retrying, edges, count(*)::int as count from task
      where environment = ${environment} and flow_id = ${flow.id} and id >= ${first}::uuid
      group by node_id, kind, state, class is not null, edges`.execute(db);
    return rows;
  }
  async function letterCounts() {
    const { rows } = await sql<{ node: string; count: number; recent: number }>`
      select node_id as node, count(*)::int as count, count(*) filter (where id >= ${first}::uuid)::int as recent from dead_letter
      where environment = ${environment} and flow_id = ${flow.id} and state = 'open' group by node_id`.execute(db);
    return new Map(rows.map((row) => [row.node, row]));
  }

  const runsIn = (state: string) =>
    runs.filter((row) => row.state === state && !row.held).reduce((sum, row) => sum + row.count, 0);
  const total = runs.filter((row) => !row.held).reduce((sum, row) => sum + row.count, 0);
  const nodes: FlowStatus["nodes"] = {};
  for (const node of flow.nodes) {
    const tasks = tasksByKind.filter((row) => row.node === node.id && row.kind === "effect");
    const count = (states: string[], retrying?: boolean) =>
      tasks
        .filter((row) => states.includes(row.state) && (retrying === undefined || row.retrying === retrying))
        .reduce((sum, row) => sum + row.count, 0);
    const incoming = flow.edges.filter((edge) => edge.to.node === node.id);
    const arrived = incoming.length === 0 ? total : incoming.reduce((sum, edge) => sum + (edges.get(edge.id) ?? 0), 0);
    const dead = letters.get(node.id);
    nodes[node.id] = {
      done: tasks.length > 0 ? count(["DONE"]) : Math.max(0, arrived - (dead?.recent ?? 0)),
      running: count(["CLAIMED"]),
      waiting: count(["READY"], false),
      retrying: count(["READY"], true),
      dead: dead?.count ?? 0,
    };
  }
  return {
    environment,
    flow: flow.id,
    since: since.toISOString(),
    runs: {
      running: runsIn("RUNNING"),
      succeeded: runsIn("SUCCEEDED"),
      partial: runsIn("PARTIAL"),
      dead: runsIn("DEAD"),
      cancelled: runsIn("CANCELLED"),
      held: runs.filter((row) => row.held).reduce((sum, row) => sum + row.count, 0),
    },
    nodes,
    edges: Object.fromEntries(flow.edges.map((edge) => [edge.id, edges.get(edge.id) ?? 0])),
    openDeadLetters: [...letters.values()].reduce((sum, row) => sum + row.count, 0),
  };
}

/** Which flows are listed, and of which environment their runs and dead letters are counted; of all without it. */
interface ListedFlows {
  environment?: string | undefined;
  archived?: boolean | undefined;
}

/** Every flow in use, or every archived one, with what the list shows of it. */
export async function listFlows(db: Db, now: Date, { environment, archived = false }: ListedFlows = {}): Promise<FlowSummary[]> {
  const dayAgo = firstIdAt(new Date(now.getTime() - 86_400_000));
  const hourAgo = firstIdAt(new Date(now.getTime() - 3_600_000));
  // By environment even where all are counted: that is how runs and dead letters are indexed.
  const looked = sql`(select id from environment where ${environment ?? null}::text is null or id = ${environment ?? null}) e`;
  const { rows } = await sql<{
    id: string;
    body: string;
    revision: number;
    updated_at: Date;
    updated_by: string;
    latest: number | null;
    runs: number;
    last_run: Date | null;
    letters: number;
    failures_1h: number;
    failures_24h: number;
    archived_at: Date | null;
  }>`
    with failed as (
      select l.flow_id, count(*)::int as day, count(*) filter (where l.id >= ${hourAgo}::uuid)::int as hour
      from ${looked} join dead_letter l on l.environment = e.id and l.id >= ${dayAgo}::uuid group by l.flow_id)
    select f.id, f.archived_at, d.body, d.revision, d.updated_at, d.updated_by,
      (select max(number) from version v where v.flow_id = f.id) as latest,
      (select count(*)::int from ${looked} join run r on r.environment = e.id and r.flow_id = f.id and r.id >= ${dayAgo}::uuid)
        as runs,
      (select max(last.at) from ${looked} cross join lateral (
        select r.started_at as at from run r where r.environment = e.id and r.flow_id = f.id order by r.id desc limit 1) last)
        as last_run,
      (select count(*)::int from ${looked} join dead_letter l on l.environment = e.id and l.flow_id = f.id and l.state = 'open')
        as letters,
      coalesce(failed.hour, 0) as failures_1h, coalesce(failed.day, 0) as failures_24h
    from flow f join draft d on d.flow_id = f.id
    left join failed on failed.flow_id = f.id
    where (f.archived_at is not null) = ${archived} order by f.id`.execute(db);
  const [deployments, failed] = await Promise.all([listDeployments(db), failedPromotions(db)]);
  return rows.map((row) => {
    const flow = JSON.parse(row.body) as Flow;
    return {
      id: row.id,
      name: flow.name,
      description: flow.description ?? "",
      owner: flow.owner ?? null,
      tags: flow.tags ?? [],
      revision: row.revision,
      latestVersion: row.latest,
      updatedAt: row.updated_at.toISOString(),
      updatedBy: row.updated_by,
      deployments: deployments.filter((each) => each.flow === row.id),
      failedPromotions: failed.filter((each) => each.flow === row.id).map(({ flow: _flow, ...each }) => each),
      runs24h: row.runs,
      lastRunAt: row.last_run?.toISOString() ?? null,
      openDeadLetters: row.letters,
      failures1h: row.failures_1h,
      failures24h: row.failures_24h,
      archivedAt: row.archived_at?.toISOString() ?? null,
    };
  });
}
