import type { Worker } from "bullmq";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../test/support/database.ts";
import { hasRedis, startRedis, type TestRedis } from "../../test/support/redis.ts";
import { until } from "../../test/support/until.ts";
import type { HintBackend, HintQueue } from "./backend.ts";
import { type HintListener, startListener } from "./listener.ts";
import { openPostgresBackend } from "./postgresBackend.ts";
import { openRedisBackend } from "./redisBackend.ts";

const name = "{evaluate.dev.default}";

describe.each(["postgres", "redis"] as const)("the watch over a worker on %s", (kind) => {
  describe.skipIf(kind === "redis" && !hasRedis)("with a server", () => {
    let database: TestDatabase;
    let redis: TestRedis | null = null;
    let backend: HintBackend;
    let queue: HintQueue;
    let listener: HintListener;
    /** BullMQ's own workers, in the order in which they were made. */
    let workers: Worker[];
    let taken: string[];
    let problems: string[];

    beforeEach(async () => {
      [workers, taken, problems] = [[], [], []];
      database = await createDatabase();
      redis = kind === "redis" ? await startRedis() : null;
      const report = (error: Error): unknown => problems.push(error.message);
      const opened = redis ? openRedisBackend(redis.url, report) : await openPostgresBackend(database.url, 8, report);
      backend = {
        ...opened,
        worker: (...args) => {
          const made = opened.worker(...args);
          workers.push(made as unknown as Worker);
          return made;
        },
      };
      await until(() => backend.ping().then(() => true), { what: "the queue" });
      queue = backend.queue(name);
      queue.on("error", () => {});
      listener = startListener({
        name,
        backend,
        queue,
        concurrency: 4,
        handler: async ({ task }) => {
          taken.push(task);
        },
        report,
      });
      await give("before");
    });
    afterEach(async () => {
      await listener.close();
      await Promise.all(workers.map((worker) => worker.close(true).catch(() => undefined)));
      await queue.close();
      await backend.close();
      await redis?.stop();
      await database.drop();
    });

    const give = async (task: string): Promise<void> => {
      await queue.add("hint", { task, epoch: 0 }, { jobId: `${task}-0` });
      await until(() => taken.includes(task), { timeoutMs: 20_000, what: `the hint ${task}` });
    };

    /** What a worker had begun to fetch when it stopped still comes to it; nothing after that does. */
    const giveSome = async (): Promise<void> => {
      for (const task of ["fetched", "first", "second"]) await give(task);
    };

    it("starts another when one has ended without a word", async () => {
      await workers[0]?.close(true);
      await giveSome();
      expect(workers).toHaveLength(2);
      expect(problems).toContain("The worker had stopped taking hints and was started again.");
    });

    it("starts another when one says that it runs and takes nothing, and leaves one alone that has nothing to take", async () => {
      await workers[0]?.close(true);
      if (workers[0]) workers[0].isRunning = () => true;
      await giveSome();
      expect(workers).toHaveLength(2);
      expect(taken).toEqual(["before", "fetched", "first", "second"]);
    });
  });
});
