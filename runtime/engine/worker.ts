import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Plan } from "#nodes/plan.ts";
import type { Hint, HintListener } from "#runtime/queue/hintQueues.ts";
import { readEnvironmentWay } from "#runtime/store/admission.ts";
import { goingOn } from "#runtime/store/bornEnded.ts";
import type { Checkpointed } from "#runtime/store/checkpoint.ts";
import { readClock } from "#runtime/store/clock.ts";
import { newId } from "#runtime/store/ids.ts";
import type { NewTask, Outcome } from "#runtime/store/outcomes.ts";
import { type ClaimedTask, claimTasks, releaseTasks, renewLeases, unhint } from "#runtime/store/tasks.ts";
import { dueEffects, dueSegments, type Shut, type Waiting } from "#runtime/store/waiting.ts";
import { doorOf, evaluationDoor } from "./admission.ts";
import { controlTask } from "./controlTask.ts";
import type { DeployedFlow } from "./deployments.ts";
import { type Intended, performTask } from "./effectTask.ts";
import type { Permit, Take } from "./gate.ts";
import { moment } from "./moment.ts";
import { bugOutcome, notNowOutcome } from "./ownOutcomes.ts";
import { isOwnTrouble } from "./ownTrouble.ts";
import type { EngineParts } from "./parts.ts";
import { type Admit, evaluateTask } from "./segmentTask.ts";
import { taskGroups } from "./taskGroups.ts";
import { choose, newTurns, type Turns } from "./turns.ts";

/** A task that cannot go on now (its connection is shut or has no deployment) is looked at again after this. */
const LATER_MS = 5_000;

/** Time for the queue to say goodbye after the tasks have ended. */
const LEAVE_MS = 1_000;

/**
 * How long an evaluated order keeps its place among `workerConcurrency` while its effects are under way. Long enough that
 * with quick targets an order is finished before others are begun; short enough that one that hangs does not keep orders
 * that do not need it from being evaluated.
 */
const HOLD_MS = 500;

/** Where segments are evaluated; workers of other groups only perform the effects of their connections. */
const EVALUATING_GROUP = "default";

export interface Worker {
  /** Takes hints of another environment too. */
  serve(environment: string): Promise<void>;
  /** Takes no more hints, waits for what is under way up to `graceMs`, gives the rest back. */
  stop(graceMs: number): Promise<void>;
}

/** What waits for the places of a connection beside effects: the pages that polls ask for. */
export interface WaitingPages {
  /** Those that are known to wait, without a look at the database. */
  due(connectionId: string, except: readonly Shut[]): Waiting<string>[];
  /** Begins what was chosen of them, one for each permit at most; answers how many. Each gives its permit back. */
  begin(ids: string[], permits: Permit[]): Promise<number>;
  /** Begins nothing more, and waits for what is under way for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a worker: it turns hints into claimed tasks and runs each to its checkpoint. */
export async function startWorker(parts: EngineParts, environments: string[], pages: WaitingPages = noPages): Promise<Worker> {
  const runner = taskRunner(parts, pages);
  const listeners: HintListener[] = [];
  const { queues, settings } = parts;
  await runner.watchClock();
  const serve = async (environment: string): Promise<void> => {
    const scope = { environment, workerGroup: settings.workerGroup };
    for (const queue of ["evaluate", "effect"] as const) {
      listeners.push(await queues.listen(queue, scope, settings.workerConcurrency, (hint) => runner.take(hint, environment)));
    }
  };
  for (const environment of environments) await serve(environment);
  const renewal = setInterval(() => void Promise.all([runner.renew(), runner.watchClock()]), settings.leaseMs / 3);
  return {
    serve,
    async stop(graceMs) {
      const leaving = Promise.all(listeners.map((listener) => listener.close()));
      await Promise.all([pages.stop(graceMs), runner.drain(graceMs)]);
      clearInterval(renewal);
      // Their handlers have ended, or belong to tasks that were given back.
      await Promise.race([leaving, sleep(LEAVE_MS, undefined, { ref: false })]);
    },
  };
}

const noPages: WaitingPages = { due: () => [], begin: async () => 0, stop: async () => {} };

/** A task that this worker goes on with. */
interface Mine {
  task: ClaimedTask;
  /** The place at its connection, when it has one already. */
  permit?: Permit | undefined;
  /** When its ledger row was written new with it. */
  intent?: Intended | null;
  /** Told once it keeps nobody else from being evaluated. */
  evaluated?: (() => void) | undefined;
}

interface Runner {
  take(hint: Hint, environment: string): Promise<void>;
  renew(): Promise<void>;
  /** Looks how the database's clock goes: what a step forwards seems to end is noticed by comparing. */
  watchClock(): Promise<void>;
  drain(graceMs: number): Promise<void>;
}

function taskRunner(parts: EngineParts, pages: WaitingPages): Runner {
  const { settings, db, log, admission } = parts;
  const worker = `${hostname()}:${process.pid}:${newId().slice(-6)}`;
  const held = new Set<ClaimedTask>();
  const under = new Set<Promise<void>>();
  const turns = new Map<string, Turns>();
  let stopping = false;
  /** Everything still held was given back: this process is about to end. */
  let given = false;

  const groups = taskGroups(parts, worker, () => given);

  const runTask = async (mine: Mine): Promise<void> => {
    const { task } = mine;
    held.add(task);
    const permits = new Map<string, Permit>();
    let next: Mine[] = [];
    try {
      const deployed = await parts.deployments.find(task.environment, task.flow);
      if (!deployed) return await later(mine, "The flow has no deployment there.");
      const plan = await deployed.plan(task.versionId, task.tableRevision);
      const outcome = await outcomeOf(mine, plan, deployed, permits);
      const { evaluatedAtOnce } = await parts.deployments.limits(task.environment);
      if (outcome) next = await checkpointed(placed(outcome, deployed, evaluatedAtOnce), permits);
    } catch (error) {
      if (isOwnTrouble(error)) await giveBack(task, error);
      else await failSafely(task, error);
    } finally {
      held.delete(task);
      mine.permit?.leave();
      // Those of successors that go on have been handed to them.
      for (const permit of permits.values()) permit.leave();
    }
    mine.evaluated?.();
    await Promise.all(next.map(runTask));
  };

  /** Null when the task was given back instead. */
  const outcomeOf = async (
    mine: Mine,
    plan: Plan,
    deployed: DeployedFlow,
    permits: Map<string, Permit>,
  ): Promise<Outcome | null> => {
    const { task } = mine;
    const admit: Admit = async (effect) => {
      const connection = [...deployed.connections.values()].find(({ id }) => id === effect.connectionId);
      // None behind a shut connection, where it would only wait.
      if (connection?.state !== "active" || connection.workerGroup !== settings.workerGroup || stopping) return false;
      const permit = await admission.enter(doorOf(connection, plan, effect.node));
      if (permit) permits.set(effect.id, permit);
      return permit !== undefined;
    };
    if (task.kind === "control") return controlTask(parts, task, plan);
    if (task.kind === "effect") return effectOutcome(mine, plan, admit);
    return evaluateTask(parts, task, plan, admit);
  };

  const effectOutcome = async (mine: Mine, plan: Plan, admit: Admit): Promise<Outcome | null> => {
    const { task, intent = null } = mine;
    const connection = task.connectionId ? await parts.deployments.connection(task.connectionId) : undefined;
    if (connection?.state !== "active") {
      await later(mine, `The connection ${connection?.name ?? "of the node"} is not active.`);
      return null;
    }
    const door = doorOf(connection, plan, task.node);
    const ours = connection.workerGroup === settings.workerGroup;
    if (ours && !mine.permit) {
      mine.permit = await admission.enter(door);
      // It came by a hint, of a connection that was not known here: more may wait there.
      admission.wake(connection.id);
    }
    const waitMs = await mine.permit?.through(door, { flow: task.flow, node: task.node });
    if (mine.permit && waitMs === 0) return performTask(parts, task, plan, connection, intent, mine.permit, admit);
    await releaseTasks(db, [task], waitMs ?? 0);
    if (ours && !mine.permit) admission.wake(connection.id);
    return null;
  };

  /** Segments are evaluated in one group, effects performed in their connection's; only what is ours goes on in place. */
  const placed = (outcome: Outcome, deployed: DeployedFlow, evaluatedAtOnce: number | null): Outcome => {
    for (const { next: each } of goingOn(outcome)) {
      const connection = [...deployed.connections.values()].find(({ id }) => id === each.connectionId);
      each.workerGroup = connection?.workerGroup ?? EVALUATING_GROUP;
      each.inPlace &&= each.workerGroup === settings.workerGroup;
      // It needs a place of its own, like all others.
      if (evaluatedAtOnce !== null && !each.connectionId) each.inPlace = false;
    }
    return outcome;
  };

  /** Writes what became of a task; answers what of it goes on here, and lets the rest be known. */
  const checkpointed = async (outcome: Outcome, permits: Map<string, Permit>): Promise<Mine[]> => {
    const askedAt = moment();
    const done: Checkpointed = await groups.commitSurely(outcome);
    if (!done.written || done.cancelled) return [];
    const successors = goingOn(outcome);
    passOn(
      outcome.task,
      successors.flatMap(({ next }) => (next.inPlace ? [] : [next])),
    );
    return successors.flatMap(({ next, task }) => {
      if (!next.inPlace) return [];
      const permit = permits.get(next.id);
      permits.delete(next.id);
      return [{ task, permit, intent: done.intended.has(next.id) ? { at: askedAt } : null }];
    });
  };

  /** What waits for a connection of ours is taken as places fall free; workers of other groups are told by a hint. */
  const passOn = ({ environment }: ClaimedTask, waiting: NewTask[]): void => {
    for (const { id, connectionId, workerGroup, kind, due } of waiting) {
      if (workerGroup === settings.workerGroup) {
        if (connectionId) admission.wake(connectionId);
        else if (due === undefined) void wakeEvaluation(environment);
      } else if (due === undefined) {
        const hint: Hint = { task: id, epoch: 0, ...(connectionId ? { connection: connectionId } : {}) };
        parts.queues
          .hint(kind === "effect" ? "effect" : "evaluate", { environment, workerGroup }, [hint])
          .catch((error: unknown) => log.debug({ task: id, error: String(error) }, "The queue took no hint."));
      }
    }
  };

  const turnsOf = (of: string): Turns => {
    const known = turns.get(of) ?? newTurns();
    turns.set(of, known);
    return known;
  };

  /** Takes over what waits for a connection, in fair turn, one effect or page for each permit. */
  const takeWaiting = async (connectionId: string, ...[permits, except]: Parameters<Take>): ReturnType<Take> => {
    let begun = 0;
    try {
      const connection = await parts.deployments.connection(connectionId);
      if (stopping || connection?.state !== "active" || connection.workerGroup !== settings.workerGroup) return { chosen: 0 };
      const known = turnsOf(connectionId);
      const effects = await dueEffects(db, connectionId, permits.length, except);
      const asked = pages.due(connectionId, except);
      const isPage = new Set(asked.flatMap(({ items }) => items));
      const ids = choose([...effects, ...asked], permits.length, known);
      const ofTasks = ids.filter((id) => !isPage.has(id));
      const tasks = ofTasks.length > 0 ? await claimTasks(db, ofTasks, worker, settings.leaseMs) : [];
      for (const task of tasks) void track(runTask({ task, permit: permits[begun++] }));
      const ofPages = ids.filter((id) => isPage.has(id));
      if (ofPages.length > 0) begun += await pages.begin(ofPages, permits.slice(begun));
      // What is chosen and not to be had changes hands just now; the sweep comes back to it.
      return { chosen: begun > 0 ? ids.length : 0 };
    } finally {
      for (const permit of permits.slice(begun)) permit.leave();
    }
  };

  /** Takes over segments that wait, in fair turn, one for each permit. */
  const takeSegments = async (environment: string, permits: Permit[]): ReturnType<Take> => {
    let begun = 0;
    try {
      if (stopping) return { chosen: 0 };
      const waiting = await dueSegments(db, environment, permits.length);
      const ids = choose(waiting, permits.length, turnsOf(`evaluation ${environment}`));
      const tasks = ids.length > 0 ? await claimTasks(db, ids, worker, settings.leaseMs) : [];
      for (const task of tasks) void track(runTask({ task, permit: permits[begun++] }));
      return { chosen: begun > 0 ? ids.length : 0 };
    } finally {
      for (const permit of permits.slice(begun)) permit.leave();
    }
  };
  admission.serve((to, permits, except) => {
    const through = readEnvironmentWay(to);
    return through ? takeSegments(through.environment, permits) : takeWaiting(to, permits, except);
  });

  /** Has segments that wait taken over, where the environment is limited; false where it is not. */
  const wakeEvaluation = async (environment: string): Promise<boolean> => {
    try {
      const { evaluatedAtOnce } = await parts.deployments.limits(environment);
      if (evaluatedAtOnce === null) return false;
      admission.wakeAt(evaluationDoor(environment, evaluatedAtOnce));
    } catch (error) {
      log.debug({ environment, error: String(error) }, "The limits could not be read; the sweep hints again.");
    }
    return true;
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
  const later = async ({ task, intent }: Mine, message: string): Promise<void> => {
    if (!intent || !task.effectKey) return releaseTasks(db, [task], LATER_MS);
    await groups.commit(notNowOutcome(task, task.effectKey, message, LATER_MS));
  };

  const track = (work: Promise<void>): Promise<void> => {
    under.add(work);
    return work
      .catch((error: unknown) => log.warn({ error: String(error) }, "A task could not be followed; the sweep hints it again."))
      .finally(() => under.delete(work));
  };

  /** Resolves when the task, and what follows it in place, has ended, or keeps nobody from being evaluated any more. */
  const follow = (id: string): Promise<void> =>
    new Promise((resolve) => {
      const run = async (): Promise<void> => {
        const task = await groups.claim(id);
        let timer: NodeJS.Timeout | undefined;
        const evaluated = () => {
          timer = setTimeout(resolve, HOLD_MS).unref();
        };
        if (task) await runTask({ task, evaluated }).finally(() => clearTimeout(timer));
      };
      void track(run()).then(resolve);
    });

  return {
    take: async (hint, environment) => {
      if (stopping) {
        // Fetched at the last moment: another worker gets it at once instead of after a while.
        await unhint(db, [hint.task]).catch((error: unknown) =>
          log.debug({ error: String(error) }, "A hint is given again later."),
        );
        return;
      }
      // An effect's hint only wakes: whichever is next in fair turn is taken, as soon as there is a place.
      if (hint.connection && admission.wake(hint.connection)) return;
      // The same of a segment, where the environment has places for so many alone.
      if (!hint.connection && (await wakeEvaluation(environment))) return;
      await follow(hint.task);
    },
    renew: () =>
      renewLeases(db, [...held], settings.leaseMs).catch((error: unknown) =>
        log.warn({ error: String(error) }, "Leases could not be renewed."),
      ),
    watchClock: () =>
      readClock(db).then(
        (reading) => void parts.clock.read(reading),
        (error: unknown) => log.debug({ error: String(error) }, "The database's clock could not be read; it is looked at again."),
      ),
    drain: async (graceMs) => {
      stopping = true;
      admission.stop();
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
