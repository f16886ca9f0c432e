import type { Job, Outcome } from "./evaluation.ts";
import type { Order, Reply } from "./evaluator.worker.ts";

/** The wall clock of one job, in milliseconds: a worker that takes longer is ended, and the next job gets a new one. */
const LIMIT_MS = { expression: 2_000, flow: 6_000 } as const;

interface Waiting {
  order: Order;
  done: (outcome: Outcome) => void;
  failed: (error: Error) => void;
}

/** A job took too long: what it runs probably never ends. */
export class TookTooLong extends Error {
  readonly seconds: number;
  constructor(limitMs: number) {
    super(`It ran longer than ${limitMs / 1000} s and was ended.`);
    this.seconds = limitMs / 1000;
  }
}

/** Runs jobs one after another in a web worker, which is made for the first of them and after each that had to be ended. */
export interface Evaluator {
  run: (job: Job) => Promise<Outcome>;
  /** Ends the worker; what waits is never answered. */
  stop: () => void;
}

export const startWorker = (): Worker => new Worker(new URL("./evaluator.worker.ts", import.meta.url), { type: "module" });

export function createEvaluator(start: () => Worker = startWorker): Evaluator {
  let worker: Worker | undefined;
  let queue: Waiting[] = [];
  let busy: { waiting: Waiting; timer: ReturnType<typeof setTimeout> } | undefined;
  let count = 0;

  const end = () => {
    worker?.terminate();
    worker = undefined;
  };

  function settle(answer: (waiting: Waiting) => void): void {
    if (!busy) return;
    const { waiting, timer } = busy;
    clearTimeout(timer);
    busy = undefined;
    answer(waiting);
    next();
  }

  function next(): void {
    const waiting = queue.shift();
    if (!waiting) return;
    const limit = LIMIT_MS[waiting.order.job.kind];
    const timer = setTimeout(() => {
      end();
      settle(({ failed }) => failed(new TookTooLong(limit)));
    }, limit);
    busy = { waiting, timer };
    worker ??= listened(start());
    worker.postMessage(waiting.order);
  }

  function listened(made: Worker): Worker {
    made.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      if (data.id !== busy?.waiting.order.id) return;
      settle(({ done, failed }) => ("outcome" in data ? done(data.outcome) : failed(new Error(data.fault))));
    });
    made.addEventListener("error", ({ message }) => {
      end();
      settle(({ failed }) => failed(new Error(message || "The evaluator could not be loaded.")));
    });
    return made;
  }

  return {
    run: (job) =>
      new Promise((done, failed) => {
        count += 1;
        queue.push({ order: { id: count, job }, done, failed });
        if (!busy) next();
      }),
    stop: () => {
      end();
      if (busy) clearTimeout(busy.timer);
      busy = undefined;
      queue = [];
    },
  };
}
