import type { ControlAct } from "#nodes/controlNode.ts";
import { errorItem, errorRoute } from "#nodes/errorRoute.ts";
import type {
  AnswerJob,
  AnswerResult,
  ControlCall,
  EffectCall,
  Plan,
  RawResponse,
  RunClock,
  SegmentJob,
  SegmentResult,
} from "#nodes/plan.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { addPorts, setFailed, setStatus, type TraceNodes } from "./traceNodes.ts";

/** How a dry run reaches the world. */
export interface DryRunParts {
  /**
   * Answers the request of an effect, as the target would, or says what became of the same request before. A rejection
   * ends the task as class `bug`.
   */
  perform: (call: EffectCall, requestHash: string) => Promise<RawResponse | Recalled>;
  /** In this process when absent; a server gives its evaluator pool. */
  evaluate?: (plan: Plan, job: SegmentJob) => Promise<SegmentResult>;
  read?: (plan: Plan, job: AnswerJob) => Promise<AnswerResult>;
  /** By wait node: the later message, as it comes to the node's input `message`. */
  messages?: Readonly<Record<string, unknown>>;
  /**
   * By wait node: the messages that its items met in earlier runs, of which the one whose key fits is taken. Where they are
   * given, what waits at the end is not known: nobody can tell what would have come.
   */
  met?: Readonly<Record<string, readonly unknown[]>>;
  /** Runs the flow that a sub-flow node calls. Undefined when nobody has it: then the item waits. */
  subFlow?: (call: SubFlowCall) => Promise<SubFlowEnd | undefined>;
}

/** What became of a request in an earlier run; `unknown` when none made it: then nobody can tell what would follow. */
export type Recalled =
  | { recalled: "result"; result: unknown }
  | { recalled: "failure"; class: OutcomeClass; reason: Reason }
  | { recalled: "unknown" };

export interface SubFlowCall {
  node: string;
  /** Id of the flow. */
  flow: string;
  item: unknown;
}

/** What a respond node answered. */
export interface DryResponse {
  status: number;
  body: unknown;
}

/** How the run of a sub-flow ended; `waiting` when something of it has not. */
export interface SubFlowEnd {
  state: DryState;
  waiting: boolean;
  response: DryResponse | null;
  failures: readonly DryFailure[];
}

/** As a run ends: `PARTIAL` when some ways of the flow ended well and some did not. */
export type DryState = "SUCCEEDED" | "PARTIAL" | "DEAD";

/** An effect that was asked for. */
export interface DryEffect {
  call: EffectCall;
  /** Absent when nothing was sent: the same effect stood already. */
  response?: RawResponse;
}

/** A task that ended badly. */
export interface DryFailure {
  node: string;
  /** Empty for the run's own item; `/lines:0000001` for the second item of the split `lines`. */
  itemPath: string;
  class: OutcomeClass;
  reason: Reason;
}

/** One task, as a worker would have had it. */
export interface DryTask {
  id: number;
  parent: number | null;
  kind: "segment" | "effect" | "control";
  node: string;
  /** A segment follows this output port; a control task came through this input port, the firing of a join through none. */
  port: string | null;
  itemPath: string;
  /** `WAITING`: for a message, for an answer, or for items that wait themselves. */
  state: "DONE" | "DEAD" | "WAITING";
}

/** The items of one split that a join gathers. */
export interface Scope {
  split: string;
  join: string;
  expected: number;
  /** Tasks that have not ended. */
  open: number;
  dead: number;
  arrived: { itemPath: string; item: unknown }[];
  /** Goes on with what has arrived, once nothing is open. */
  fires: Work;
}

/** A task with all that it works on. */
export interface Work {
  task: DryTask;
  /** The innermost split with a join that it is part of. */
  scope: Scope | null;
  item: unknown;
  call?: EffectCall;
  act?: ControlAct;
  /** Of a join that fires: what it gathers. */
  gathers?: Scope;
}

/** One dry run under way. */
export interface Walk {
  plan: Plan;
  clock: RunClock;
  parts: DryRunParts;
  tasks: DryTask[];
  /** Tasks that are due, in the order in which they became so. */
  due: Work[];
  /** Waiting sides of wait nodes. */
  meeting: { work: Work; key: string; side: "in" | "message" }[];
  nodes: TraceNodes;
  failures: DryFailure[];
  routed: DryFailure[];
  effects: DryEffect[];
  handed: ControlCall[];
  response: DryResponse | null;
  /** Nodes whose requests nobody has an answer to. */
  unknown: Set<string>;
  /** Ways that were followed to their end. */
  ended: number;
  /** Effects done in this run, by effect key. */
  ledger: Map<string, { requestHash: string; result: unknown }>;
}

type NewWork = Omit<Work, "task" | "scope"> &
  Pick<DryTask, "kind" | "node" | "port"> & { scope?: Scope | null; itemPath?: string };

/** A task that follows `parent`, open until it is ended. It has the parent's item path and scope where none is given. */
export function born(walk: Walk, parent: Work | null, { kind, node, port, itemPath, scope, ...rest }: NewWork): Work {
  const task: DryTask = {
    id: walk.tasks.length,
    parent: parent?.task.id ?? null,
    kind,
    node,
    port,
    itemPath: itemPath ?? parent?.task.itemPath ?? "",
    state: "WAITING",
  };
  walk.tasks.push(task);
  const work: Work = { ...rest, task, scope: scope === undefined ? (parent?.scope ?? null) : scope };
  if (work.scope) work.scope.open += 1;
  return work;
}

export const isWired = ({ plan }: Walk, node: string, port: string): boolean =>
  plan.flow.edges.some((edge) => edge.from.node === node && edge.from.port === port);

/** A task for what follows an output port; false, and the port's data kept, where nothing does. */
export function follow(walk: Walk, parent: Work | null, more: Omit<NewWork, "kind" | "port"> & { port: string }): boolean {
  const { node, port, item } = more;
  if (!isWired(walk, node, port)) {
    addPorts(walk.nodes, { [node]: { inputs: {}, outputs: { [port]: [item] } } });
    return false;
  }
  walk.due.push(born(walk, parent, { ...more, kind: "segment" }));
  return true;
}

/** Ends a task. The join of its scope goes on when nothing of that is open any more. */
function end(walk: Walk, { task, scope }: Work, state: "DONE" | "DEAD"): void {
  task.state = state;
  if (!scope) return;
  scope.open -= 1;
  if (state === "DEAD") scope.dead += 1;
  if (scope.open === 0) walk.due.push(scope.fires);
}

/** Ends a task well. `followed` is false when nothing came of it: then a way of the flow is at its end. */
export function done(walk: Walk, work: Work, followed: boolean): void {
  if (!followed) walk.ended += 1;
  end(walk, work, "DONE");
}

/** Lets a control task's item go on through an output port, and ends the task. */
export function goOn(walk: Walk, work: Work, port: string, item: unknown, more: Pick<NewWork, "scope" | "itemPath"> = {}): void {
  const { node } = work.task;
  setStatus(walk.nodes, node, "done");
  done(walk, work, follow(walk, work, { ...more, node, port, item }));
}

export interface TaskFailure {
  node: string;
  /** What came into the node. */
  item: unknown;
  class: OutcomeClass;
  reason: Reason;
}

/** Ends a task badly: its item goes on by an error route where there is one, else it is a dead letter. */
export function fail(walk: Walk, work: Work, { node, item, class: kind, reason }: TaskFailure): void {
  setFailed(walk.nodes, node, kind, reason);
  const failure: DryFailure = { node, itemPath: work.task.itemPath, class: kind, reason };
  const route = errorRoute(walk.plan.flow, node, kind);
  if (!route) {
    walk.failures.push(failure);
    end(walk, work, "DEAD");
    return;
  }
  walk.routed.push(failure);
  done(walk, work, follow(walk, work, { ...route, item: errorItem(item, node, kind, reason) }));
}
