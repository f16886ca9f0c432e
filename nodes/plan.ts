import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Decoding } from "#schemas/format.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { ControlAct } from "./controlNode.ts";
import type { LockedSchema } from "./lockedSchema.ts";
import type { PlanTables } from "./planTables.ts";

/**
 * What a version was made with, stored beside its flow: a later edit of a connector or mapping never changes
 * what a published version does.
 */
export interface Lock {
  /** By node type; only those the flow uses. */
  manifests: Record<string, NodeManifest>;
  /** By connector id; only those the flow uses. */
  connectors: Record<string, Connector>;
  /** Text of `.jsonata` files by `connectorId/fileName`. */
  mappings: Record<string, string>;
  /** Canonical schemas by major name (`canonical/order/1`), as they were. */
  schemas: Record<string, LockedSchema>;
}

/** The connection behind a slot, as far as pure code may know it: no secrets. */
export interface Binding {
  connectionId: string;
  connector: string;
  /** The stable account on the other side. */
  account: string;
  config: Record<string, unknown>;
}

/** A version with its bindings in one environment: all that evaluation needs, plain data, sent to evaluators once. */
export interface Plan {
  /** Changes whenever anything in the plan changes; evaluators cache by it. */
  key: string;
  environment: string;
  flow: Flow;
  lock: Lock;
  bindings: Record<string, Binding>;
  /** By name: the reference tables that the flow looks things up in. */
  tables?: PlanTables;
}

/** The fixed surroundings of one run: the same run always sees the same time and the same random numbers. */
export interface RunClock {
  runId: string;
  /** ISO 8601; what `$now()` and `$millis()` give. */
  now: string;
  /** Seeds `$random()`. */
  seed: string;
  /** The source node through which the message came. */
  sourceNode: string;
}

/** By what a request goes; HTTP where it names none. */
export type Transport = "sql" | "mail" | "fileDrop" | "sftpDrop" | "event";

/** A request ready to send, without secrets and base URL. */
export interface RenderedRequest {
  transport?: Transport;
  /** Of SQL `READ` or `WRITE`. */
  method: string;
  /** Which of the connector's further base URLs it goes below; absent for its own. */
  base?: string;
  /** Path below the base URL, encoded. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  /** JSON value of the body, or its text where `contentType` says that it is written already; absent for none. */
  body?: unknown;
  contentType?: string;
  /** How the bytes of a good answer become text, where that is not plain UTF-8. */
  decode?: Pick<Decoding, "packed" | "charset">;
  timeoutMs: number;
  /** What it may reach with a restricted token, where it needs one. */
  restricted?: readonly unknown[];
  /** The whole address that the system gave, asked without credentials; the hosts it may be at. Path and query are shown only. */
  elsewhere?: { address: string; hosts: readonly string[] };
}

/** One effect that a segment asks for. */
export interface EffectCall {
  node: string;
  /** The item that arrived at the effect's input port. */
  item: unknown;
  request: RenderedRequest;
  /** `lookup` idempotency: the question to ask before sending again. */
  lookup?: RenderedRequest;
  documentKey: string;
  /** environment / account / operation / document key / event. Empty for reads. */
  effectKey: string;
  idempotency: "key" | "natural" | "lookup" | "none";
  read: boolean;
  /** Absent while the first request of the operation is sent. */
  step?: StepState;
}

/** Where an operation of several steps stands. */
export interface StepState {
  /** Results of what came before, the first request's first: there are as many as steps, or pages, were reached. */
  before: unknown[];
  /** The requests of what came before. */
  requests: RenderedRequest[];
  /** Whether the operation as a whole reads. */
  read: boolean;
}

/** What a control node asks for, for one item. */
export interface ControlCall {
  node: string;
  /** The input port through which the item came. */
  port: string;
  item: unknown;
  act: ControlAct;
}

/** What the ports of the nodes of one evaluation carried, for traces and the live preview. */
export type PortData = Record<string, { inputs: Record<string, unknown[]>; outputs: Record<string, unknown[]> }>;

/**
 * A segment's entry whose port has this mark before it leads into its node by that input port, not out of it: a retry of
 * an edited item and a replay begin so.
 */
export const INTO = ">";

/**
 * One segment: everything pure that follows output port `port` of node `node` (a source, an effect or a control node),
 * up to and including the rendering of the effects, and what the control nodes ask for, that come next. With `INTO`
 * before the port, the node itself comes first.
 */
export interface SegmentJob {
  planKey: string;
  entry: { node: string; port: string };
  item: unknown;
  clock: RunClock;
  /** Collect port data. */
  trace?: boolean;
}

export type SegmentResult =
  | {
      ok: true;
      effects: EffectCall[];
      controls: ControlCall[];
      /** What the flow's `priority` gives for the message; only where a run begins, and only if it gives a number. */
      priority?: number;
      edges: string[];
      ports?: PortData;
    }
  /** `item` is what came into the node that failed. */
  | { ok: false; node: string; item: unknown; class: OutcomeClass; reason: Reason; edges: string[]; ports?: PortData };

/** What a target answered, as text; the body is parsed by the evaluator. */
export interface RawResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  body: string;
  /** Of a sample: the answer to the last step of an operation, whose other steps are not asked. */
  last?: true;
}

/** How a job of a system is waited for. */
export interface Again {
  everyMs: number;
  mostMs: number;
}

/** Reads a target's answer by the operation's rules; `question` is what was asked. */
export interface AnswerJob {
  planKey: string;
  node: string;
  item: unknown;
  clock: RunClock;
  /**
   * `stands`: the response holds the result of the first request as the effect ledger has it. `superseded`: it holds the requests
   * that the node made after the batch of which the item is a refused document; `found` says whether one was for the same.
   */
  question: "request" | "lookup" | "stands" | "superseded";
  response: RawResponse;
  /** Results of the steps before, where a step was asked. */
  before?: unknown[];
  /** What this one sending of the item is known by: the same in each try, another for each item and run. */
  once?: string;
  /** Also evaluate the segments that follow a good answer to an effect, where their item is no larger. */
  follow?: { mostBytes: number };
}

/** A segment that was evaluated together with the answer before it, and came out well. */
export interface FollowedSegment {
  port: string;
  result: SegmentResult;
  /** The fingerprint of what came out. */
  hash: string;
}

/** One document of a batch, as if it had been sent alone, and what the system said against it. */
export interface RefusedCall {
  call: EffectCall;
  class: OutcomeClass;
  reason: Reason;
  retryAfterMs?: number;
}

export type AnswerResult =
  /**
   * `outputs`: what each output port of the effect carries. `found` is for lookups: false when nothing is there.
   * `followed`: when asked for, the segments whose evaluation came out well; their ports are not among the outputs.
   */
  | {
      ok: true;
      found: boolean;
      result: unknown;
      outputs: Record<string, unknown>;
      followed?: FollowedSegment[];
      /** How long the system is to be left alone, as it says of its limits. */
      waitMs?: number;
      /** The operation is not done: its next request, and all results until then. Nothing is at the ports yet. */
      next?: { request: RenderedRequest; before: unknown[] };
      /** Documents of a batch that the system refused, each to be a task of its own. */
      refused?: RefusedCall[];
    }
  | {
      ok: false;
      class: OutcomeClass;
      reason: Reason;
      applied: "no" | "maybe";
      retryAfterMs?: number;
      /** Nothing went wrong: a job of the system is not done, and is asked for again, for so long at most. */
      again?: Again;
    };
