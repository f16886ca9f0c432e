import { Redis } from "ioredis";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../test/support/database.ts";
import { hasRedis, startRedis, type TestRedis } from "../../test/support/redis.ts";
import { until } from "../../test/support/until.ts";
import { type Hint, type HintQueues, openHintQueues, type Scope } from "./hintQueues.ts";

const scope: Scope = { environment: "dev", workerGroup: "default" };
const queuePool = 8;
const hint = (n: number, epoch = 0): Hint => ({ task: `0192f3c0-0000-7000-8000-${String(n).padStart(12, "0")}`, epoch });

async function sql<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

const backends = ["postgres", "redis"] as const;

describe.each(backends)("hints on %s", (kind) => {
  describe.skipIf(kind === "redis" && !hasRedis)("with a server", () => {
    let database: TestDatabase;
    let redis: TestRedis | null = null;
    let queues: HintQueues;
    let problems: string[];

    const open = () =>
      openHintQueues({
        ...(redis && { redisUrl: redis.url }),
        databaseUrl: database.url,
        queuePool,
        report: (problem, where) => problems.push(`${where}: ${problem.message}`),
      });
    const wipe = async () => {
      if (!redis) {
        await sql(database.url, "truncate bullmq.job, bullmq.meta, bullmq.event cascade");
        return;
      }
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    };

    beforeEach(async () => {
      problems = [];
      database = await createDatabase();
      redis = kind === "redis" ? await startRedis() : null;
      queues = await open();
      await until(() => queues.health(), { what: "the queue" });
    });
    afterEach(async () => {
      await queues.close();
      await redis?.stop();
      await database.drop();
    });

    it("gives each hint to a listener of its queue and scope, whole", async () => {
      const seen: Hint[] = [];
      const other: Hint[] = [];
      await queues.listen("evaluate", scope, 4, async (given) => void seen.push(given));
      await queues.listen("evaluate", { ...scope, environment: "prod" }, 4, async (given) => void other.push(given));
      const given = { ...hint(1, 3), tp: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
      await queues.hint("evaluate", scope, [given]);
      await until(() => seen.length === 1, { what: "the hint" });
      expect(seen).toEqual([given]);
      expect(other).toEqual([]);
      await until(async () => (await queues.depth())["evaluate.dev.default"] === 0, { what: "an empty queue" });
    });

    it("hints once when hinted twice while it waits, and again after it was taken", async () => {
      await queues.hint("effect", scope, [hint(1), hint(2)]);
      await queues.hint("effect", scope, [hint(1), hint(2, 1)]);
      expect(await queues.depth()).toEqual({ "effect.dev.default": 3 });
      const seen: string[] = [];
      await queues.listen("effect", scope, 1, async ({ task, epoch }) => void seen.push(`${task}-${epoch}`));
      await until(() => seen.length === 3, { what: "three hints" });
      await until(async () => (await queues.depth())["effect.dev.default"] === 0, { what: "an empty queue" });
      await queues.hint("effect", scope, [hint(1)]);
      await until(() => seen.length === 4, { what: "the hint given again" });
    });

    it("keeps listening after the queue was wiped", async () => {
      const seen: string[] = [];
      await queues.listen("effect", scope, 2, async ({ task }) => void seen.push(task));
      await queues.hint("effect", scope, [hint(1)]);
      await until(() => seen.includes(hint(1).task), { what: "the first hint" });
      await wipe();
      await queues.hint("effect", scope, [hint(2)]);
      await until(() => seen.includes(hint(2).task), { what: "the hint after the wipe" });
    });

    it("survives a wipe while handlers run", async () => {
      const seen: string[] = [];
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await queues.listen("effect", scope, 2, async ({ task }) => {
        seen.push(task);
        await held;
      });
      await queues.hint("effect", scope, [hint(1)]);
      await until(() => seen.length === 1, { what: "a running handler" });
      await wipe();
      release();
      await queues.hint("effect", scope, [hint(2)]);
      await until(() => seen.includes(hint(2).task), { what: "the hint after the wipe", timeoutMs: 20_000 });
    });

    it("reports what a handler throws and takes the next hint", async () => {
      const seen: string[] = [];
      await queues.listen("source", scope, 1, async ({ task }) => {
        seen.push(task);
        if (seen.length === 1) throw new Error("The handler broke.");
      });
      await queues.hint("source", scope, [hint(1), hint(2)]);
      await until(() => seen.length === 2, { what: "both hints" });
      expect(problems).toEqual(["{source.dev.default}: The handler broke."]);
    });

    it("carries a burst of 2,000 hints, each once, with few connections", async () => {
      const seen = new Map<string, number>();
      for (const queue of ["evaluate", "effect", "source"] as const) {
        await queues.listen(queue, scope, 32, async ({ task }) => void seen.set(task, (seen.get(task) ?? 0) + 1));
      }
      const hints = Array.from({ length: 2000 }, (_, n) => hint(n));
      await queues.hint("evaluate", scope, hints);
      let most = 0;
      await until(
        async () => {
          const rows = await sql<{ n: number }>(
            database.url,
            "select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
          );
          most = Math.max(most, rows[0]?.n ?? 0);
          return seen.size === hints.length;
        },
        { timeoutMs: 25_000, what: "2,000 hints" },
      );
      expect(Math.max(...seen.values())).toBe(1);
      expect(most).toBeLessThanOrEqual(kind === "postgres" ? queuePool : 0);
      expect(problems).toEqual([]);
    });

    it("waits for running handlers when a listener closes, and takes no more", async () => {
      const finished: string[] = [];
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let started = 0;
      const listener = await queues.listen("effect", scope, 1, async ({ task }) => {
        started++;
        await held;
        finished.push(task);
      });
      await queues.hint("effect", scope, [hint(1), hint(2)]);
      await until(() => started === 1, { what: "a running handler" });
      const closing = listener.close();
      release();
      await closing;
      expect(finished).toEqual([hint(1).task]);
      expect(started).toBe(1);
    });

    it.runIf(kind === "redis")("rejects quickly while Redis is down, and listens again when it is back", async () => {
      const seen: string[] = [];
      await queues.listen("effect", scope, 2, async ({ task }) => void seen.push(task));
      await queues.hint("effect", scope, [hint(1)]);
      await until(() => seen.length === 1, { what: "the first hint" });
      await redis?.kill();
      const before = Date.now();
      await expect(queues.hint("effect", scope, [hint(2)])).rejects.toThrow();
      expect(await queues.health()).toBe(false);
      expect(Date.now() - before).toBeLessThan(6_000);
      await redis?.start();
      await until(() => queues.health(), { what: "Redis again" });
      await until(() => queues.hint("effect", scope, [hint(3)]).then(() => true), { what: "a hint accepted" });
      await until(() => seen.includes(hint(3).task), { what: "the hint after the restart", timeoutMs: 25_000 });
    });

    it.runIf(kind === "postgres")("listens again after its connections were cut", async () => {
      const seen: string[] = [];
      await queues.listen("effect", scope, 2, async ({ task }) => void seen.push(task));
      await queues.hint("effect", scope, [hint(1)]);
      await until(() => seen.length === 1, { what: "the first hint" });
      await sql(
        database.url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name <> '' and datname = current_database() and pid <> pg_backend_pid()",
      );
      await until(() => queues.hint("effect", scope, [hint(2)]).then(() => true), { what: "a hint accepted" });
      await until(() => seen.includes(hint(2).task), { what: "the hint after the cut", timeoutMs: 25_000 });
    });
  });
});

it.skipIf(!hasRedis)("opens while Redis is down, and works once it is there", async () => {
  const redis = await startRedis();
  const database = await createDatabase();
  await redis?.kill();
  const queues = await openHintQueues({ redisUrl: redis?.url, databaseUrl: database.url, queuePool, report: () => undefined });
  const seen: string[] = [];
  await queues.listen("effect", scope, 2, async ({ task }) => void seen.push(task));
  await expect(queues.hint("effect", scope, [hint(1)])).rejects.toThrow("Redis cannot be reached");
  await redis?.start();
  await until(() => queues.hint("effect", scope, [hint(1)]).then(() => true), { what: "a hint accepted" });
  await until(() => seen.length === 1, { what: "the hint", timeoutMs: 25_000 });
  await queues.close();
  await redis?.stop();
  await database.drop();
});
