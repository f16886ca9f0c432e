import type { OutcomeClass, Reason } from "#schemas/outcome.ts";

/** Ends an evaluation with an outcome class and a reason; caught where the evaluation began. */
export class EvaluationFailure extends Error {
  readonly class: OutcomeClass;
  readonly reason: Reason;
  constructor(failure: { class: OutcomeClass; reason: Reason }) {
    super(failure.reason.message);
    this.name = "EvaluationFailure";
    this.class = failure.class;
    this.reason = failure.reason;
  }
}

/** What went wrong, as an outcome. Anything unforeseen is class `bug`: ours, not the document's. */
export function toFailure(raw: unknown): { class: OutcomeClass; reason: Reason } {
  if (raw instanceof EvaluationFailure) return { class: raw.class, reason: raw.reason };
  const message = raw instanceof Error ? raw.message : String(raw);
  return { class: "bug", reason: { code: "evaluate.bug", message: message || "The evaluation failed for an unknown reason." } };
}
