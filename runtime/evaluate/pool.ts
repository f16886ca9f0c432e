import type { PollJob, PollResult } from "#nodes/connector/poll.ts";
import type { NumberedJob, NumberedResult } from "#nodes/connector/renderNumbered.ts";
import type { SubscriptionJob, SubscriptionResult } from "#nodes/connector/subscription/subscribe.ts";
import type { AnswerJob, AnswerResult, Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";
import { groupCommit } from "#runtime/store/groupCommit.ts";
import { type Lane, openLane } from "./lane.ts";
import type { EvaluatorAnswer, EvaluatorBatch, EvaluatorJob, EvaluatorResult, ExpressionJob } from "./protocol.ts";

/** Jobs that share one trip to an evaluator: a trip costs the parent 0.2 ms alone and 0.03 ms in a batch. */
const BATCH = 32;

/** The evaluator died or had to be killed while it ran this one job alone. */
export class EvaluatorDied extends Error {
  override name = "EvaluatorDied";
}

/** No evaluator can be had, whatever the job: it is not the job's fault. */
export class EvaluatorsAway extends Error {
  override name = "EvaluatorsAway";
}

/** Evaluates pure nodes in child processes, so that no expression can harm the server. */
export interface Evaluators {
  segment(plan: Plan, job: SegmentJob): Promise<{ result: SegmentResult; hash: string }>;
  answer(plan: Plan, job: AnswerJob): Promise<AnswerResult>;
  numbered(plan: Plan, job: NumberedJob): Promise<NumberedResult>;
  poll(plan: Plan, job: PollJob): Promise<PollResult>;
  subscription(job: SubscriptionJob): Promise<SubscriptionResult>;
  /** Throws a sentence when the expression cannot be evaluated. */
  expression(job: ExpressionJob): Promise<unknown>;
  close(): Promise<void>;
}

interface Order {
  /** Null for an expression that belongs to none. */
  plan: Plan | null;
  job: EvaluatorJob;
}

/**
 * Starts the pool. `script` is the built evaluator. A job that outlives `timeoutMs` or `heapMb` costs its evaluator's
 * life and nothing else: jobs that shared its batch are run again, each alone.
 */
export function startEvaluators(options: {
  script: string;
  processes: number;
  heapMb: number;
  timeoutMs: number;
  /** Starts the first before it is asked for. */
  warm?: boolean;
}): Evaluators {
  const { script, heapMb, timeoutMs } = options;
  const lanes = Array.from({ length: options.processes }, () => openLane({ script, heapMb, timeoutMs }));
  const idle = [...lanes];
  if (options.warm) lanes[0]?.warm();

  /** Groups are no more than lanes, so that there is always an idle one. */
  const onLane = async <T>(work: (lane: Lane) => Promise<T>): Promise<T> => {
    const lane = idle.shift();
    if (!lane) throw new Error("More groups than evaluators are under way.");
    try {
      return await work(lane);
    } finally {
      // The one used last is used next: on a quiet day a single process is kept busy and warm.
      idle.unshift(lane);
    }
  };

  /** Only an evaluator that another one can replace has died of its job. */
  const assertAlive = async (lane: Lane, cause: unknown): Promise<void> => {
    try {
      await send(lane, { planKey: "", plan: null, jobs: [] });
    } catch {
      throw new EvaluatorsAway("No evaluator could be started.", { cause });
    }
  };

  const runJobs = async (lane: Lane, plan: Plan | null, jobs: EvaluatorJob[]): Promise<EvaluatorResult[]> => {
    try {
      const first = await send(lane, { planKey: plan?.key ?? null, plan: null, jobs });
      const done = first.missingPlan && plan ? await send(lane, { planKey: plan.key, plan, jobs }) : first;
      if (done.missingPlan) throw new Error("The evaluator refused a plan that it was sent.");
      return done.results;
    } catch (error) {
      await assertAlive(lane, error);
      throw new EvaluatorDied(`The evaluator was ended: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  };

  const order = groupCommit<Order, EvaluatorResult>(
    (orders) => onLane((lane) => runGroup(orders, (plan, jobs) => runJobs(lane, plan, jobs))),
    {
      most: BATCH,
      lanes: options.processes,
      worthAlone: (error) => !(error instanceof EvaluatorsAway),
    },
  );

  return {
    async segment(plan, job) {
      const done = await order({ plan, job: { kind: "segment", job } });
      if (done.kind !== "segment") throw new Error("The evaluator answered another question.");
      return { result: done.result, hash: done.hash };
    },
    async answer(plan, job) {
      const done = await order({ plan, job: { kind: "answer", job } });
      if (done.kind !== "answer") throw new Error("The evaluator answered another question.");
      return done.result;
    },
    async numbered(plan, job) {
      const done = await order({ plan, job: { kind: "numbered", job } });
      if (done.kind !== "numbered") throw new Error("The evaluator answered another question.");
      return done.result;
    },
    async poll(plan, job) {
      const done = await order({ plan, job: { kind: "poll", job } });
      if (done.kind !== "poll") throw new Error("The evaluator answered another question.");
      return done.result;
    },
    async subscription(job) {
      const done = await order({ plan: null, job: { kind: "subscription", job } });
      if (done.kind !== "subscription") throw new Error("The evaluator answered another question.");
      return done.result;
    },
    async expression(job) {
      const done = await order({ plan: null, job: { kind: "expression", job } });
      if (done.kind !== "expression") throw new Error("The evaluator answered another question.");
      if (!done.result.ok) throw new Error(done.result.message);
      return done.result.value;
    },
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

async function send(lane: Lane, batch: EvaluatorBatch): Promise<EvaluatorAnswer> {
  return JSON.parse(await lane.ask(JSON.stringify(batch))) as EvaluatorAnswer;
}

/** Splits a group by plan and puts the results back in order. */
async function runGroup(
  orders: Order[],
  runJobs: (plan: Plan | null, jobs: EvaluatorJob[]) => Promise<EvaluatorResult[]>,
): Promise<EvaluatorResult[]> {
  const byPlan = new Map<string | null, { plan: Plan | null; places: number[] }>();
  orders.forEach(({ plan }, place) => {
    const key = plan?.key ?? null;
    const entry = byPlan.get(key) ?? { plan, places: [] };
    entry.places.push(place);
    byPlan.set(key, entry);
  });
  const results: EvaluatorResult[] = new Array(orders.length);
  for (const { plan, places } of byPlan.values()) {
    const done = await runJobs(
      plan,
      places.map((place) => (orders[place] as Order).job),
    );
    places.forEach((place, index) => {
      results[place] = done[index] as EvaluatorResult;
    });
  }
  return results;
}
