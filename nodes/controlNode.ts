import type { NodeManifest } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { PureContext } from "./pureNode.ts";

/**
 * What a control node asks of the engine for one item. Evaluation ends there: what follows is a task of its own, kept in
 * the database, so that a delay of a month or a join of ten thousand items survives any restart. Times in milliseconds.
 */
export type ControlAct =
  /** Each item goes on as a task of its own, through the port `item`. */
  | { act: "split"; items: unknown[] }
  /** The item has reached the join that gathers the items of `split`. */
  | { act: "join"; split: string }
  /** The item goes on later: after `waitMs`, or at `until` (ISO 8601). */
  | { act: "delay"; waitMs: number }
  | { act: "delay"; until: string }
  /** One side of a meeting by key: the waiting item (`in`) or the later message (`message`). */
  | { act: "wait"; side: "in" | "message"; key: string; waitMs: number }
  /** The item joins the open batch of its key, which leaves when it is full or old enough. */
  | { act: "batch"; key: string; count: number; bytes: number; waitMs: number }
  /** The item waits to see whether a newer one of its key comes, which would take its place. */
  | { act: "coalesce"; key: string; version: string | null; waitMs: number }
  /** Another flow runs on the item; its answer goes on. */
  | { act: "subFlow"; flow: string }
  /** The answer to whoever called the flow. */
  | { act: "respond"; status: number; body: unknown };

export type ControlOutcome = { ok: true; act: ControlAct } | { ok: false; class: OutcomeClass; reason: Reason };

/** `port` is the input port through which the item came. */
export type ExecuteControl = (
  item: unknown,
  config: Readonly<Record<string, unknown>>,
  context: PureContext,
  port: string,
) => Promise<ControlOutcome>;

/** A node type that is a boundary of evaluation: it says what the engine shall do, and does nothing itself. */
export interface ControlNodeType {
  manifest: NodeManifest;
  execute: ExecuteControl;
}
