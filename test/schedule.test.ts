import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { chain, deploy } from "./support/deploy.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
let database: pg.Pool;
beforeAll(async () => {
  cluster = await startCluster({ schedulers: 3 });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
});
afterAll(async () => {
  await database.end();
  await cluster.stop();
});

const scheduled = (id: string, config: object) =>
  chain(id, [
    { id: "when", type: "schedule", config: { ...config } },
    { id: "note", type: "map", config: { expression: "{ 'at': dueAt }" } },
  ]);

const firings = async (flow: string): Promise<{ dueAt: string; firedAt: string }[]> =>
  (await database.query("select body from message where flow_id = $1 order by id", [flow])).rows.map(({ body }) =>
    JSON.parse(body),
  );

const setState = (flow: string, state: string) => cluster.call("PUT", `/api/v1/environments/dev/deployments/${flow}`, { state });

it("starts one run for each due time with three schedulers, one of them killed", async () => {
  await deploy(cluster, scheduled("every-second", { cron: "* * * * * *" }));
  await until(async () => (await firings("every-second")).length >= 4, { timeoutMs: 30_000, what: "four firings" });
  const { rows } = await database.query("select worker from source_binding where flow_id = 'every-second'");
  await cluster.killScheduler(Number(/^sources (\d+) /.exec(rows[0].worker)?.[1]));
  const before = (await firings("every-second")).length;
  await until(async () => (await firings("every-second")).length >= before + 4, { timeoutMs: 30_000, what: "further firings" });
  await setState("every-second", "paused");
  await cluster.settled();
  const fired = await firings("every-second");
  const times = fired.map(({ dueAt }) => dueAt);
  expect(new Set(times).size).toBe(times.length);
  expect([...times].sort()).toEqual(times);
  for (const { dueAt, firedAt } of fired) {
    expect(dueAt).toMatch(/:\d\d\.000Z$/);
    expect(Date.parse(firedAt)).toBeGreaterThanOrEqual(Date.parse(dueAt));
  }
  const runs = await database.query("select state, count(*)::int from run where flow_id = 'every-second' group by 1");
  expect(runs.rows).toEqual([{ state: "SUCCEEDED", count: fired.length }]);
});

it.each([
  ["once", 1],
  ["skip", 0],
] as const)("starts what passed in a pause as the node says: %s", async (missed, count) => {
  const flow = `missed-${missed}`;
  // The day before yesterday's and yesterday's times pass while it is paused: the clock is moved by two days.
  await deploy(cluster, scheduled(flow, { cron: "0 0 * * *", missed }));
  const source = async () => (await cluster.call("GET", `/api/v1/environments/dev/sources?flow=${flow}`)).body.items[0];
  await until(async () => (await source()).lookedAt, { timeoutMs: 30_000, what: "the first look" });
  await setState(flow, "paused");
  await database.query("update clock set shift = shift + interval '2 days 1 hour'");
  const moved = Date.now() + 49 * 3_600_000;
  const missedMidnight = new Date(Math.floor(moved / 86_400_000) * 86_400_000);
  await setState(flow, "active");
  await until(async () => Date.parse((await source()).lookedAt) > moved - 60_000, { timeoutMs: 30_000, what: "another look" });
  const fired = (await firings(flow)).map(({ dueAt }) => dueAt);
  expect(fired).toEqual(moved - missedMidnight.getTime() > 60_000 ? [missedMidnight.toISOString()].slice(0, count) : fired);
  await database.query("update clock set shift = '0'");
});
