import { sql } from "kysely";
import { type CanaryFigures, type CanaryProgress, decideCanary } from "#schemas/canary.ts";
import type { Db } from "./database.ts";
import { changeDeployment } from "./deployments.ts";
import { transact } from "./durable.ts";
import { isId } from "./ids.ts";
import { type LockedPromotion, lockPromotion } from "./lockedPromotion.ts";
import { firstIdAt } from "./partitions.ts";
import { makeActive } from "./promotionActivation.ts";
import { ENGINE } from "./promotionList.ts";
import { done, end, type PromotionStep, told } from "./promotionSteps.ts";

/** Clocks of those who made the ids may stand apart by so much; the exact time is asked of each row. */
const SKEW_MS = 3_600_000;

/**
 * So often tried in vain, what goes on retrying counts as failed: half a minute by the usual policy, so that a blip of the
 * system is over before.
 */
const TRIES_UNTIL_STUCK = 5;

/** Limits of a system cost no tries; who is turned away for so long is stuck as well. */
const LIMITED_UNTIL_STUCK_SECONDS = 60;

/** Gives the version of a canary all messages. */
export async function makeCanaryFull(db: Db, id: string, _reason: string, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "canary") return { ok: false, why: "state", state: found.state };
    return (await runsBoth(tx, found)) ? makeActive(tx, id, found, actor) : { ok: false, why: "stale" };
  });
}

/** Gives all messages to the version that was there before; what the canary has taken, it does to the end. */
export async function stopCanary(db: Db, id: string, reason: string, actor: string): Promise<PromotionStep> {
  return transact(db, "promotion.put", async (tx): Promise<PromotionStep> => {
    const found = await lockPromotion(tx, id);
    if (!found) return { ok: false, why: "missing" };
    if (found.state !== "canary") return { ok: false, why: "state", state: found.state };
    return stop(tx, id, found, reason, actor);
  });
}

/** Stops a canary that fails too often; gives how many it stopped. Part of every sweep. */
export async function judgeCanaries(db: Db): Promise<number> {
  const { rows } = await sql<{ id: string }>`select id from promotion where state = 'canary' order by canary_at`.execute(db);
  let stopped = 0;
  for (const { id } of rows) {
    const progress = await canaryProgress(db, id);
    if (!progress?.decision.stop) continue;
    const step = await stopCanary(db, id, reasonOf(progress), ENGINE);
    if (step.ok) stopped += 1;
  }
  return stopped;
}

/** How a canary and the version beside it do; undefined when the promotion is none, or not begun. */
export async function canaryProgress(db: Db, id: string): Promise<CanaryProgress | undefined> {
  if (!isId(id)) return undefined;
  const { rows } = await sql<CanaryRow>`
    select p.environment, p.flow_id as flow, p.version_id as "versionId", v.number as version, p.base_id as "baseId", b.number as base,
      p.canary, p.canary_at as "canaryAt", p.ended_at as "endedAt",
      greatest(p.canary_at, coalesce(p.ended_at, clock_now()) - make_interval(mins => (p.canary ->> 'windowMinutes')::int)) as since
    from promotion p join version v on v.id = p.version_id join version b on b.id = p.base_id
    where p.id = ${id} and p.canary_at is not null`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const counted = await countRuns(db, row);
  const [candidate, deployed] = [
    { version: row.version, ...(counted.get(row.versionId) ?? none) },
    { version: row.base, ...(counted.get(row.baseId) ?? none) },
  ];
  return {
    settings: row.canary,
    startedAt: row.canaryAt.toISOString(),
    candidate,
    deployed,
    decision: decideCanary(row.canary, candidate, deployed),
  };
}

interface CanaryRow {
  environment: string;
  flow: string;
  versionId: string;
  version: number;
  baseId: string;
  base: number;
  canary: CanaryProgress["settings"];
  canaryAt: Date;
  endedAt: Date | null;
  since: Date;
}

type Counts = Omit<CanaryFigures, "version">;
const none: Counts = { running: 0, succeeded: 0, failed: 0, stuck: 0, refusedBy: [] };

/**
 * A run with something dead has failed, whatever else of it is under way. So has one that is stuck: what a version can do no more
 * than ask again would otherwise count neither way for hours.
 */
async function countRuns(
  db: Db,
  { environment, flow, versionId, baseId, since, endedAt }: CanaryRow,
): Promise<Map<string, Counts>> {
  const first = firstIdAt(new Date(since.getTime() - SKEW_MS));
  const { rows } = await sql<Counts & { version: string }>`
    with mine as (
      select id, version_id, state, state = 'RUNNING' and dead_tasks > 0 as dying from run
      where environment = ${environment} and flow_id = ${flow} and id >= ${first}::uuid and version_id in (${versionId}, ${baseId})
        and kind = 'live' and started_at >= ${since} and (${endedAt}::timestamptz is null or started_at <= ${endedAt})
    ), stuck as (
      select m.id, min(c.name) filter (where t.class = 'auth' and c.state = 'authFailed') as "refusedBy"
      from mine m join task t on t.run_id = m.id left join connection c on c.id = t.connection_id
      where m.state = 'RUNNING' and t.id >= ${first}::uuid and t.state in ('READY', 'CLAIMED') and (t.class = 'auth'
        or (t.class is not null and t.attempt >= ${TRIES_UNTIL_STUCK}) or (t.class = 'rateLimited'
        and coalesce(t.age_from, t.created_at) <= clock_now() - make_interval(secs => ${LIMITED_UNTIL_STUCK_SECONDS})))
      group by m.id
    )
    select m.version_id as version,
      (count(*) filter (where m.state = 'RUNNING' and not m.dying and s.id is null))::int as running,
      (count(*) filter (where m.state = 'SUCCEEDED'))::int as succeeded,
      (count(*) filter (where m.state in ('PARTIAL', 'DEAD') or m.dying or s.id is not null))::int as failed,
      (count(*) filter (where not m.dying and s.id is not null))::int as stuck,
      array_remove(array_agg(distinct s."refusedBy"), null) as "refusedBy"
    from mine m left join stuck s on s.id = m.id group by m.version_id`.execute(db);
  return new Map(rows.map(({ version, ...counts }) => [version, counts]));
}

const percent = (rate: number): string => `${Number(rate.toFixed(1))}%`;

function reasonOf({ candidate, deployed, decision, settings }: CanaryProgress): string {
  if (decision.refusedBy !== null)
    return `Stopped by itself: the connection ${decision.refusedBy} took no credentials from a request of version ${candidate.version}, and is shut since for both versions. Look at it, then open it again.`;
  const rate = ({ version, failed, succeeded, stuck }: CanaryFigures, each: number) =>
    `${failed} of ${failed + succeeded} messages of version ${version} failed (${percent(each)})${stuck > 0 ? `, ${stuck} of them tried in vain until now` : ""}`;
  const sides = `${rate(candidate, decision.candidateRate)}, ${rate(deployed, decision.deployedRate)}`;
  return `Stopped by itself: ${sides}; ${settings.tolerance} points more are tolerated.`;
}

type Tx = Parameters<typeof done>[0];

/** Whether the environment runs the two versions of the canary, and those alone. */
async function runsBoth(tx: Tx, { environment, flow, versionId, baseId }: LockedPromotion): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    select dv.version_id as id from deployment_version dv join deployment d on d.id = dv.deployment_id
    where d.environment = ${environment} and d.flow_id = ${flow}`.execute(tx);
  return rows.length === 2 && rows.every(({ id }) => id === versionId || id === baseId);
}

async function stop(tx: Tx, id: string, found: LockedPromotion, reason: string, actor: string): Promise<PromotionStep> {
  const { environment, flow, baseId, base, version } = found;
  // Where something else is deployed meanwhile, nothing of the canary is left to stop.
  if (baseId !== null && base !== null && (await runsBoth(tx, found)))
    await changeDeployment(tx, environment, flow, { version: { id: baseId, number: base } }, actor);
  await end(tx, id, "stopped", actor, reason);
  const change = { before: { version: base, canary: version }, after: { version: base } };
  await told(tx, found, "promotion.canaryStopped", actor, { promotion: id, reason }, change);
  return done(tx, id);
}
