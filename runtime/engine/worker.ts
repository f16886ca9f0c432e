import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Plan } from "#nodes/plan.ts";
import { EvaluatorsAway } from "#runtime/evaluate/pool.ts";
import type { Hint, HintListener } from "#runtime/queue/hintQueues.ts";
import { goingOn } from "#runtime/store/bornEnded.ts";
import type { Checkpointed, Outcome } from "#runtime/store/checkpoint.ts";
import { isPassing } from "#runtime/store/database.ts";
import { newId } from "#runtime/store/ids.ts";
import { type ClaimedTask, releaseTasks, renewLeases, unhint } from "#runtime/store/tasks.ts";
import { type Admission, admission } from "./admission.ts";
import { controlTask } from "./controlTask.ts";
import type { DeployedFlow } from "./deployments.ts";
import { type Intended, moment, performTask } from "./effectTask.ts";
import { bugOutcome, notNowOutcome } from "./ownOutcomes.ts";
import type { EngineParts } from "./parts.ts";
import { evaluateTask } from "./segmentTask.ts";
import { taskGroups } from "./taskGroups.ts";

/** A task that cannot go on now (its connection is shut or has no deployment) is looked at again after this. */
const LATER_MS = 5_000;

/** Time for the queue to say goodbye after the tasks have ended. */
const LEAVE_MS = 1_000;

export interface Worker {
  /** Takes no more hints, waits for what is under way up to `graceMs`, gives the rest back. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a worker: it turns hints into claimed tasks and runs each to its checkpoint. */
export async function startWorker(parts: EngineParts, environments: string[]): Promise<Worker> {
  const runner = taskRunner(parts);
  const listeners: HintListener[] = [];
  const { queues, settings } = parts;
  for (const environment of environments) {
    const scope = { environment, workerGroup: settings.workerGroup };
    for (const queue of ["evaluate", "effect"] as const) {
      listeners.push(await queues.listen(queue, scope, settings.workerConcurrency, (hint) => runner.take(hint)));
    }
  }
  const renewal = setInterval(() => void runner.renew(), settings.leaseMs / 3);
  return {
    async stop(graceMs) {
      const leaving = Promise.all(listeners.map((listener) => listener.close()));
      await runner.drain(graceMs);
      clearInterval(renewal);
      // Their handlers have ended, or belong to tasks that were given back.
      await Promise.race([leaving, sleep(LEAVE_MS, undefined, { ref: false })]);
    },
  };
}

/** A task that this worker goes on with; `intent` when its ledger row was written new with it. */
interface Successor {
  task: ClaimedTask;
  intent: Intended | null;
}

interface Runner {
  take(hint: Hint): Promise<void>;
  renew(): Promise<void>;
  drain(graceMs: number): Promise<void>;
}

function taskRunner(parts: EngineParts): Runner {
  const { settings, db, log } = parts;
  const worker = `${hostname()}:${process.pid}:${newId().slice(-6)}`;
  const rooms = admission();
  const held = new Set<ClaimedTask>();
  const under = new Set<Promise<void>>();
  let stopping = false;
  /** Everything still held was given back: this process is about to end. */
  let given = false;

  const groups = taskGroups(parts, worker, () => given);

  /** A place for an effect to be done in place; none behind a shut connection, where it would only wait. */
  const admitTo =
    (deployed: DeployedFlow) =>
    (connectionId: string, plan: Plan, nodeId: string): boolean => {
      const open = [...deployed.connections.values()].some((each) => each.id === connectionId && each.state === "active");
      return open && !stopping && enter(rooms, connectionId, plan, nodeId);
    };

  const runTask = async (task: ClaimedTask, admitted: boolean, intent: Intended | null): Promise<void> => {
    held.add(task);
    let placed = admitted;
    let next: Successor[] = [];
    try {
      const deployed = await parts.deployments.find(task.environment, task.flow);
      if (!deployed) return await later(task, intent, "The flow has no deployment there.");
      const plan = await deployed.plan(task.versionId);
      let outcome: Outcome | null;
      if (task.kind === "segment") {
        outcome = await evaluateTask(parts, task, plan, admitTo(deployed));
      } else if (task.kind === "control") {
        outcome = await controlTask(parts, task, plan);
      } else {
        const connection = task.connectionId ? await parts.deployments.connection(task.connectionId) : undefined;
        if (connection?.state !== "active") {
          return await later(task, intent, `The connection ${connection?.name ?? "of the node"} is not active.`);
        }
        if (!placed) placed = enter(rooms, connection.id, plan, task.node);
        if (!placed) {
          await releaseTasks(db, [task]);
          rooms.wait(connection.id, task.id);
          return;
        }
        outcome = await performTask(parts, task, plan, connection, intent, admitTo(deployed));
      }
      if (outcome) next = await checkpointed(outcome);
    } catch (error) {
      if (isPassing(error) || error instanceof EvaluatorsAway) await giveBack(task, error);
      else await failSafely(task, error);
    } finally {
      held.delete(task);
      if (task.connectionId) leave(task.connectionId, placed);
    }
    await Promise.all(next.map((each) => runTask(each.task, each.task.kind === "effect", each.intent)));
  };

  const checkpointed = async (outcome: Outcome): Promise<Successor[]> => {
    const successors = goingOn(outcome);
    const inPlace = successors.filter(({ next }) => next.inPlace);
    const leaveAll = () => {
      for (const { next } of inPlace) if (next.connectionId) leave(next.connectionId, true);
    };
    let done: Checkpointed | undefined;
    const askedAt = moment();
    try {
      done = await groups.commitSurely(outcome);
    } finally {
      if (!done?.written || done.cancelled) leaveAll();
    }
    if (!done.written || done.cancelled) return [];
    for (const { next } of successors) if (!next.inPlace && next.connectionId) rooms.wait(next.connectionId, next.id);
    return inPlace.map(({ task }) => ({ task, intent: done.intended.has(task.id) ? { at: askedAt } : null }));
  };

  /** Neither the task nor what it holds is to blame; nothing is counted against it. */
  const giveBack = async (task: ClaimedTask, error: unknown): Promise<void> => {
    log.warn({ task: task.id, error: String(error) }, "A task is given back until the database and the evaluators answer.");
    await releaseTasks(db, [task], LATER_MS).catch(() => log.debug({ task: task.id }, "The lease will run out instead."));
  };

  /** A fault of our own: tried again like a transient one, then a dead letter of class `bug`. */
  const failSafely = async (task: ClaimedTask, error: unknown): Promise<void> => {
    log.error(
      { task: task.id, node: task.node, error: error instanceof Error ? error.stack : String(error) },
      "A task could not be run.",
    );
    await groups
      .commit(bugOutcome(task, error, settings.poisonAfter))
      .catch((failure: unknown) =>
        log.warn({ task: task.id, error: String(failure) }, "The failure could not be recorded; the lease will run out."),
      );
  };

  /** Looks at a task again later. An effect whose intent stands was not sent: the ledger is told so. */
  const later = async (task: ClaimedTask, intent: Intended | null, message: string): Promise<void> => {
    if (!intent || !task.effectKey) return releaseTasks(db, [task], LATER_MS);
    await groups.commit(notNowOutcome(task, task.effectKey, message, LATER_MS));
  };

  /** Gives the place back, if one was taken, and lets in who waits; whoever could not use it has passed it on. */
  const leave = (connectionId: string, placed: boolean): void => {
    if (placed) rooms.leave(connectionId);
    letIn(connectionId);
  };

  const letIn = (connectionId: string): void => {
    const next = stopping ? undefined : rooms.next(connectionId);
    if (next !== undefined) void follow(next, connectionId);
  };

  const track = (work: Promise<void>): Promise<void> => {
    under.add(work);
    return work.finally(() => under.delete(work));
  };

  const start = async (id: string, connectionId: string | undefined): Promise<void> => {
    const task = await groups.claim(id);
    if (task) await runTask(task, false, null);
    // Another worker has it: the place it was called for is still free.
    else if (connectionId) letIn(connectionId);
  };

  /** Never rejects: a task that could not be claimed is READY, and hinted again. */
  const follow = (id: string, connectionId: string | undefined): Promise<void> =>
    track(start(id, connectionId)).catch((error: unknown) => {
      log.warn({ task: id, error: String(error) }, "A hint could not be followed; the sweep gives it again.");
    });

  return {
    take: async (hint) => {
      if (stopping) {
        // Fetched at the last moment: another worker gets it at once instead of after a while.
        await unhint(db, [hint.task]).catch((error: unknown) =>
          log.debug({ error: String(error) }, "A hint is given again later."),
        );
        return;
      }
      if (hint.connection && !rooms.hasRoom(hint.connection)) {
        rooms.wait(hint.connection, hint.task);
        return;
      }
      await follow(hint.task, hint.connection);
    },
    renew: () =>
      renewLeases(db, [...held], settings.leaseMs).catch((error: unknown) =>
        log.warn({ error: String(error) }, "Leases could not be renewed."),
      ),
    drain: async (graceMs) => {
      stopping = true;
      const until = performance.now() + graceMs;
      // A task may have begun while others ended: until nothing is under way.
      while (under.size > 0 && performance.now() < until) {
        await Promise.race([Promise.allSettled(under), sleep(until - performance.now(), undefined, { ref: false })]);
      }
      given = true;
      await releaseTasks(db, [...held]).catch((error: unknown) =>
        log.warn({ error: String(error) }, "Tasks could not be given back; their leases will run out."),
      );
    },
  };
}

/** Takes a place at the connection, within what its connector allows. */
function enter(rooms: Admission, connectionId: string, plan: Plan, nodeId: string): boolean {
  const node = plan.flow.nodes.find((each) => each.id === nodeId);
  const connector = node && plan.lock.manifests[node.type]?.connector;
  const concurrency = (connector && plan.lock.connectors[connector]?.limits.concurrency) || 1;
  return rooms.enter(connectionId, concurrency);
}
