import type { RefusedCall } from "#nodes/plan.ts";
import { laterRequests } from "#runtime/store/laterRequests.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import { type Effect, type GoodAnswer, pauseConnection } from "./effect.ts";
import { readAnswer } from "./effectAnswer.ts";
import { nextState } from "./outcome.ts";
import { policyOf } from "./segmentTask.ts";
import { effectTask, itemPathOf, routedEnd } from "./successors.ts";

/** The effect that sent a batch. */
type Batch = Pick<Effect, "parts" | "task" | "plan" | "connection">;

/** Whether a port has anything, gone on with already or not. */
export const carries = ({ outputs, followed = [] }: GoodAnswer, port: string): boolean =>
  outputs[port] !== undefined || followed.some((each) => each.port === port);

const alone = ({ task, plan }: Batch, { call }: RefusedCall, place: number): NewTask => ({
  ...effectTask(task, plan, call),
  itemPath: itemPathOf(task.itemPath, task.node, place),
});

/** Where the batch stood of which a task's document was refused; undefined for what was no document of a batch. */
const batchPathOf = ({ itemPath, node }: Pick<ClaimedTask, "itemPath" | "node">): string | undefined => {
  const cut = itemPath.lastIndexOf("/");
  return itemPath.slice(cut + 1).startsWith(`${node}:`) ? itemPath.slice(0, cut) : undefined;
};

/** Whether the effect is of a refused document for which a later request of the node has set the same. */
export async function isOutOfDate(effect: Effect): Promise<boolean> {
  const { parts, task, operation } = effect;
  const path = batchPathOf(task);
  if (path === undefined || operation.items?.subject === undefined) return false;
  const rows = await laterRequests(parts.db, task, path);
  if (rows.length === 0) return false;
  const later = rows.map(({ state, input, result }) => `{"state":"${state}","item":${input},"result":${result ?? "null"}}`);
  const answer = await readAnswer(effect, "superseded", { status: 200, headers: {}, body: `[${later.join(",")}]` });
  // Where that cannot be told the document is sent: it was refused, and nobody else will send it.
  return answer.ok && answer.found;
}

/**
 * The documents of a batch that the system refused in an earlier delivery of it, each a task of its own once more: the ledger
 * tells what has become of it since, and what stands is not sent.
 */
export const itemsAlone = (batch: Batch, { refused = [] }: GoodAnswer): NewTask[] =>
  refused.map((each, place) => alone(batch, each, place));

/**
 * The documents of a batch that the system refuses, each a task of its own: tried again alone where its class may pass, a
 * dead letter or on an error way where it does not. That it was in the batch is its first attempt.
 */
export async function refusedItems(batch: Batch, { refused = [] }: GoodAnswer): Promise<NewTask[]> {
  const { task, plan, connection } = batch;
  const tasks: NewTask[] = [];
  let paused = false;
  for (const [place, each] of refused.entries()) {
    const { call, class: kind, reason, retryAfterMs } = each;
    const next = nextState(
      { class: kind, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
      { attempt: 1, ageMs: 0, random: Math.random(), policy: policyOf(plan, task.node), viaConnection: true },
    );
    if (next.state === "READY") {
      if (next.pauseConnection && !paused) await pauseConnection(batch, reason.message);
      paused ||= next.pauseConnection;
      tasks.push({ ...alone(batch, each, place), due: { afterMs: next.waitMs }, attempt: next.burned ? 1 : 0 });
      continue;
    }
    const letter = { node: task.node, item: call.item, class: next.class, reason: next.reason };
    const routed = routedEnd(task, plan, letter);
    if (routed) tasks.push(...routed.successors);
    else {
      const { item: _item, ...why } = letter;
      const end = { connector: connection.connector, connectionId: connection.id, edges: [], attempts: 1 };
      tasks.push({ ...alone(batch, each, place), ended: { state: "DEAD", ...why, ...end } });
    }
  }
  return tasks;
}
