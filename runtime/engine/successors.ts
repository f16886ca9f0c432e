import { outsideSplit } from "#nodes/dryRun/controlDecision.ts";
import { errorItem, errorRoute } from "#nodes/errorRoute.ts";
import type { ControlCall, EffectCall, Plan } from "#nodes/plan.ts";
import { newId, sha256 } from "#runtime/store/ids.ts";
import type { NewScope, NewTask, Outcome } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { DeployedFlow } from "./deployments.ts";
import { engineFingerprint } from "./parts.ts";

/** Up to this many items of a split are gone on with at once by the worker that made them; more are for all workers. */
const SPLIT_IN_PLACE = 8;

/** Sub-flows may call sub-flows this deep; deeper is a flow that calls itself by a detour. */
const MAX_DEPTH = 8;

/** Digits of an item's place in its path: places of the largest split sort as text. */
const PLACE_DIGITS = 7;

/** What the outcome of a task brings about. */
export interface Successors {
  successors: NewTask[];
  scopes: NewScope[];
  /** JSON text of the answer to whoever called the flow. */
  response?: string;
}

/** A control node that cannot do what it should for this item. */
export interface ControlFailure {
  node: string;
  item: unknown;
  class: OutcomeClass;
  reason: Reason;
}

type Parent = Pick<ClaimedTask, "itemPath" | "workerGroup" | "scopeId" | "depth">;

const task = (parent: Parent, more: Partial<NewTask> & Pick<NewTask, "kind" | "node" | "port" | "input">): NewTask => ({
  id: newId(),
  itemPath: parent.itemPath,
  call: null,
  effectKey: null,
  connectionId: null,
  workerGroup: parent.workerGroup,
  inPlace: false,
  intent: null,
  ...more,
});

/** What follows an output port, gone on with at once by the worker that holds the parent. */
export const segmentAfter = (parent: Parent, node: string, port: string, item: unknown): NewTask =>
  task(parent, { kind: "segment", node, port, input: JSON.stringify(item ?? null), inPlace: true });

export const isWired = (plan: Plan, node: string, port: string): boolean =>
  plan.flow.edges.some((edge) => edge.from.node === node && edge.from.port === port);

/** The tasks that control calls ask for. `subFlow` finds what is deployed of a flow to be called. */
export async function controlSuccessors(
  parent: Parent,
  plan: Plan,
  calls: readonly ControlCall[],
  subFlow: (flow: string) => Promise<DeployedFlow | undefined>,
): Promise<{ ok: true; made: Successors } | { ok: false; failure: ControlFailure }> {
  const made: Successors = { successors: [], scopes: [] };
  for (const call of calls) {
    const failure = await add(made, parent, plan, call, subFlow);
    if (failure) return { ok: false, failure: { node: call.node, item: call.item, class: "invalid", reason: failure } };
  }
  return { ok: true, made };
}

async function add(
  made: Successors,
  parent: Parent,
  plan: Plan,
  { node, port, item, act }: ControlCall,
  subFlow: (flow: string) => Promise<DeployedFlow | undefined>,
): Promise<Reason | undefined> {
  const input = JSON.stringify(item ?? null);
  const control = (more: Partial<NewTask>): NewTask => task(parent, { kind: "control", node, port, input, ...more });
  switch (act.act) {
    case "split":
      addSplit(made, parent, plan, node, act.items);
      return undefined;
    case "join":
      if (parent.scopeId === null || joinedSplitOf(parent.itemPath, plan) !== act.split) return outsideSplit(node, act.split);
      made.successors.push(control({ port: "in", arrived: true }));
      return undefined;
    case "delay": {
      const due = "until" in act ? { at: act.until } : { afterMs: act.waitMs };
      const waits = "until" in act ? Date.parse(act.until) > Date.now() : act.waitMs > 0;
      const next = segmentAfter(parent, node, "out", item);
      if (isWired(plan, node, "out")) made.successors.push(waits ? { ...next, inPlace: false, due } : next);
      return undefined;
    }
    case "wait":
      made.successors.push(control({ port: act.side, due: { afterMs: act.waitMs }, meet: { act: "wait", key: act.key } }));
      return undefined;
    case "batch":
      made.successors.push(control({ due: "never", meet: act }));
      return undefined;
    case "coalesce":
      made.successors.push(
        control({
          call: JSON.stringify({ version: act.version }),
          due: { afterMs: act.waitMs },
          meet: { act: "coalesce", key: act.key, version: act.version },
        }),
      );
      return undefined;
    case "subFlow": {
      const child = childOf(await subFlow(act.flow), parent);
      if ("code" in child) return child;
      made.successors.push(control({ due: "never", child: { flow: act.flow, ...child } }));
      return undefined;
    }
    case "respond":
      made.response ??= JSON.stringify({ status: act.status, body: act.body });
      return undefined;
  }
}

/** The way to one of the items that a node makes of one. */
export const itemPathOf = (above: string, node: string, place: number): string =>
  `${above}/${node}:${String(place).padStart(PLACE_DIGITS, "0")}`;

function addSplit(made: Successors, parent: Parent, plan: Plan, node: string, elements: unknown[]): void {
  const items = isWired(plan, node, "item") ? elements : [];
  const join = plan.flow.nodes.find((each) => each.type === "join" && each.config?.split === node && !each.disabled);
  const limit = join?.config?.timeoutSeconds;
  const fires = join && task(parent, { kind: "control", node: join.id, port: null, input: "null", joins: true });
  if (join && fires) {
    const due = typeof limit === "number" ? { afterMs: limit * 1000 } : ("never" as const);
    // A list without elements has nothing to wait for.
    made.successors.push(items.length === 0 ? { ...fires, inPlace: true } : { ...fires, due });
    made.scopes.push({ id: fires.id, split: node, join: join.id, joinTask: fires.id, expected: items.length });
  }
  items.forEach((item, place) => {
    made.successors.push({
      ...segmentAfter(parent, node, "item", item),
      inPlace: items.length <= SPLIT_IN_PLACE,
      itemPath: itemPathOf(parent.itemPath, node, place),
      ...(fires ? { scopeId: fires.id } : {}),
    });
  });
}

/** The innermost split of an item path that has a join. */
function joinedSplitOf(itemPath: string, plan: Plan): string | undefined {
  const splits = itemPath.split("/").flatMap((part) => (part === "" ? [] : [part.slice(0, part.lastIndexOf(":"))]));
  return splits.findLast((split) =>
    plan.flow.nodes.some((each) => each.type === "join" && each.config?.split === split && !each.disabled),
  );
}

function childOf(
  deployed: DeployedFlow | undefined,
  parent: Parent,
): { version: string; number: number; deployment: string; node: string; depth: number } | Reason {
  const version = deployed?.versions.at(-1);
  if (!deployed || !version || deployed.state === "paused") {
    return {
      code: "subFlow.notDeployed",
      message: "The flow to be called is not deployed and active in this environment.",
      hint: "Deploy it there, then retry.",
    };
  }
  const source = version.flow.nodes.find((each) => each.type === "sub-flow-input" && !each.disabled);
  if (!source) {
    return {
      code: "subFlow.noInput",
      message: "The flow to be called has no Sub-flow input.",
      hint: "Add a Sub-flow input to it, publish and deploy it, then retry.",
    };
  }
  if (parent.depth >= MAX_DEPTH) {
    return {
      code: "subFlow.tooDeep",
      message: `Sub-flows call each other more than ${MAX_DEPTH} deep.`,
      hint: "Look for a flow that calls itself through another.",
    };
  }
  return {
    version: version.id,
    number: version.number,
    deployment: deployed.deploymentId,
    node: source.id,
    depth: parent.depth + 1,
  };
}

/** The task of an effect that a segment asks for. */
export function effectTask(parent: Parent, plan: Plan, call: EffectCall): NewTask {
  const node = plan.flow.nodes.find((each) => each.id === call.node);
  const binding = node?.slot ? plan.bindings[node.slot] : undefined;
  if (!node || !binding) throw new Error(`Node "${call.node}" has no connection bound to its slot in ${plan.environment}.`);
  const { item, ...rest } = call;
  return task(parent, {
    kind: "effect",
    node: call.node,
    port: null,
    input: JSON.stringify(item ?? null),
    call: JSON.stringify(rest),
    effectKey: call.read ? null : call.effectKey,
    connectionId: binding.connectionId,
    intent: call.read ? null : intentOf(call, binding.connectionId, node.type),
  });
}

/** What the ledger keeps of an effect before its request leaves. */
export function intentOf(call: Omit<EffectCall, "item">, connectionId: string, operation: string) {
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

/** The item's way on after a failure for good; undefined when there is none: then it is a dead letter. */
export function routedEnd(
  parent: Parent,
  plan: Plan,
  failure: ControlFailure,
): Extract<Outcome["end"], { state: "DONE" }> | undefined {
  const route = errorRoute(plan.flow, failure.node, failure.class);
  if (!route) return undefined;
  const { node, item, class: kind, reason } = failure;
  return {
    state: "DONE",
    result: null,
    edges: [],
    outputHash: null,
    engine: engineFingerprint,
    successors: [segmentAfter(parent, route.node, route.port, errorItem(item, node, kind, reason))],
    routed: { node, class: kind, reason },
  };
}

/** One segment for each output port of an effect that leads somewhere. */
export function followers(
  { plan, task }: { plan: Plan; task: ClaimedTask },
  outputs: Readonly<Record<string, unknown>>,
): NewTask[] {
  const ports = new Set(plan.flow.edges.filter((edge) => edge.from.node === task.node).map((edge) => edge.from.port));
  return [...ports].flatMap((port) => (outputs[port] === undefined ? [] : [segmentAfter(task, task.node, port, outputs[port])]));
}
