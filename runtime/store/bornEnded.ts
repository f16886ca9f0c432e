import type { NewTask, Outcome } from "./outcomes.ts";
import type { ClaimedTask } from "./tasks.ts";

/** An outcome, and those of the segments that it brings about already ended. */
export function withBornEnded(outcome: Outcome): Outcome[] {
  const { end } = outcome;
  if (end.state !== "DONE") return [outcome];
  const task = end.priority === undefined ? outcome.task : { ...outcome.task, priority: end.priority };
  const within = end.successors.flatMap((next): Outcome[] =>
    next.ended
      ? withBornEnded({ task: bornTask(task, next), end: next.ended, attempt: null, settlement: null, milestone: null })
      : [],
  );
  return within.length === 0 ? [outcome] : [outcome, ...within];
}

/** The tasks that an outcome leaves to be gone on with, each as if it had been claimed. */
export const goingOn = (outcome: Outcome): { next: NewTask; task: ClaimedTask }[] =>
  withBornEnded(outcome).flatMap(({ task, end }) => {
    if (end.state !== "DONE") return [];
    const after = end.priority === undefined ? task : { ...task, priority: end.priority };
    return end.successors.flatMap((next) => (next.ended ? [] : [{ next, task: bornTask(after, next) }]));
  });

/** A successor as if it had been claimed: with epoch 1. */
export function bornTask(parent: ClaimedTask, next: NewTask): ClaimedTask {
  return {
    ...parent,
    id: next.id,
    kind: next.kind,
    node: next.node,
    port: next.port,
    itemPath: next.itemPath,
    epoch: 1,
    attempt: next.attempt ?? 0,
    evaluatorDeaths: 0,
    ageMs: 0,
    input: next.input,
    call: next.call,
    effectKey: next.effectKey,
    connectionId: next.connectionId,
    scopeId: next.scopeId === undefined ? parent.scopeId : next.scopeId,
  };
}
