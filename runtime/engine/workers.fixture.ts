import { pino } from "pino";
import type { AnswerResult } from "#nodes/plan.ts";
import type { Evaluators } from "#runtime/evaluate/pool.ts";
import type { Hint, QueueName } from "#runtime/queue/hintQueues.ts";
import { quietQueues } from "#runtime/queue/quietQueues.fixture.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings } from "#runtime/settings.ts";
import { LEASE_MS, type Store } from "#runtime/store/store.fixture.ts";
import { type Admission, openAdmission } from "./admission.ts";
import { clockWatch } from "./clockWatch.ts";
import { deployments } from "./deployments.ts";
import type { EngineParts } from "./parts.ts";
import type { Performed } from "./perform.ts";
import { startWorker, type Worker } from "./worker.ts";

const good: AnswerResult = { ok: true, found: true, result: { id: 1 }, outputs: {} };

export interface TestWorker {
  worker: Worker;
  admission: Admission;
  hint(queue: QueueName, environment: string, hint: Hint): void;
}

export interface TestWorkers {
  /** What the target answers. */
  send?: () => Promise<Performed>;
  segment?: Evaluators["segment"];
  workerGroup?: string;
  environments?: string[];
}

const nothing: Evaluators["segment"] = async () => ({ result: { ok: true, effects: [], controls: [], edges: [] }, hash: "h" });

/** What evaluates segments so, takes every answer for good, and is asked for nothing else. */
export const evaluatorsOf = (segment: Evaluators["segment"]): Evaluators => ({
  segment,
  answer: async () => good,
  numbered: () => Promise.reject(new Error("Nothing is numbered here.")),
  poll: () => Promise.reject(new Error("Nothing polls here.")),
  subscription: () => Promise.reject(new Error("Nothing subscribes here.")),
  expression: () => Promise.reject(new Error("Nothing is signed here.")),
  close: async () => {},
});

/** Workers as in processes of their own, on one database, with one target; nothing but the test hints. */
export async function workersOn(
  store: Store,
  count: number,
  { send, segment = nothing, workerGroup = "default", environments = ["dev"] }: TestWorkers,
): Promise<TestWorker[]> {
  const start = async (): Promise<TestWorker> => {
    const settings = { ...readSettings({}), workerGroup };
    const handlers = new Map<string, (hint: Hint) => Promise<void>>();
    const admission = openAdmission(store.db, settings, (error) => console.error(error));
    const parts: EngineParts = {
      settings,
      db: store.db,
      hotDb: store.db,
      clock: clockWatch(LEASE_MS),
      box: store.box,
      deployments: deployments(store.db, store.box),
      log: pino({ level: "silent" }),
      admission,
      reaches: openReaches([]),
      http: { perform: send ?? (() => Promise.reject(new Error("Nothing is sent here."))) },
      evaluators: evaluatorsOf(segment),
      queues: quietQueues(async (queue, scope, _concurrency, handler) => {
        handlers.set(`${queue} ${scope.environment}`, handler);
        return { close: async () => {} };
      }),
    };
    const worker = await startWorker(parts, environments);
    return { worker, admission, hint: (queue, environment, hint) => void handlers.get(`${queue} ${environment}`)?.(hint) };
  };
  return Promise.all(Array.from({ length: count }, start));
}
