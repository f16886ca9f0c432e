import type { IdempotencyMode } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { ClaimedTask } from "./tasks.ts";

/** A task that the outcome of another brings about. */
export interface NewTask {
  id: string;
  kind: "segment" | "effect" | "control";
  node: string;
  port: string | null;
  itemPath: string;
  /** JSON text of the item. */
  input: string;
  /** JSON text of the effect call. */
  call: string | null;
  effectKey: string | null;
  connectionId: string | null;
  workerGroup: string;
  /** The worker that made it goes on with it at once: it is born claimed. */
  inPlace: boolean;
  /** For effects in place: the ledger row that must stand before the request leaves. */
  intent: Intent | null;
  /** When it is due; at once when absent, only by what happens elsewhere when `never`. */
  due?: { afterMs: number } | { at: string } | "never";
  /** Tries that burned an attempt before it came to be: a document that was refused out of a batch has been sent. */
  attempt?: number;
  /** The split with a join that it is part of; its parent's when absent. */
  scopeId?: string | null;
  /** How it meets items of other runs. */
  meet?:
    | { act: "wait"; key: string }
    | { act: "coalesce"; key: string; version: string | null }
    | { act: "batch"; key: string; count: number; bytes: number; waitMs: number };
  /** It has arrived at a join: born ended, gathered when the join fires. */
  arrived?: true;
  /** It fires the join of a scope. */
  joins?: true;
  /**
   * It is born ended: a segment that was evaluated together with the answer before it, with what follows it; a document of
   * a batch that was refused, as a dead letter.
   */
  ended?: DoneEnd | DeadEnd;
  /** The run of another flow that it starts and waits for. */
  child?: { flow: string; version: string; number: number; deployment: string; node: string; depth: number };
}

/** A split whose items a join gathers. */
export interface NewScope {
  /** That of the task that fires the join. */
  id: string;
  split: string;
  join: string;
  joinTask: string;
  /** Items of the split. */
  expected: number;
}

export interface Intent {
  effectKey: string;
  connectionId: string;
  operation: string;
  documentKey: string;
  mode: IdempotencyMode;
  requestHash: string;
}

/** What the ledger is told of an effect. */
export type Settlement =
  | { effectKey: string; state: "CONFIRMED"; result: string }
  | { effectKey: string; state: "REFUSED" | "IN_DOUBT" | "INTENDED" };

export interface AttemptRecord {
  number: number;
  startedAt: Date;
  outcome: "ok" | OutcomeClass;
  reason: Reason | null;
  request: string | null;
  response: string | null;
}

/** The end of a task that did what it should. */
export interface DoneEnd {
  state: "DONE";
  result: string | null;
  edges: string[];
  outputHash: string | null;
  engine: string;
  successors: NewTask[];
  scopes?: NewScope[];
  /** JSON text of `{ status, body }` for whoever called the flow. */
  response?: string;
  /** JSON text of the effect's call, where it has become another one. */
  call?: string;
  /** Of this task's successors, when it decides over it. */
  priority?: number;
  /** Every document of its batch was refused: it ended, but none of it was done. */
  nothing?: true;
  /** The node failed for good and its item went on through an error route. */
  routed?: { node: string; class: OutcomeClass; reason: Reason };
}

/** The end of a task that will not be tried again by itself. */
export interface DeadEnd {
  state: "DEAD";
  class: OutcomeClass;
  reason: Reason;
  node: string;
  connector: string | null;
  connectionId: string | null;
  edges: string[];
  attempts: number;
  call?: string;
}

/** The end of one try of a task. */
export interface Outcome {
  task: ClaimedTask;
  end:
    | DoneEnd
    | { state: "CANCELLED"; class: "cancelled"; reason: Reason }
    | {
        state: "READY";
        waitMs: number;
        burned: boolean;
        evaluatorDied: boolean;
        class: OutcomeClass;
        reason: Reason;
        /** As for one that is done: an operation goes on at another step. */
        call?: string;
      }
    | DeadEnd;
  attempt: AttemptRecord | null;
  settlement: Settlement | null;
  milestone: string | null;
}
