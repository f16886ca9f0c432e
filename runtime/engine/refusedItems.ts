import type { AnswerResult, Plan } from "#nodes/plan.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import type { ClaimedTask } from "#runtime/store/tasks.ts";
import { type Failure, nextState } from "./outcome.ts";
import { policyOf } from "./segmentTask.ts";
import { effectTask, itemPathOf, routedEnd } from "./successors.ts";

type GoodAnswer = Extract<AnswerResult, { ok: true }>;

/** The effect that sent a batch. */
interface Batch {
  task: ClaimedTask;
  plan: Plan;
  connection: OpenConnection;
}

/** Whether a port has anything, gone on with already or not. */
export const carries = ({ outputs, followed = [] }: GoodAnswer, port: string): boolean =>
  outputs[port] !== undefined || followed.some((each) => each.port === port);

/**
 * The documents of a batch that the system refused, each a task of its own: tried again alone where its class may pass, a
 * dead letter or on an error way where it does not.
 */
export function refusedItems({ task, plan, connection }: Batch, { refused = [] }: GoodAnswer): NewTask[] {
  return refused.flatMap(({ call, class: kind, reason }, place) => {
    const alone = { ...effectTask(task, plan, call), itemPath: itemPathOf(task.itemPath, task.node, place) };
    const failure: Failure = { class: kind, reason };
    const next = nextState(failure, {
      attempt: 1,
      ageMs: 0,
      random: Math.random(),
      policy: policyOf(plan, task.node),
      viaConnection: true,
    });
    if (next.state === "READY") return [{ ...alone, due: { afterMs: next.waitMs } }];
    const letter = { node: task.node, item: call.item, class: next.class, reason: next.reason };
    const routed = routedEnd(task, plan, letter);
    if (routed) return routed.successors;
    const { item: _item, ...why } = letter;
    const end = { connector: connection.connector, connectionId: connection.id, edges: [], attempts: 1 };
    return [{ ...alone, ended: { state: "DEAD" as const, ...why, ...end } }];
  });
}
