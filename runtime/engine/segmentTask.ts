import type { EffectCall, Plan } from "#nodes/plan.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import type { Intent, NewTask, Outcome } from "#runtime/store/checkpoint.ts";
import { newId, sha256 } from "#runtime/store/ids.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { nextState, retryPolicy } from "./outcome.ts";
import { type EngineParts, engineFingerprint } from "./parts.ts";

/** An evaluator that died is given this long before the task is tried in another. */
const AFTER_DEATH_MS = 200;

/**
 * Evaluates one segment and says what follows: its effects, another try, or a dead letter. `admit` takes a place at a
 * connection when there is room, so that the effect can be done in place.
 */
export async function evaluateTask(
  parts: EngineParts,
  task: ClaimedTask,
  plan: Plan,
  admit: (connectionId: string, plan: Plan, node: string) => boolean,
): Promise<Outcome> {
  const startedAt = new Date();
  if (task.input === null) {
    const reason = {
      code: "payloadPurged",
      message: "The message's payload was purged before the task ran; send the document again.",
    };
    return deadOutcome(task, plan, { class: "invalid", reason, node: task.node, edges: [] }, startedAt);
  }
  try {
    const { result, hash } = await parts.evaluators.segment(plan, {
      planKey: plan.key,
      entry: { node: task.node, port: task.port ?? "out" },
      item: JSON.parse(task.input),
      clock: { runId: task.runId, ...task.clock },
    });
    if (!result.ok) return failedSegment(task, plan, result, startedAt);
    const successors = result.effects.map((call) => effectTask(task, plan, call));
    // Places are taken when nothing can go wrong any more, or they would never be given back.
    for (const each of successors) if (each.connectionId) each.inPlace = admit(each.connectionId, plan, each.node);
    return {
      task,
      end: { state: "DONE", result: null, edges: result.edges, outputHash: hash, engine: engineFingerprint, successors },
      attempt: null,
      settlement: null,
      milestone: null,
    };
  } catch (error) {
    if (!(error instanceof EvaluatorDied)) throw error;
    return diedEvaluating(parts, task, plan, error, startedAt);
  }
}

interface SegmentFailure {
  node: string;
  class: OutcomeClass;
  reason: Reason;
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
  if (next.state === "DEAD") return deadOutcome(task, plan, failure, startedAt);
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
    return deadOutcome(task, plan, { class: "poison", reason, node: task.node, edges: [] }, startedAt);
  }
  return {
    task,
    end: { state: "READY", waitMs: AFTER_DEATH_MS * deaths, burned: false, evaluatorDied: true, class: "poison", reason },
    attempt: null,
    settlement: null,
    milestone: null,
  };
}

function deadOutcome(task: ClaimedTask, plan: Plan, failure: SegmentFailure, startedAt: Date): Outcome {
  const number = task.attempt + 1;
  return {
    task,
    end: { state: "DEAD", ...failure, connector: sourceConnector(plan, task), connectionId: null, attempts: number },
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

function effectTask(task: ClaimedTask, plan: Plan, call: EffectCall): NewTask {
  const node = plan.flow.nodes.find((each) => each.id === call.node);
  const binding = node?.slot ? plan.bindings[node.slot] : undefined;
  if (!node || !binding) throw new Error(`Node "${call.node}" has no connection bound to its slot in ${plan.environment}.`);
  const { item, ...rest } = call;
  const intent = call.read ? null : intentOf(call, binding.connectionId, node.type);
  return {
    id: newId(),
    kind: "effect",
    node: call.node,
    port: null,
    itemPath: task.itemPath,
    input: JSON.stringify(item),
    call: JSON.stringify(rest),
    effectKey: call.read ? null : call.effectKey,
    connectionId: binding.connectionId,
    workerGroup: task.workerGroup,
    inPlace: false,
    intent,
  };
}

/** What the ledger keeps of an effect before its request leaves. */
export function intentOf(call: Omit<EffectCall, "item">, connectionId: string, operation: string): Intent {
  const { method, path, query, body } = call.request;
  return {
    effectKey: call.effectKey,
    connectionId,
    operation,
    documentKey: call.documentKey,
    mode: call.idempotency,
    requestHash: sha256(canonicalJson({ method, path, query, body: body ?? null })),
  };
}
