import type { Outcome } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { Reason } from "#schemas/outcome.ts";

const FIRST_WAIT_MS = 1_000;

/** A fault of our own: tried again like a transient one, then a dead letter of class `bug`. */
export function bugOutcome(task: ClaimedTask, error: unknown, mostAttempts: number): Outcome {
  const number = task.attempt + 1;
  const message = error instanceof Error ? error.message : String(error);
  const reason: Reason = { code: "internal", message: `Orderloom failed at node "${task.node}": ${message}` };
  const { node, connectionId } = task;
  return {
    task,
    end:
      number < mostAttempts
        ? { state: "READY", waitMs: FIRST_WAIT_MS * 2 ** task.attempt, burned: true, evaluatorDied: false, class: "bug", reason }
        : { state: "DEAD", class: "bug", reason, node, connector: null, connectionId, edges: [], attempts: number },
    attempt: { number, startedAt: new Date(), outcome: "bug", reason, request: null, response: null },
    settlement: null,
    milestone: null,
  };
}

/** An effect whose intent stands and which was not sent: the ledger is told so, and the task is looked at again. */
export function notNowOutcome(task: ClaimedTask, effectKey: string, message: string, waitMs: number): Outcome {
  const reason: Reason = { code: "notNow", message: `${message} Nothing was sent; it is looked at again.` };
  return {
    task,
    end: { state: "READY", waitMs, burned: false, evaluatorDied: false, class: "transient", reason },
    attempt: null,
    settlement: { effectKey, state: "REFUSED" },
    milestone: null,
  };
}

/** The place at the connection was lost before the request could leave: the process had been frozen, or PostgreSQL away. */
export function lostPlaceOutcome(task: ClaimedTask, settles: string | null): Outcome {
  const outcome = notNowOutcome(task, settles ?? "", "The worker had lost its place at the connection.", 0);
  return settles === null ? { ...outcome, settlement: null } : outcome;
}

/** Another task is at the same effect, or its quiet period runs: it is looked at again. */
export function underWayOutcome(task: ClaimedTask, waitMs: number): Outcome {
  const reason = {
    code: "effectUnderWay",
    message: "The same effect is under way or in its quiet period; it is looked at again.",
  };
  return {
    task,
    end: { state: "READY", waitMs, burned: false, evaluatorDied: false, class: "inDoubt", reason },
    attempt: null,
    settlement: null,
    milestone: null,
  };
}
