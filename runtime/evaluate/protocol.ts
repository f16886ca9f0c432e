import type { PollJob, PollResult } from "#nodes/connector/poll.ts";
import type { NumberedJob, NumberedResult } from "#nodes/connector/renderNumbered.ts";
import type { SubscriptionJob, SubscriptionResult } from "#nodes/connector/subscription/subscribe.ts";
import type { AnswerJob, AnswerResult, Plan, SegmentJob, SegmentResult } from "#nodes/plan.ts";

/** One piece of pure work for an evaluator. All jobs of a batch belong to one plan, or to none. */
export type EvaluatorJob =
  | { kind: "segment"; job: SegmentJob }
  | { kind: "answer"; job: AnswerJob }
  | { kind: "numbered"; job: NumberedJob }
  | { kind: "poll"; job: PollJob }
  | { kind: "subscription"; job: SubscriptionJob }
  | { kind: "expression"; job: ExpressionJob };

/** An expression of a connector's auth; it belongs to no plan. */
export interface ExpressionJob {
  text: string;
  input: unknown;
}

export type ExpressionResult = { ok: true; value: unknown } | { ok: false; message: string };

export type EvaluatorResult =
  | { kind: "segment"; result: SegmentResult; hash: string }
  | { kind: "answer"; result: AnswerResult }
  | { kind: "numbered"; result: NumberedResult }
  | { kind: "poll"; result: PollResult }
  | { kind: "subscription"; result: SubscriptionResult }
  | { kind: "expression"; result: ExpressionResult };

/** What crosses to the child, as JSON text: the plan only when the child said it lacks it. */
export interface EvaluatorBatch {
  /** Null for jobs that belong to no plan. */
  planKey: string | null;
  plan: Plan | null;
  jobs: EvaluatorJob[];
}

export type EvaluatorAnswer = { missingPlan: true } | { missingPlan: false; results: EvaluatorResult[] };
