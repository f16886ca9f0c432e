import type { JobsOptions, QueueOptions, WorkerOptions } from "bullmq";
import type { Hint } from "./hint.ts";

/** What we use of a BullMQ queue: its own type differs between the two backends. */
export interface HintQueue {
  add(name: string, data: Hint, options: JobsOptions): Promise<unknown>;
  addBulk(jobs: { name: string; data: Hint; opts: JobsOptions }[]): Promise<unknown>;
  getJobCounts(...states: ("waiting" | "prioritized" | "active")[]): Promise<Record<string, number>>;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** What we use of a BullMQ worker. */
export interface HintWorker {
  isRunning(): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(force?: boolean): Promise<void>;
}

/** What differs between Redis and PostgreSQL; everything else is the same for both. */
export interface HintBackend {
  queue(name: string): HintQueue;
  worker(name: string, concurrency: number, process: (job: { data: Hint }) => Promise<void>): HintWorker;
  /** Throws at once when adding cannot work now. */
  assertReachable(): void;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A hint is tried once and leaves nothing behind: retries, delays and results live in SQL. */
const jobOptions: JobsOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true, stackTraceLimit: 0 };

export const queueOptions: Omit<QueueOptions, "connection"> = {
  defaultJobOptions: jobOptions,
  // Events are read by nobody but a queue page; the default keeps 10,000.
  streams: { events: { maxLen: 100 } },
};

/** A killed worker's hint is given to another within 11 to 12 s; BullMQ's defaults take 67 s. */
export const workerOptions = (concurrency: number): Omit<WorkerOptions, "connection"> => ({
  concurrency,
  lockDuration: 5_000,
  stalledInterval: 2_500,
  maxStalledCount: 1,
  runRetryDelay: 1_000,
});
