import { type Decision, decideJoin, decideSubFlow } from "#nodes/dryRun/controlDecision.ts";
import type { Plan } from "#nodes/plan.ts";
import { childRun, closeScope, reopenScope } from "#runtime/store/controls.ts";
import { newId } from "#runtime/store/ids.ts";
import type { NewTask, Outcome } from "#runtime/store/outcomes.ts";
import { meetAgain } from "#runtime/store/successors.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import type { Reason } from "#schemas/outcome.ts";
import { itemBefore, tooLargeItem } from "./itemSize.ts";
import { type EngineParts, engineFingerprint } from "./parts.ts";
import { endedBadly } from "./segmentTask.ts";
import { isWired, segmentAfter } from "./successors.ts";

/** A control task that is not done yet looks again after this. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Ends a control task that has become due: a join fires, a wait has met or its time ran out, a coalesced item goes on,
 * a sub-flow has answered. Answers null when the task turned out to be somebody else's.
 */
export async function controlTask(parts: EngineParts, task: ClaimedTask, plan: Plan): Promise<Outcome | null> {
  const startedAt = new Date();
  const node = plan.flow.nodes.find((each) => each.id === task.node);
  const item: unknown = task.input === null ? null : JSON.parse(task.input);
  const decision = await decide(parts, task, plan, node?.type ?? "", item);
  if (!decision) return null;
  if (decision.go === "fail") {
    const { class: kind, reason } = decision;
    const outcome = endedBadly(task, plan, { node: task.node, item, class: kind, reason, edges: [] }, startedAt);
    if (task.port === null && outcome.end.state === "DEAD") await reopenScope(parts.db, task.id, task.epoch);
    return outcome;
  }
  if (decision.go === "wait") {
    const reason: Reason = { code: "control.waits", message: "What the item waits for has not come yet." };
    return {
      task,
      end: { state: "READY", waitMs: LOOK_AGAIN_MS, burned: false, evaluatorDied: false, class: "transient", reason },
      attempt: null,
      settlement: null,
      milestone: null,
    };
  }
  const successors = following(task, plan, decision);
  const large = tooLargeItem(plan, successors, parts.settings.maxItemBytes);
  if (large) {
    const before = itemBefore(item, decision.go === "on" ? decision.item : null, parts.settings.maxItemBytes);
    return endedBadly(task, plan, { ...large, node: task.node, item: before, edges: [] }, startedAt);
  }
  return {
    task,
    end: { state: "DONE", result: null, edges: [], outputHash: null, engine: engineFingerprint, successors },
    attempt: null,
    settlement: null,
    milestone: null,
  };
}

function following(task: ClaimedTask, plan: Plan, decision: Decision): NewTask[] {
  if (decision.go === "on") {
    return isWired(plan, task.node, decision.port) ? [segmentAfter(task, task.node, decision.port, decision.item)] : [];
  }
  if (decision.go !== "arrive") return [];
  // A letter of an item that came too late is retried: it arrives again, now perhaps in time.
  const { node, itemPath, workerGroup } = task;
  const again = { id: newId(), kind: "control" as const, node, port: "in", itemPath, workerGroup, input: task.input ?? "null" };
  return [
    {
      ...again,
      call: null,
      effectKey: null,
      connectionId: null,
      inPlace: false,
      intent: null,
      arrived: true,
      scopeId: task.scopeId,
    },
  ];
}

async function decide(parts: EngineParts, task: ClaimedTask, plan: Plan, type: string, item: unknown): Promise<Decision | null> {
  const call = readCall(task.call);
  switch (type) {
    case "join": {
      if (task.port === "in") return { go: "arrive" };
      const gathered = await closeScope(parts.db, task.id, task.epoch);
      return gathered ? decideJoin(gathered, isWired(plan, task.node, "incomplete")) : null;
    }
    case "wait":
      return decideWait(task, plan, task.call === null ? readCall(await lookAgain(parts, task)) : call, item);
    case "coalesce":
      return call.supersededBy ? { go: "end" } : { go: "on", port: "out", item };
    case "sub-flow":
      return decideSubFlow(await childRun(parts.db, task.id), item);
    default:
      // Retried by hand after the version lost its meaning, or a batch whose item is woken: it stays where it is.
      return { go: "wait" };
  }
}

interface Call {
  /** JSON text of the message that met the item. */
  message?: string;
  /** The task of the item that met the message. */
  met?: string;
  supersededBy?: string;
}

const readCall = (text: string | null): Call => (text === null ? {} : (JSON.parse(text) as Call));

const lookAgain = (
  { db }: EngineParts,
  { id, node, port, input, environment, flow, epoch }: ClaimedTask,
): Promise<string | null> => meetAgain(db, { id, node, port, input: input ?? "null", from: { environment, flow } }, epoch);

function decideWait(task: ClaimedTask, plan: Plan, call: Call, item: unknown): Decision {
  if (task.port === "message") return call.met ? { go: "end" } : decideTimeout(plan, task.node, "unmatched", item);
  if (call.message === undefined) return decideTimeout(plan, task.node, "timeout", item);
  return { go: "on", port: "out", item: { item, message: JSON.parse(call.message) as unknown } };
}

function decideTimeout(plan: Plan, node: string, port: "timeout" | "unmatched", item: unknown): Decision {
  if (isWired(plan, node, port)) return { go: "on", port, item };
  const reason: Reason =
    port === "timeout"
      ? {
          code: "wait.timeout",
          message: `No message came in time for the item that waits at "${node}".`,
          hint: "Retry looks again; a message that came later is still met while it is kept.",
        }
      : {
          code: "wait.unmatched",
          message: `No item waited at "${node}" for this message in time.`,
          hint: "Check the keys of both sides. Retry lets the message wait again.",
        };
  return { go: "fail", class: "timeout", reason };
}
