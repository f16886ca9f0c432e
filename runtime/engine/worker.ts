import { hostname } from "node:os";
import type { Plan } from "#nodes/plan.ts";
import type { Hint, HintListener } from "#runtime/queue/hintQueues.ts";
import { type Checkpointed, checkpoint, type NewTask, type Outcome } from "#runtime/store/checkpoint.ts";
import { groupCommit } from "#runtime/store/groupCommit.ts";
import { newId } from "#runtime/store/ids.ts";
import { type ClaimedTask, claimTasks, releaseTasks, renewLeases } from "#runtime/store/tasks.ts";
import { type Admission, admission } from "./admission.ts";
import { performTask } from "./effectTask.ts";
import type { EngineParts } from "./parts.ts";
import { evaluateTask } from "./segmentTask.ts";

/** Claims and checkpoints that share a round trip. */
const GROUP = 64;

/** Groups under way at once; each takes one database connection. */
const LANES = 3;

/** A task that cannot go on now (its connection is shut or has no deployment) is looked at again after this. */
const LATER_MS = 5_000;

/** After a failed checkpoint; the lease bounds how often. */
const COMMIT_RETRY_MS = 200;

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
      await Promise.all(listeners.map((listener) => listener.close()));
      await runner.drain(graceMs);
      clearInterval(renewal);
    },
  };
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
  const held = new Map<string, number>();
  const under = new Set<Promise<void>>();
  let stopping = false;

  const claim = groupCommit<string, ClaimedTask | undefined>(
    async (ids) => {
      const claimed = await claimTasks(db, [...new Set(ids)], worker, settings.leaseMs);
      const byId = new Map(claimed.map((task) => [task.id, task]));
      // Two hints for one task in a group: the first takes it.
      return ids.map((id) => {
        const task = byId.get(id);
        byId.delete(id);
        return task;
      });
    },
    { most: GROUP, lanes: LANES },
  );

  const commit = groupCommit<Outcome, Checkpointed>((outcomes) => checkpoint(db, outcomes, worker, settings.leaseMs), {
    most: GROUP,
    lanes: LANES,
  });

  /** A checkpoint may meet a database that restarts; what was done is kept until the lease is surely over. */
  const commitSurely = async (outcome: Outcome): Promise<Checkpointed> => {
    const until = performance.now() + settings.leaseMs;
    for (;;) {
      try {
        return await commit(outcome);
      } catch (error) {
        if (performance.now() > until) throw error;
        log.warn({ task: outcome.task.id, error: String(error) }, "A checkpoint failed and is tried again.");
        await new Promise((resolve) => setTimeout(resolve, COMMIT_RETRY_MS));
      }
    }
  };

  const admit = (connectionId: string, plan: Plan, nodeId: string): boolean =>
    !stopping && enter(rooms, connectionId, plan, nodeId);

  const runTask = async (task: ClaimedTask, admitted: boolean, intended: boolean): Promise<void> => {
    held.set(task.id, task.epoch);
    let placed = admitted;
    let next: { task: ClaimedTask; intended: boolean }[] = [];
    try {
      const deployed = await parts.deployments.find(task.environment, task.flow);
      if (!deployed) return await later(task);
      const plan = await deployed.plan(task.versionId);
      let outcome: Outcome | null;
      if (task.kind === "segment") {
        outcome = await evaluateTask(parts, task, plan, admit);
      } else {
        const connection = task.connectionId ? await parts.deployments.connection(task.connectionId) : undefined;
        if (!connection || connection.state !== "active") return await later(task);
        if (!placed) placed = enter(rooms, connection.id, plan, task.node);
        if (!placed) {
          await releaseTasks(db, [{ id: task.id, epoch: task.epoch }]);
          rooms.wait(connection.id, task.id);
          return;
        }
        outcome = await performTask(parts, task, plan, connection, intended);
      }
      if (outcome) next = await checkpointed(outcome);
    } catch (error) {
      log.error(
        { task: task.id, node: task.node, error: error instanceof Error ? error.stack : String(error) },
        "A task could not be run.",
      );
      await failSafely(task, error);
    } finally {
      held.delete(task.id);
      if (placed && task.connectionId) leave(task.connectionId);
    }
    await Promise.all(next.map((each) => runTask(each.task, each.task.kind === "effect", each.intended)));
  };

  const checkpointed = async (outcome: Outcome): Promise<{ task: ClaimedTask; intended: boolean }[]> => {
    const successors = outcome.end.state === "DONE" ? outcome.end.successors : [];
    const giveBack = () => {
      for (const each of successors) if (each.inPlace && each.connectionId) leave(each.connectionId);
    };
    let done: Checkpointed;
    try {
      done = await commitSurely(outcome);
    } catch (error) {
      giveBack();
      throw error;
    }
    if (!done.written) {
      giveBack();
      return [];
    }
    for (const each of successors) if (!each.inPlace && each.connectionId) rooms.wait(each.connectionId, each.id);
    return successors
      .filter((each) => each.inPlace)
      .map((each) => ({ task: claimedSuccessor(outcome, each), intended: done.intended.has(each.id) }));
  };

  /** A fault of our own: tried again like a transient one, then a dead letter of class `bug`. */
  const failSafely = async (task: ClaimedTask, error: unknown): Promise<void> => {
    const message = error instanceof Error ? error.message : String(error);
    const reason = { code: "internal", message: `Orderloom failed at node "${task.node}": ${message}` };
    const again = task.attempt + 1 < settings.poisonAfter;
    await commit({
      task,
      end: again
        ? { state: "READY", waitMs: 1_000 * 2 ** task.attempt, burned: true, evaluatorDied: false, class: "bug", reason }
        : {
            state: "DEAD",
            class: "bug",
            reason,
            node: task.node,
            connector: null,
            connectionId: task.connectionId,
            edges: [],
            attempts: task.attempt + 1,
          },
      attempt: { number: task.attempt + 1, startedAt: new Date(), outcome: "bug", reason, request: null, response: null },
      settlement: null,
      milestone: null,
    }).catch((failure: unknown) =>
      log.warn({ task: task.id, error: String(failure) }, "The failure could not be recorded; the lease will run out."),
    );
  };

  const later = (task: ClaimedTask): Promise<void> => releaseTasks(db, [{ id: task.id, epoch: task.epoch }], LATER_MS);

  const leave = (connectionId: string): void => {
    const next = rooms.leave(connectionId);
    if (next !== undefined && !stopping) track(start(next));
  };

  const track = (work: Promise<void>): Promise<void> => {
    under.add(work);
    return work.finally(() => under.delete(work));
  };

  const start = async (id: string): Promise<void> => {
    const task = await claim(id);
    if (task) await runTask(task, false, false);
  };

  return {
    take: async (hint) => {
      if (stopping) return;
      if (hint.connection && !rooms.hasRoom(hint.connection)) {
        rooms.wait(hint.connection, hint.task);
        return;
      }
      await track(start(hint.task)).catch((error: unknown) => {
        log.warn({ task: hint.task, error: String(error) }, "A hint could not be followed; the sweep gives it again.");
      });
    },
    renew: () =>
      renewLeases(
        db,
        [...held].map(([id, epoch]) => ({ id, epoch })),
        settings.leaseMs,
      ).catch((error: unknown) => log.warn({ error: String(error) }, "Leases could not be renewed.")),
    drain: async (graceMs) => {
      stopping = true;
      const done = Promise.allSettled([...under]);
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
      await releaseTasks(
        db,
        [...held].map(([id, epoch]) => ({ id, epoch })),
      ).catch(() => {});
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

/** An in-place successor as if it had been claimed: born with epoch 1. */
function claimedSuccessor(outcome: Outcome, next: NewTask): ClaimedTask {
  return {
    ...outcome.task,
    id: next.id,
    kind: next.kind,
    node: next.node,
    port: next.port,
    itemPath: next.itemPath,
    epoch: 1,
    attempt: 0,
    evaluatorDeaths: 0,
    ageMs: 0,
    input: next.input,
    call: next.call,
    effectKey: next.effectKey,
    connectionId: next.connectionId,
  };
}
