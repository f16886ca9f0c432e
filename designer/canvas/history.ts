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

/** Settings that are typed letter by letter; all others are chosen, and each choice is a step. */
const typed: ReadonlySet<string> = new Set(["name", "description", "owner", "priority", "notes", "retry"]);

/** Takes one step. What goes on about the same subject within a second, typing or nudging, is undone together. */
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

/** What an operation that may go on is about; null for one that is a step of its own: a drag, a choice, anything done at once. */
function subjectOf(operation: Operation): string | null {
  switch (operation.kind) {
    case "setConfig":
      return operation.whole ? null : `config ${operation.node} ${Object.keys(operation.change).join(" ")}`;
    case "setNode":
      return typing(`node ${operation.node}`, operation.change);
    case "setFlow":
      return typing("flow", operation.change);
    case "move":
      return operation.nudged ? `move ${[...Object.keys(operation.to), ...Object.keys(operation.notes ?? {})].join(" ")}` : null;
    default:
      return null;
  }
}

function typing(what: string, change: object): string | null {
  const settings = Object.keys(change);
  return settings.every((name) => typed.has(name)) ? `${what} ${settings.join(" ")}` : null;
}
