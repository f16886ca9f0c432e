import type { Plan, SegmentResult } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { goingOn } from "#runtime/store/bornEnded.ts";
import type { NewTask, Outcome } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { Reason } from "#schemas/outcome.ts";
import { errorPort } from "#schemas/ports.ts";
import { itemBefore, tooLargeItem } from "./itemSize.ts";
import { nextState, retryPolicy } from "./outcome.ts";
import { type EngineParts, engineFingerprint } from "./parts.ts";
import { type ControlFailure, controlSuccessors, effectTask, routedEnd } from "./successors.ts";

/** An evaluator that died is given this long before the task is tried in another. */
const AFTER_DEATH_MS = 200;

/**
 * Evaluates one segment and says what follows: its effects, another try, or a dead letter. `admit` takes a place at a
 * connection when there is room, so that the effect can be done in place.
 */
export async function evaluateTask(parts: EngineParts, task: ClaimedTask, plan: Plan, admit: Admit): Promise<Outcome> {
  const startedAt = new Date();
  if (task.input === null) {
    const reason = {
      code: "payloadPurged",
      message: "The message's payload was purged before the task ran; send the document again.",
    };
    return endedBadly(task, plan, { class: "invalid", reason, node: task.node, item: null, edges: [] }, startedAt);
  }
  try {
    const { result, hash } = await parts.evaluators.segment(plan, {
      planKey: plan.key,
      entry: { node: task.node, port: task.port ?? "out" },
      item: JSON.parse(task.input),
      clock: { runId: task.runId, ...task.clock },
    });
    const outcome = await segmentOutcome(parts, task, plan, { result, hash }, startedAt);
    // Places are taken when nothing can go wrong any more, or they would never be given back.
    await admitEffects(outcome, plan, admit);
    return outcome;
  } catch (error) {
    if (!(error instanceof EvaluatorDied)) throw error;
    return diedEvaluating(parts, task, plan, error, startedAt);
  }
}

/** Takes a place at a connection when there is room. */
export type Admit = (effect: NewTask, plan: Plan) => Promise<boolean>;

/** Lets the effects that follow be done in place, as far as there is room. */
export async function admitEffects(outcome: Outcome, plan: Plan, admit: Admit): Promise<void> {
  for (const { next } of goingOn(outcome)) if (next.kind === "effect" && !next.due) next.inPlace = await admit(next, plan);
}

/** What follows a segment that was evaluated; its effects are not admitted yet. */
export async function segmentOutcome(
  parts: EngineParts,
  task: ClaimedTask,
  plan: Plan,
  { result, hash }: { result: SegmentResult; hash: string },
  startedAt: Date,
): Promise<Outcome> {
  if (!result.ok) return failedSegment(task, plan, result, startedAt);
  const asked = await controlSuccessors(task, plan, result.controls, (flow) => parts.deployments.find(task.environment, flow));
  if (!asked.ok) return failedSegment(task, plan, { ...asked.failure, edges: result.edges }, startedAt);
  const { successors: controls, ...made } = asked.made;
  const effects = result.effects.map((call) => effectTask(task, plan, call));
  const large = tooLargeItem(plan, [...effects, ...controls], parts.settings.maxItemBytes, result.edges);
  if (large) {
    const item = itemBefore(JSON.parse(task.input ?? "null"), null, parts.settings.maxItemBytes);
    return endedBadly(task, plan, { ...large, item, edges: result.edges }, startedAt);
  }
  return {
    task,
    end: {
      state: "DONE",
      result: null,
      edges: result.edges,
      outputHash: hash,
      engine: engineFingerprint,
      successors: [...effects, ...controls],
      ...made,
      ...(result.priority === undefined ? {} : { priority: result.priority }),
    },
    attempt: null,
    settlement: null,
    milestone: null,
  };
}

interface SegmentFailure extends ControlFailure {
  edges: string[];
}

function failedSegment(task: ClaimedTask, plan: Plan, failure: SegmentFailure, startedAt: Date): Outcome {
  const policy = policyOf(plan, failure.node);
  const next = nextState(failure, {
    attempt: task.attempt + 1,
    ageMs: task.ageMs,
    random: Math.random(),
    policy,
    viaConnection: false,
  });
  if (next.state === "DEAD") return endedBadly(task, plan, failure, startedAt);
  return {
    task,
    end: {
      state: "READY",
      waitMs: next.waitMs,
      burned: next.burned,
      evaluatorDied: false,
      class: failure.class,
      reason: failure.reason,
    },
    attempt: {
      number: task.attempt + 1,
      startedAt,
      outcome: failure.class,
      reason: failure.reason,
      request: null,
      response: null,
    },
    settlement: null,
    milestone: null,
  };
}

/** A pure node cannot be at fault for a worker that is killed, but for its own evaluator it can. */
function diedEvaluating(parts: EngineParts, task: ClaimedTask, plan: Plan, error: EvaluatorDied, startedAt: Date): Outcome {
  const deaths = task.evaluatorDeaths + 1;
  const reason: Reason = {
    code: "evaluatorDied",
    message: `Evaluating what follows "${task.node}" used more memory or time than it may, ${deaths} times.`,
    hint: "Look for a loop, a very large result or a costly regular expression in the nodes after it.",
    params: { deaths, detail: error.message },
  };
  if (deaths >= parts.settings.poisonAfter) {
    const item: unknown = task.input === null ? null : JSON.parse(task.input);
    return endedBadly(task, plan, { class: "poison", reason, node: task.node, item, edges: [] }, startedAt);
  }
  return {
    task,
    end: { state: "READY", waitMs: AFTER_DEATH_MS * deaths, burned: false, evaluatorDied: true, class: "poison", reason },
    attempt: null,
    settlement: null,
    milestone: null,
  };
}

/** For good: the item goes on through an error route where there is one, else it is a dead letter. */
export function endedBadly(task: ClaimedTask, plan: Plan, failure: SegmentFailure, startedAt: Date): Outcome {
  const number = task.attempt + 1;
  const { item: _item, ...letter } = failure;
  // What fails on the error way itself is not sent down it again.
  const again = failure.node === task.node && task.port === errorPort.name;
  return {
    task,
    end: (again ? undefined : routedEnd(task, plan, failure)) ?? {
      state: "DEAD",
      ...letter,
      connector: sourceConnector(plan, task),
      connectionId: null,
      attempts: number,
    },
    attempt: { number, startedAt, outcome: failure.class, reason: failure.reason, request: null, response: null },
    settlement: null,
    milestone: null,
  };
}

/** The marketplace a document came from: what exceptions are grouped by when no connection is at fault. */
function sourceConnector(plan: Plan, task: ClaimedTask): string | null {
  const source = plan.flow.nodes.find((node) => node.id === task.clock.sourceNode);
  return source ? (plan.lock.manifests[source.type]?.connector ?? null) : null;
}

/** The effective retry policy of a node. */
export function policyOf(plan: Plan, nodeId: string) {
  const node = plan.flow.nodes.find((each) => each.id === nodeId);
  return retryPolicy(node && plan.lock.manifests[node.type]?.retry, node?.retry);
}
