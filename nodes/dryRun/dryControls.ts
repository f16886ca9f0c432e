import type { ControlAct } from "#nodes/controlNode.ts";
import { evaluateSegment } from "#nodes/evaluate.ts";
import type { ControlCall, Plan } from "#nodes/plan.ts";
import { decideJoin, decideSubFlow, outsideSplit } from "./controlDecision.ts";
import {
  born,
  done,
  fail,
  follow,
  goOn,
  isWired,
  type Scope,
  type SubFlowEnd,
  type TaskFailure,
  type Walk,
  type Work,
} from "./dryWalk.ts";
import { addPorts, setStatus } from "./traceNodes.ts";

/** Digits of an item's place in its path: places of the largest split sort as text. */
const PLACE_DIGITS = 7;

/** The first call that cannot be followed; then nothing of the segment is. */
export function refusedCall({ scope }: Work, calls: readonly ControlCall[]): TaskFailure | undefined {
  for (const { node, item, act } of calls) {
    if (act.act !== "join" || (scope?.split === act.split && scope.join === node)) continue;
    return { node, item, class: "invalid", reason: outsideSplit(node, act.split) };
  }
  return undefined;
}

/** What a control node asks for in a segment. True when a task came of it. */
export function followCall(walk: Walk, parent: Work, call: ControlCall): boolean {
  const { node, port, item, act } = call;
  switch (act.act) {
    case "split":
      return split(walk, parent, node, act.items);
    case "join": {
      const { scope } = parent;
      const arrival = born(walk, parent, { kind: "control", node, port, item, scope: null });
      arrival.task.state = "DONE";
      scope?.arrived.push({ itemPath: arrival.task.itemPath, item });
      return true;
    }
    case "delay":
      // Nobody waits here for what a worker would wait for.
      walk.handed.push(call);
      setStatus(walk.nodes, node, "done");
      return follow(walk, parent, { node, port: "out", item });
    case "respond":
      setStatus(walk.nodes, node, "done");
      walk.response ??= { status: act.status, body: act.body };
      return false;
    default:
      walk.handed.push(call);
      walk.due.push(born(walk, parent, { kind: "control", node, port, item, act }));
      return true;
  }
}

function split(walk: Walk, parent: Work, node: string, elements: readonly unknown[]): boolean {
  setStatus(walk.nodes, node, "done");
  const items = isWired(walk, node, "item") ? elements : [];
  const join = walk.plan.flow.nodes.find((each) => each.type === "join" && each.config?.split === node && !each.disabled);
  let scope: Scope | null | undefined;
  if (join) {
    const fires = born(walk, parent, { kind: "control", node: join.id, port: null, item: null });
    scope = { split: node, join: join.id, expected: items.length, open: 0, dead: 0, arrived: [], fires };
    fires.gathers = scope;
    if (items.length === 0) walk.due.push(fires);
  }
  items.forEach((item, place) => {
    const itemPath = `${parent.task.itemPath}/${node}:${String(place).padStart(PLACE_DIGITS, "0")}`;
    follow(walk, parent, { node, port: "item", item, itemPath, ...(scope ? { scope } : {}) });
  });
  return join !== undefined || items.length > 0;
}

/** Does what a control task is due for; one that cannot yet stays as it is. */
export async function controlTask(walk: Walk, work: Work): Promise<void> {
  if (work.gathers) return fireJoin(walk, work, work.gathers);
  const { item, act } = work;
  switch (act?.act) {
    case "wait":
      return meet(walk, work, act);
    case "batch":
      // A batch of one, in a run of its own: no split is around it any more.
      return goOn(walk, work, "out", [item], { scope: null, itemPath: "" });
    case "coalesce":
      return goOn(walk, work, "out", item);
    case "subFlow":
      return subFlow(walk, work, act.flow);
  }
}

function fireJoin(walk: Walk, work: Work, { expected, dead, open, arrived }: Scope): void {
  const inOrder = arrived.toSorted((a, b) => (a.itemPath < b.itemPath ? -1 : a.itemPath > b.itemPath ? 1 : 0));
  const items = inOrder.map(({ item }) => JSON.stringify(item ?? null));
  const { node } = work.task;
  const decision = decideJoin({ expected, dead, open, items }, isWired(walk, node, "incomplete"));
  if (decision.go === "on") goOn(walk, work, decision.port, decision.item);
  if (decision.go === "fail") fail(walk, work, { ...decision, node, item: null });
}

/** The oldest of the other side with an equal key, or the message that was given for this node; else it waits. */
async function meet(walk: Walk, work: Work, { key, side }: Extract<ControlAct, { act: "wait" }>): Promise<void> {
  const { node } = work.task;
  const at = walk.meeting.findIndex((one) => one.work.task.node === node && one.side !== side && one.key === key);
  const other = walk.meeting[at];
  if (other) {
    walk.meeting.splice(at, 1);
    const [waiting, message] = side === "in" ? [work, other.work] : [other.work, work];
    done(walk, message, true);
    goOn(walk, waiting, "out", { item: waiting.item, message: message.item });
    return;
  }
  const { messages = {}, met } = walk.parts;
  const before = side === "in" && met && Object.hasOwn(met, node) ? met[node] : [];
  for (const message of before ?? []) {
    const found = await messageKey(walk, node, message);
    if (!("key" in found) || found.key !== key) continue;
    addPorts(walk.nodes, { [node]: { inputs: { message: [message] }, outputs: {} } });
    return goOn(walk, work, "out", { item: work.item, message });
  }
  if (side === "in" && Object.hasOwn(messages, node)) {
    const message = messages[node];
    addPorts(walk.nodes, { [node]: { inputs: { message: [message] }, outputs: {} } });
    const found = await messageKey(walk, node, message);
    if ("reason" in found) return fail(walk, work, { ...found, item: message });
    if (found.key === key) return goOn(walk, work, "out", { item: work.item, message });
  }
  walk.meeting.push({ work, key, side });
}

/** The key of a given message, found by the node's own expression: as if an edge led the message in. */
async function messageKey({ plan, clock, parts }: Walk, node: string, message: unknown): Promise<{ key: string } | TaskFailure> {
  const entry = { node: clock.sourceNode, port: "out" };
  const edge = { id: "message", from: entry, to: { node, port: "message" } };
  const single: Plan = { ...plan, key: `${plan.key}/message/${node}`, flow: { ...plan.flow, edges: [edge] } };
  const job = { planKey: single.key, entry, item: message, clock };
  const result = await (parts.evaluate ?? evaluateSegment)(single, job);
  if (!result.ok) return result;
  const act = result.controls[0]?.act;
  return { key: act?.act === "wait" ? act.key : "" };
}

async function subFlow(walk: Walk, work: Work, flow: string): Promise<void> {
  const { task, item } = work;
  let ended: SubFlowEnd | undefined;
  try {
    ended = await walk.parts.subFlow?.({ node: task.node, flow, item });
  } catch (raw) {
    const message = raw instanceof Error ? raw.message : String(raw);
    return fail(walk, work, { node: task.node, item, class: "bug", reason: { code: "subFlow.notRun", message } });
  }
  // Nobody has the flow: the item waits.
  if (!ended) return;
  const decision = decideSubFlow(childRun(ended, flow), item);
  if (decision.go === "on") goOn(walk, work, decision.port, decision.item);
  if (decision.go === "fail") fail(walk, work, { ...decision, node: task.node, item });
}

function childRun({ state, waiting, response, failures }: SubFlowEnd, flow: string) {
  const last = failures.at(-1);
  return {
    id: flow,
    state: waiting ? ("RUNNING" as const) : state,
    response: response && JSON.stringify(response),
    failedNode: last?.node ?? null,
    failedClass: last?.class ?? null,
  };
}
