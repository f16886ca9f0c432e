import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { toExpressionError } from "./expressionError.ts";

/**
 * The outcome of an expression that failed. `path` is the JSON pointer of the expression in the node's config (or the
 * operation), `place` names it for people. One that refuses the document speaks for itself.
 */
export function expressionFailure(raw: unknown, path: string, place: string): { class: OutcomeClass; reason: Reason } {
  const error = toExpressionError(raw);
  const params = {
    code: error.code,
    ...(error.position === undefined ? {} : { position: error.position }),
    ...(error.token ? { token: error.token } : {}),
  };
  if (error.refuses) {
    const hint = "Correct the document and send it again, or let such documents pass by this node.";
    return { class: "invalid", reason: { code: error.code, message: error.message, hint, path, params } };
  }
  const where = error.position === undefined ? "" : ` at character ${error.position}`;
  return {
    class: error.timedOut ? "timeout" : "invalid",
    reason: {
      code: "expression.failed",
      message: `${place} failed${where}: ${error.message}`,
      hint: "Open the run, look at the item that arrived, and correct the expression or the document.",
      path,
      params,
    },
  };
}
