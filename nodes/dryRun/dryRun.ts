import { refusedOf } from "#nodes/connector/batchItems.ts";
import { effectOutputs } from "#nodes/connector/effectOutputs.ts";
import { entryPort } from "#nodes/connector/operation.ts";
import { atStep } from "#nodes/connector/steps.ts";
import { answer, evaluateSegment } from "#nodes/evaluate.ts";
import type { AnswerJob, ControlCall, EffectCall, Plan, RawResponse, RunClock, SegmentJob } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { controlTask, followCall, refusedCall } from "./dryControls.ts";
import {
  born,
  type DryEffect,
  type DryFailure,
  type DryResponse,
  type DryRunParts,
  type DryState,
  type DryTask,
  done,
  fail,
  follow,
  type Recalled,
  type Walk,
  type Work,
} from "./dryWalk.ts";
import { decideEffect } from "./effectDecision.ts";
import { addEvaluated, setStatus, type TraceNodes, unreachedNodes } from "./traceNodes.ts";

export type { DryRunParts, Recalled, SubFlowCall, SubFlowEnd } from "./dryWalk.ts";

export interface DryRun {
  state: DryState;
  /** True when something waits still: for a message, or for a flow that nobody has. */
  waiting: boolean;
  failures: DryFailure[];
  /** Failures that went on by an error route. */
  routed: DryFailure[];
  effects: DryEffect[];
  /** What was handed to another flow, a batch, a wait or a later time. */
  handed: ControlCall[];
  /** What the first respond node answered. */
  response: DryResponse | null;
  /** Nodes whose requests nobody has an answer to, or at which nobody knows what came: what would follow them is not known. */
  unknown: string[];
  /** What every port carried, as in a trace. */
  nodes: TraceNodes;
  /** Every task in the order in which it came to be. */
  tasks: DryTask[];
}

/**
 * One execution of a plan on one item in this process: no store, no queue, and no second attempt, so that a failure
 * that a worker would retry ends here with its class. No time passes: a delay is over at once, no time limit runs out, and
 * what waits for a later message waits at the end unless `parts.messages` has it. Never rejects.
 */
export async function dryRun(plan: Plan, item: unknown, clock: RunClock, parts: DryRunParts): Promise<DryRun> {
  const walk: Walk = {
    plan,
    clock,
    parts,
    tasks: [],
    due: [],
    meeting: [],
    nodes: unreachedNodes(plan.flow),
    failures: [],
    routed: [],
    effects: [],
    handed: [],
    response: null,
    unknown: new Set(),
    ended: 0,
    ledger: new Map(),
  };
  walk.due.push(born(walk, null, { kind: "segment", node: clock.sourceNode, port: entryPort(plan, clock.sourceNode), item }));
  for (const work of walk.due) await perform(walk, work);
  const waiting = walk.tasks.filter((task) => task.state === "WAITING");
  for (const { node } of waiting) {
    setStatus(walk.nodes, node, "waiting");
    if (parts.met) walk.unknown.add(node);
  }
  const { failures, routed, effects, handed, response, unknown, nodes, tasks, ended } = walk;
  const state = failures.length === 0 ? "SUCCEEDED" : ended > 0 ? "PARTIAL" : "DEAD";
  const more = { waiting: waiting.length > 0, unknown: [...unknown] };
  return { state, failures, routed, effects, handed, response, nodes, tasks, ...more };
}

function perform(walk: Walk, work: Work): Promise<void> {
  if (work.task.kind === "control") return controlTask(walk, work);
  return work.call ? effect(walk, work, work.call) : segment(walk, work);
}

/** Evaluates what follows a port, and makes the tasks that it asks for. */
async function segment(walk: Walk, work: Work): Promise<void> {
  const { plan, clock, parts } = walk;
  const { node, port } = work.task;
  const job: SegmentJob = { planKey: plan.key, entry: { node, port: port ?? "out" }, item: work.item, clock, trace: true };
  const result = await (parts.evaluate ?? evaluateSegment)(plan, job);
  setStatus(walk.nodes, node, "done");
  addEvaluated(walk.nodes, result.ports ?? {});
  if (!result.ok) return fail(walk, work, result);
  const refused = refusedCall(work, result.controls);
  if (refused) return fail(walk, work, refused);
  for (const call of result.effects) {
    walk.due.push(born(walk, work, { kind: "effect", node: call.node, port: null, item: call.item, call }));
  }
  const asked = result.controls.map((call) => followCall(walk, work, call));
  done(walk, work, result.effects.length > 0 || asked.includes(true));
}

async function effect(walk: Walk, work: Work, call: EffectCall): Promise<void> {
  const requestHash = sha256Hex(canonicalJson(call.request));
  const known = call.read ? undefined : walk.ledger.get(call.effectKey);
  const decision = known
    ? decideEffect(
        {
          state: "CONFIRMED",
          requestHash: known.requestHash,
          taskId: "",
          sentAgoMs: 0,
          unsureAgoMs: Number.POSITIVE_INFINITY,
          firstAgoMs: 0,
          heldByOther: false,
          otherDueInMs: 0,
          ofNewer: false,
        },
        { requestHash, mode: call.idempotency, taskId: "", quietPeriodMs: 0, keptMs: Number.POSITIVE_INFINITY },
      )
    : { do: "send" as const };
  if (decision.do === "useResult") {
    walk.effects.push({ call });
    passOn(walk, work, call, known?.result);
  } else if (decision.do === "send") await send(walk, work, call, requestHash);
  else {
    const message = `Another request for ${call.documentKey} was made in the same run; this one differs and was not sent.`;
    fail(walk, work, { node: call.node, item: call.item, class: "duplicate", reason: { code: "effectDiffers", message } });
  }
}

async function send(walk: Walk, work: Work, call: EffectCall, requestHash: string): Promise<void> {
  const sent: DryEffect = { call };
  walk.effects.push(sent);
  await step(walk, work, call, sent, requestHash);
}

/** One request of an effect, and those that follow it in an operation of several steps. */
async function step(walk: Walk, work: Work, call: EffectCall, sent: DryEffect, requestHash: string): Promise<void> {
  const { plan, clock, parts } = walk;
  const { node, item } = call;
  let response: RawResponse;
  try {
    const performed = await parts.perform(call, requestHash);
    if ("recalled" in performed) return recall(walk, work, call, requestHash, performed);
    response = performed;
    sent.response = performed;
  } catch (raw) {
    const message = raw instanceof Error ? raw.message : String(raw);
    fail(walk, work, { node, item, class: "bug", reason: { code: "effectNotPerformed", message } });
    return;
  }
  const before = call.step ? { before: call.step.before } : {};
  const job: AnswerJob = { planKey: plan.key, node, item, clock, question: "request", response, ...before };
  const read = await (parts.read ?? answer)(plan, job);
  if (!read.ok) {
    fail(walk, work, { node, item, class: read.class, reason: read.reason });
    return;
  }
  if (read.next) return step(walk, work, atStep(call, read.next), sent, requestHash);
  walk.ledger.set(call.effectKey, { requestHash, result: read.result });
  passOn(walk, work, call, read.result);
}

/** Goes on as the same request did before; where none did, the task waits for an answer that nobody has. */
function recall(walk: Walk, work: Work, call: EffectCall, requestHash: string, recalled: Recalled): void {
  const { node, item } = call;
  if (recalled.recalled === "unknown") walk.unknown.add(node);
  else if (recalled.recalled === "failure") {
    fail(walk, work, { node, item, class: recalled.class, reason: recalled.reason });
  } else {
    walk.ledger.set(call.effectKey, { requestHash, result: recalled.result });
    passOn(walk, work, call, recalled.result);
  }
}

/** Gives the item and the answer to what follows the effect. The documents of a batch that were refused fail for themselves. */
function passOn(walk: Walk, work: Work, call: EffectCall, result: unknown): void {
  const node = walk.plan.flow.nodes.find((each) => each.id === call.node);
  setStatus(walk.nodes, call.node, "done");
  const manifest = node && walk.plan.lock.manifests[node.type];
  const outputs = node ? effectOutputs(manifest, node, call.item, result) : {};
  // Born before the batch ends: a join waits for each of its documents.
  const alone = refusedOf(call.item, manifest?.effect?.list, result).map((each) => ({
    ...each,
    work: born(walk, work, { kind: "effect", node: call.node, port: null, item: each.item }),
  }));
  const followed = Object.entries(outputs)
    .filter(([, item]) => item !== undefined)
    .map(([port, item]) => follow(walk, work, { node: call.node, port, item }));
  const nothing = alone.length > 0 && outputs.out === undefined;
  done(walk, work, nothing || followed.includes(true));
  for (const { work: task, ...failure } of alone) fail(walk, task, { node: call.node, ...failure });
}
