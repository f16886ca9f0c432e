import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { type HintBackend, queueOptions, workerOptions } from "./backend.ts";
import type { Hint } from "./hint.ts";
import type { Report } from "./report.ts";

const retryStrategy = (times: number): number => Math.min(100 * times, 2_000);

/** Adding fails soon instead of waiting: the caller's sweep repeats it. */
const addingOptions = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  connectTimeout: 5_000,
  commandTimeout: 5_000,
  retryStrategy,
};

/** Workers wait for Redis as long as it takes; BullMQ requires null for that. */
const workingOptions = { maxRetriesPerRequest: null, connectTimeout: 5_000, retryStrategy };

/** BullMQ on Redis or Valkey: one connection for adding, one shared by all workers, one blocking for each worker. */
export function openRedisBackend(url: string, report: Report): HintBackend {
  const adding = new Redis(url, addingOptions);
  const working = new Redis(url, workingOptions);
  for (const client of [adding, working]) {
    client.setMaxListeners(0);
    client.on("error", (error) => report(error, "redis"));
  }
  return {
    queue: (name) => new Queue(name, { ...queueOptions, connection: adding }),
    worker: (name, concurrency, process) =>
      new Worker<Hint>(name, process, { ...workerOptions(concurrency), connection: working }),
    assertReachable() {
      if (adding.status !== "ready") throw new Error("Redis cannot be reached; the hint will be given again.");
    },
    async ping() {
      await adding.ping();
    },
    async close() {
      adding.disconnect();
      working.disconnect();
    },
  };
}
