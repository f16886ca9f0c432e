import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { tableOf } from "./chaos/report.ts";
import { runChaos } from "./chaos/run.ts";
import { hasRedis } from "./chaos/servers.ts";
import { buildServer } from "./support/orderloom.ts";

buildServer();

describe("orders while processes, databases and targets fail at random", () => {
  it.skipIf(!hasRedis)(
    "20 kills over 500 orders, with hints on Redis: nothing lost, nothing twice",
    { timeout: 400_000 },
    async () => {
      const report = await runChaos({ backend: "redis", kills: 20, orders: 500, seed: 7_400 });
      console.log(tableOf(report));
      expect(report.orders).toBe(500);
      expect(report.verdict).toMatchObject({ ok: true, lost: [], duplicated: [], unexplained: [] });
    },
  );

  it("6 kills over 100 orders, with hints on PostgreSQL", { timeout: 400_000 }, async () => {
    const report = await runChaos({ backend: "postgres", kills: 6, orders: 100, seed: 7_402 });
    console.log(tableOf(report));
    expect(report.orders).toBe(100);
    expect(report.verdict).toMatchObject({ ok: true, lost: [], duplicated: [], unexplained: [] });
  });

  it("the naive variant fails the same harness", { timeout: 400_000 }, async () => {
    const report = await runChaos({
      backend: hasRedis ? "redis" : "postgres",
      kills: 6,
      orders: 120,
      // Enough that its doubles do not hang on luck.
      faultEveryMs: 50,
      seed: 7_401,
      entry: fromRoot("test/chaos/naive.ts"),
    });
    console.log(tableOf(report));
    expect(report.verdict.ok).toBe(false);
    const { lost, duplicated } = report.verdict;
    expect(lost.length + duplicated.length).toBeGreaterThan(0);
  });
});
