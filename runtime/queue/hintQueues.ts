import { crossing } from "#runtime/crashPoints.ts";
import type { HintBackend, HintQueue } from "./backend.ts";
import { type HandOver, handOver } from "./handOver.ts";
import type { Hint, HintOrder, QueueName, Scope } from "./hint.ts";
import { coerce, type HintListener, startListener } from "./listener.ts";
import { openPostgresBackend } from "./postgresBackend.ts";
import { openRedisBackend } from "./redisBackend.ts";
import { type Report, reporter } from "./report.ts";
import { sum, waitingIn } from "./waitingIn.ts";

export type { Hint, HintOrder, QueueName, Scope } from "./hint.ts";
export type { HintListener } from "./listener.ts";

export interface HintQueues {
  /**
   * Hands hints to whoever listens. Rejects within five seconds when the queue cannot be reached: the task stays READY
   * in the database and the sweep hints again.
   */
  hint(queue: QueueName, scope: Scope, hints: Hint[], order?: HintOrder): Promise<void>;
  /** Calls the handler for each hint, at most `concurrency` at once. What a handler throws is reported, never retried here. */
  listen(queue: QueueName, scope: Scope, concurrency: number, handler: (hint: Hint) => Promise<void>): Promise<HintListener>;
  /** Hints that nobody has taken yet. */
  waiting(queue: QueueName, scope: Scope): Promise<number>;
  /** Hints waiting or in work, by queue (`evaluate.dev.default`), for the queues this process has used. */
  depth(): Promise<Record<string, number>>;
  /** Whether the queue can be reached now; answers within two seconds. */
  health(): Promise<boolean>;
  /** Closes every listener (their handlers finish first) and all connections. */
  close(): Promise<void>;
}

export interface HintQueueOptions {
  /** Redis or Valkey; BullMQ's PostgreSQL backend in `databaseUrl` when absent. */
  redisUrl?: string | undefined;
  databaseUrl: string;
  /** Connections to PostgreSQL for BullMQ on its PostgreSQL backend, all queues together; at least 3. */
  queuePool: number;
  /**
   * Hints that may wait in this process for its own listeners instead of going through BullMQ; none when absent. For a
   * process that is alone with its database: others would not see them.
   */
  handOver?: number;
  /** Told what went wrong and where; the same problem at most every ten seconds. */
  report?: Report;
}

const hintWithinMs = 5_000;
const healthWithinMs = 2_000;
/** Up to this many hints are added one by one: a bulk add on PostgreSQL makes and drops temporary tables. */
const fewHints = 8;
const bulkSize = 500;

/** Connects to the queue; it may be down on Redis (hints reject until it is back), PostgreSQL must answer. */
export async function openHintQueues(options: HintQueueOptions): Promise<HintQueues> {
  let closing = false;
  const tell = reporter(options.report);
  const report: Report = (problem, where) => {
    // What breaks while it is closed has nothing left to lose.
    if (!closing) tell(problem, where);
  };
  const backend = options.redisUrl
    ? openRedisBackend(options.redisUrl, report)
    : await openPostgresBackend(options.databaseUrl, options.queuePool, report);
  const queues = new Map<string, HintQueue>();
  const listeners = new Set<HintListener>();
  const ownListeners = new Map<string, HandOver>();

  const queueOf = (queue: QueueName, scope: Scope): HintQueue => {
    const name = nameOf(queue, scope);
    const known = queues.get(name);
    if (known) return known;
    const made = backend.queue(name);
    made.on("error", (error) => report(error, name));
    queues.set(name, made);
    return made;
  };

  return {
    async hint(queue, scope, hints, order = "first") {
      if (hints.length === 0) return;
      await crossing("hint.give", async () => {
        const left = ownListeners.get(nameOf(queue, scope))?.offer(hints, order) ?? hints;
        if (left.length === 0) return;
        backend.assertReachable();
        await within(hintWithinMs, add(queueOf(queue, scope), left, order));
      });
    },
    async listen(queue, scope, concurrency, handler) {
      const name = nameOf(queue, scope);
      if (options.handOver) {
        const carefully = (hint: Hint) => handler(hint).catch((error: unknown) => report(coerce(error), name));
        ownListeners.set(name, handOver(concurrency, options.handOver, carefully));
      }
      const listener = startListener({
        name,
        backend,
        queue: queueOf(queue, scope),
        concurrency,
        handler,
        report,
      });
      const own = ownListeners.get(name);
      const both = { close: async () => void (await Promise.all([own?.close(), listener.close()])) };
      listeners.add(both);
      return both;
    },
    async waiting(queue, scope) {
      const own = ownListeners.get(nameOf(queue, scope))?.waiting ?? 0;
      return own + (await waitingIn(queueOf(queue, scope)));
    },
    async depth() {
      const entries = await Promise.all(
        [...queues].map(async ([name, queue]) => {
          const counts = await queue.getJobCounts("waiting", "prioritized", "active");
          const own = ownListeners.get(name)?.depth ?? 0;
          return [name.slice(1, -1), own + sum(counts)] as const;
        }),
      );
      return Object.fromEntries(entries);
    },
    health: () => healthOf(backend),
    async close() {
      closing = true;
      await Promise.all([...listeners].map((listener) => listener.close()));
      await Promise.all([...queues.values()].map((queue) => within(2_000, queue.close()).catch(() => undefined)));
      await backend.close();
    },
  };
}

/** Braces make one hash tag of the name, so that a cluster keeps all keys of a queue in one slot and spreads the queues. */
function nameOf(queue: QueueName, { environment, workerGroup }: Scope): string {
  return `{${queue}.${encodeURIComponent(environment)}.${encodeURIComponent(workerGroup)}}`;
}

/** BullMQ takes jobs without a priority before those with one, whatever it is. */
async function add(queue: HintQueue, hints: Hint[], order: HintOrder): Promise<void> {
  const priority = order === "turn" ? { priority: 1 } : {};
  const jobs = hints.map((hint) => ({ name: "hint", data: hint, opts: { jobId: `${hint.task}-${hint.epoch}`, ...priority } }));
  if (jobs.length <= fewHints) {
    await Promise.all(jobs.map((job) => queue.add(job.name, job.data, job.opts)));
    return;
  }
  for (let start = 0; start < jobs.length; start += bulkSize) await queue.addBulk(jobs.slice(start, start + bulkSize));
}

async function healthOf(backend: HintBackend): Promise<boolean> {
  try {
    await within(healthWithinMs, backend.ping());
    return true;
  } catch {
    return false;
  }
}

/** Rejects when the promise takes longer; what it does later is ignored. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The queue did not answer within ${ms / 1000} s.`)), ms);
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
