import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { answer, evaluateSegment } from "#nodes/evaluate.ts";
import type { AnswerJob, AnswerResult, EffectCall, Plan, RawResponse, RunClock, SegmentJob, SegmentResult } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import { decideEffect } from "./effectDecision.ts";
import { addEvaluated, addPorts, setFailed, setStatus, type TraceNodes, unreachedNodes } from "./traceNodes.ts";

/** How a dry run reaches the world. */
export interface DryRunParts {
  /** Answers the request of an effect, as the target would. A rejection ends the task as class `bug`. */
  perform: (call: EffectCall) => Promise<RawResponse>;
  /** In this process when absent; a server gives its evaluator pool. */
  evaluate?: (plan: Plan, job: SegmentJob) => Promise<SegmentResult>;
  read?: (plan: Plan, job: AnswerJob) => Promise<AnswerResult>;
}

/** An effect that was asked for. */
export interface DryEffect {
  call: EffectCall;
  /** Absent when nothing was sent: the same effect stood already. */
  response?: RawResponse;
}

/** A task that ended badly. */
export interface DryFailure {
  node: string;
  class: OutcomeClass;
  reason: Reason;
}

export interface DryRun {
  /** As a run ends: `PARTIAL` when some ways of the flow ended well and some did not. */
  state: "SUCCEEDED" | "PARTIAL" | "DEAD";
  failures: DryFailure[];
  effects: DryEffect[];
  /** What every port carried, as in a trace. */
  nodes: TraceNodes;
}

interface Walk extends DryRun {
  plan: Plan;
  clock: RunClock;
  parts: DryRunParts;
  /** Items that wait at an output port for what follows it. */
  open: { node: string; port: string; item: unknown }[];
  /** Ways that were followed to their end. */
  ended: number;
  /** Effects done in this run, by effect key. */
  ledger: Map<string, { requestHash: string; result: unknown }>;
}

/**
 * One execution of a plan on one item in this process: no store, no queue, and no second attempt, so that a failure
 * that a worker would retry ends here with its class. Never rejects.
 */
export async function dryRun(plan: Plan, item: unknown, clock: RunClock, parts: DryRunParts): Promise<DryRun> {
  const walk: Walk = {
    plan,
    clock,
    parts,
    state: "SUCCEEDED",
    failures: [],
    effects: [],
    nodes: unreachedNodes(plan.flow),
    open: [{ node: clock.sourceNode, port: "out", item }],
    ended: 0,
    ledger: new Map(),
  };
  for (let next = walk.open.shift(); next; next = walk.open.shift()) await followPort(walk, next);
  const { failures, effects, ended } = walk;
  const state = failures.length === 0 ? "SUCCEEDED" : ended > 0 ? "PARTIAL" : "DEAD";
  return { state, failures, effects, nodes: walk.nodes };
}

/** Evaluates what follows a port, then performs the effects that it asks for. */
async function followPort(walk: Walk, { node, port, item }: Walk["open"][number]): Promise<void> {
  const { plan, clock, parts } = walk;
  const job: SegmentJob = { planKey: plan.key, entry: { node, port }, item, clock, trace: true };
  const result = await (parts.evaluate ?? evaluateSegment)(plan, job);
  setStatus(walk.nodes, node, "done");
  addEvaluated(walk.nodes, result.ports ?? {});
  if (!result.ok) {
    fail(walk, result);
    return;
  }
  if (result.effects.length === 0) walk.ended += 1;
  for (const call of result.effects) await performEffect(walk, call);
}

async function performEffect(walk: Walk, call: EffectCall): Promise<void> {
  const requestHash = sha256Hex(canonicalJson(call.request));
  const known = call.read ? undefined : walk.ledger.get(call.effectKey);
  const decision = known
    ? decideEffect(
        { state: "CONFIRMED", requestHash: known.requestHash, taskId: "", sentAgoMs: 0, heldByOther: false, otherDueInMs: 0 },
        { requestHash, mode: call.idempotency, taskId: "", quietPeriodMs: 0 },
      )
    : { do: "send" as const };
  if (decision.do === "useResult") {
    walk.effects.push({ call });
    passOn(walk, call, known?.result);
  } else if (decision.do === "send") await send(walk, call, requestHash);
  else {
    const message = `Another request for ${call.documentKey} was made in the same run; this one differs and was not sent.`;
    fail(walk, { node: call.node, class: "duplicate", reason: { code: "effectDiffers", message } });
  }
}

async function send(walk: Walk, call: EffectCall, requestHash: string): Promise<void> {
  const { plan, clock, parts } = walk;
  const effect: DryEffect = { call };
  walk.effects.push(effect);
  try {
    effect.response = await parts.perform(call);
  } catch (raw) {
    const message = raw instanceof Error ? raw.message : String(raw);
    fail(walk, { node: call.node, class: "bug", reason: { code: "effectNotPerformed", message } });
    return;
  }
  const { response } = effect;
  const job: AnswerJob = { planKey: plan.key, node: call.node, item: call.item, clock, question: "request", response };
  const read = await (parts.read ?? answer)(plan, job);
  if (!read.ok) {
    fail(walk, { node: call.node, class: read.class, reason: read.reason });
    return;
  }
  walk.ledger.set(call.effectKey, { requestHash, result: read.result });
  passOn(walk, call, read.result);
}

/** Gives the item and the answer to what follows the effect. */
function passOn(walk: Walk, call: EffectCall, result: unknown): void {
  const node = walk.plan.flow.nodes.find((each) => each.id === call.node);
  if (!node) return;
  setStatus(walk.nodes, call.node, "done");
  const wired = new Set(walk.plan.flow.edges.filter((edge) => edge.from.node === call.node).map((edge) => edge.from.port));
  let followed = 0;
  for (const [port, item] of Object.entries(effectOutputs(node, call.item, result))) {
    if (item === undefined) continue;
    if (wired.has(port)) {
      walk.open.push({ node: call.node, port, item });
      followed += 1;
    } else addPorts(walk.nodes, { [call.node]: { inputs: {}, outputs: { [port]: [item] } } });
  }
  if (followed === 0) walk.ended += 1;
}

function fail(walk: Walk, { node, class: kind, reason }: DryFailure): void {
  walk.failures.push({ node, class: kind, reason });
  setFailed(walk.nodes, node, kind, reason);
}
