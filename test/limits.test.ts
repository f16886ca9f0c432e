import { afterEach, describe, expect, it } from "vitest";
import { acceptMany } from "./support/backlog.ts";
import { makeImpatient } from "./support/impatientVersion.ts";
import { BUSY, manyOrders, startTwoShops, type TwoShops } from "./support/twoShops.ts";
import { until } from "./support/until.ts";

let shops: TwoShops | undefined;
afterEach(async () => {
  await shops?.stop();
  shops = undefined;
});

const start = async (options: Parameters<typeof startTwoShops>[0] = {}): Promise<TwoShops> => {
  shops = await startTwoShops(options);
  return shops;
};

describe("limits of a connection, with three workers", () => {
  it("a target that asks to be left alone is, by all workers, until then", { timeout: 60_000 }, async () => {
    const { cluster, erp, health, query } = await start({ workers: 3 });
    erp.behave({ mode: "429", retryAfter: 6 });
    await acceptMany(cluster.databaseUrl, BUSY, manyOrders(30));
    await until(async () => erp.seen.length > 0, { timeoutMs: 20_000, what: "a request" });
    const { closedUntil } = await until(
      async () => {
        const standing = await health();
        return standing.closedUntil === null ? null : standing;
      },
      { what: "the connection to be closed" },
    );
    erp.behave({ mode: "answer" });
    await cluster.settled(40_000);
    // What the others did not know yet they learn within a look at the standing, here of a busy machine; then nothing.
    const attempts = await query(
      `select extract(epoch from $1::timestamptz - a.started_at)::float8 as before
       from attempt a join task t on t.id = a.task_id join connection c on c.id = t.connection_id where c.name = 'northwind-erp'`,
      [closedUntil],
    );
    expect(attempts.length).toBeGreaterThan(30);
    expect(attempts.filter(({ before }) => Number(before) < 4 && Number(before) > 0.1)).toEqual([]);
    expect((await query("select max(attempt) as attempts from task where kind = 'effect'"))[0]).toEqual({ attempts: 1 });
  });

  it("no more requests are under way at once than it allows, whoever sends them, nor with a worker killed", {
    timeout: 120_000,
  }, async () => {
    const { cluster, erp, health } = await start({ workers: 3, env: { ORDERLOOM_LEASE_MS: "2000" } });
    await makeImpatient(cluster.databaseUrl);
    // Slow enough that also a slow machine brings the next order before the five under way are answered.
    erp.behave({ delayMs: 120 });
    await acceptMany(cluster.databaseUrl, BUSY, manyOrders(200));
    await until(async () => erp.seen.length >= 60, { timeoutMs: 30_000, what: "the first orders" });
    expect((await health()).places).toBe(5);
    await cluster.killWorker(0);
    await cluster.settled(60_000);
    expect((await cluster.ledger("northwind-erp", "salesOrders")).rows).toHaveLength(200);
    // All places were used; those of the killed worker's requests that still stood at the target came on top of none.
    expect(erp.most()).toBe(5);
  });

  it("the breaker opens after ten failures in a row, sends one probe, and closes when that is answered", {
    timeout: 120_000,
  }, async () => {
    // Open for long enough that a slow machine looks before the first probe.
    const env = { ORDERLOOM_BREAKER_OPEN_MS: "4000", ORDERLOOM_BREAKER_MOST_OPEN_MS: "4000" };
    const { cluster, erp, health, query } = await start({ workers: 3, env });
    erp.behave({ mode: "503" });
    await acceptMany(cluster.databaseUrl, BUSY, manyOrders(60));
    const open = await until(async () => ((await health()).breaker === "open" ? health() : null), {
      timeoutMs: 30_000,
      what: "the breaker to open",
    });
    expect(open.failures).toBeGreaterThanOrEqual(10);
    expect(open.probeAt).not.toBeNull();
    // Ten, and those that were under way.
    expect(erp.seen.length).toBeLessThanOrEqual(10 + 5);
    expect((await cluster.call("GET", "/metrics")).body).toMatch(
      /orderloom_connection_breaker\{environment="dev",connection="northwind-erp",state="open"\} 1/,
    );
    // All were evaluated meanwhile.
    await until(async () => (await query("select 1 from task where kind = 'effect'")).length === 60, { what: "all effects" });
    erp.behave({ mode: "answer", delayMs: 400 });
    erp.forget();
    await until(async () => erp.seen.length > 0, { timeoutMs: 15_000, everyMs: 20, what: "the probe" });
    await until(async () => erp.seen.some(({ answeredAt }) => answeredAt), { everyMs: 20, what: "its answer" });
    const [probe] = erp.seen;
    expect(erp.seen.filter(({ at }) => at < (probe?.answeredAt ?? 0))).toHaveLength(1);
    erp.behave({ delayMs: 0 });
    await cluster.settled(60_000);
    expect((await health()).breaker).toBe("closed");
    expect((await cluster.call("GET", "/api/v1/dead-letters?limit=1")).body.items).toEqual([]);
  });
});

it("live orders go before a replay, that before a backfill, and none of them starves", { timeout: 90_000 }, async () => {
  const { cluster, erp, query } = await start();
  await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-erp/pause", {});
  await acceptMany(cluster.databaseUrl, BUSY, manyOrders(180));
  await until(async () => (await query("select 1 from task where kind = 'effect'")).length === 180, {
    timeoutMs: 40_000,
    what: "all effects",
  });
  await query("update task set lane = right(document_key, 3)::int % 3 where kind = 'effect'");
  erp.forget();
  await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-erp/resume", {});
  await cluster.settled(60_000);
  const lanes = erp.seen.map(({ text }) => Number(/77(\d{11})/.exec(text)?.[1]) % 3);
  expect(lanes).toHaveLength(180);
  const placeOf = (lane: number) => lanes.flatMap((each, place) => (each === lane ? [place] : []));
  const mean = (places: number[]) => places.reduce((sum, place) => sum + place, 0) / places.length;
  const [live, replay, backfill] = [placeOf(0), placeOf(1), placeOf(2)];
  expect(mean(live)).toBeLessThan(mean(replay) / 2);
  expect(mean(replay)).toBeLessThan(mean(backfill));
  expect(replay[0]).toBeLessThan(live.at(-1) ?? 0);
  expect(backfill[0]).toBeLessThan(replay.at(-1) ?? 0);
});
