import type { Flow } from "#schemas/flow.ts";
import { apply, type Operation } from "./operations.ts";

/** A flow with the way back and forth, without an end: flows share structure, so keeping whole ones costs little. */
export interface History {
  present: Flow;
  past: readonly Flow[];
  future: readonly Flow[];
  /** What the last step was about, and when (milliseconds): typing on in one field is one step, not forty. */
  last: { subject: string; at: number } | null;
}

const joinWithinMs = 1_000;

export const startHistory = (flow: Flow): History => ({ present: flow, past: [], future: [], last: null });

/** Takes one step. Steps about the same subject within a second of each other are undone together. */
export function step(history: History, operation: Operation, at: number): History {
  const present = apply(history.present, operation);
  if (present === history.present) return history;
  const subject = subjectOf(operation);
  const joins = subject !== null && history.last?.subject === subject && at - history.last.at <= joinWithinMs;
  const past = joins ? history.past : [...history.past, history.present];
  return { present, past, future: [], last: subject === null ? null : { subject, at } };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  return { present: before, past: history.past.slice(0, -1), future: [history.present, ...history.future], last: null };
}

export function redo(history: History): History {
  const [after, ...future] = history.future;
  if (!after) return history;
  return { present: after, past: [...history.past, history.present], future, last: null };
}

function subjectOf(operation: Operation): string | null {
  switch (operation.kind) {
    case "setConfig":
      return operation.whole ? null : `config ${operation.node} ${Object.keys(operation.change).join(" ")}`;
    case "setNode":
      return `node ${operation.node} ${Object.keys(operation.change).join(" ")}`;
    case "setFlow":
      return `flow ${Object.keys(operation.change).join(" ")}`;
    case "setNote":
      return `note ${operation.note} ${Object.keys(operation.change).join(" ")}`;
    case "setGroup":
      return `group ${operation.group} ${Object.keys(operation.change).join(" ")}`;
    case "move":
      return `move ${[...Object.keys(operation.to), ...Object.keys(operation.notes ?? {})].join(" ")}`;
    default:
      return null;
  }
}
