import { setTimeout as sleep } from "node:timers/promises";
import type { HintBackend, HintQueue, HintWorker } from "./backend.ts";
import type { Hint } from "./hint.ts";
import type { Report } from "./report.ts";
import { waitingIn } from "./waitingIn.ts";

/** One worker of one queue in this process. */
export interface HintListener {
  /** Takes no more hints, waits for the handlers that run, and disconnects. */
  close(): Promise<void>;
}

interface ListenerOptions {
  name: string;
  backend: HintBackend;
  queue: HintQueue;
  concurrency: number;
  handler: (hint: Hint) => Promise<void>;
  report: Report;
}

const watchMs = 2_500;
/** Looks in a row at which hints waited, nothing ran and nothing was taken, before the worker is taken for stuck. */
const stuckAfterLooks = 3;
/** BullMQ's own goodbye needs the server; when that is gone, this is enough. */
const closeWithinMs = 3_000;

/** Starts a worker and a watch over it: after a reconnect a worker may have stopped fetching without saying so. */
export function startListener({ name, backend, queue, concurrency, handler, report }: ListenerOptions): HintListener {
  const running = new Set<Promise<void>>();
  let taken = 0;
  let closed = false;

  const process = (job: { data: Hint }): Promise<void> => {
    taken++;
    const work = handler(job.data).catch((error: unknown) => report(coerce(error), name));
    running.add(work);
    return work.finally(() => running.delete(work));
  };
  const start = (): HintWorker => {
    const made = backend.worker(name, concurrency, process);
    made.on("error", (error) => report(error, name));
    return made;
  };

  let worker = start();
  let takenBefore = 0;
  let idleLooks = 0;
  const look = async (): Promise<void> => {
    const idle = running.size === 0 && taken === takenBefore;
    takenBefore = taken;
    const stuck = idle && worker.isRunning() && (await waiting(queue)) > 0;
    idleLooks = stuck ? idleLooks + 1 : 0;
    if (closed || (worker.isRunning() && idleLooks < stuckAfterLooks)) return;
    idleLooks = 0;
    report(new Error("The worker had stopped taking hints and was started again."), name);
    const old = worker;
    worker = start();
    await goodbye(old, true);
  };
  let looking = false;
  const watch = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => report(coerce(error), name))
      .finally(() => {
        looking = false;
      });
  }, watchMs);
  watch.unref();

  return {
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(watch);
      // Closing starts at once, so that nothing new is fetched; it ends when the handlers have ended.
      const leaving = worker.close().catch((error: unknown) => report(coerce(error), name));
      await Promise.all(running);
      await Promise.race([leaving, sleep(closeWithinMs, undefined, { ref: false })]);
    },
  };
}

/** Unreachable is not stuck: the worker reconnects by itself. */
const waiting = (queue: HintQueue): Promise<number> => waitingIn(queue).catch(() => 0);

async function goodbye(worker: HintWorker, force: boolean): Promise<void> {
  await Promise.race([worker.close(force).catch(() => undefined), sleep(closeWithinMs, undefined, { ref: false })]);
}

export function coerce(raw: unknown): Error {
  return raw instanceof Error ? raw : new Error(String(raw));
}
