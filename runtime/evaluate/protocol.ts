import type { PollJob, PollResult } from "#nodes/connector/poll.ts";
import type { AnswerJob, AnswerResult, Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";

/** One piece of pure work for an evaluator. All jobs of a batch belong to one plan. */
export type EvaluatorJob =
  | { kind: "segment"; job: SegmentJob }
  | { kind: "answer"; job: AnswerJob }
  | { kind: "poll"; job: PollJob };

export type EvaluatorResult =
  | { kind: "segment"; result: SegmentResult; hash: string }
  | { kind: "answer"; result: AnswerResult }
  | { kind: "poll"; result: PollResult };

/** What crosses to the child, as JSON text: the plan only when the child said it lacks it. */
export interface EvaluatorBatch {
  planKey: string;
  plan: Plan | null;
  jobs: EvaluatorJob[];
}

export type EvaluatorAnswer = { missingPlan: true } | { missingPlan: false; results: EvaluatorResult[] };
