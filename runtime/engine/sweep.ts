import type { QueueName } from "#runtime/queue/hintQueues.ts";
import { releaseBatch } from "#runtime/store/batches.ts";
import { judgeCanaries } from "#runtime/store/canaries.ts";
import { sweepCancelled } from "#runtime/store/cancel.ts";
import { readClock } from "#runtime/store/clock.ts";
import { isDatabaseAway } from "#runtime/store/database.ts";
import { releaseHeld } from "#runtime/store/deployments.ts";
import { tellQuietDraft } from "#runtime/store/draftSittings.ts";
import { ensurePartitions } from "#runtime/store/partitions.ts";
import { activateDuePromotion } from "#runtime/store/promotionActivation.ts";
import { reclaimExpired, type TaskHint, unhint } from "#runtime/store/tasks.ts";
import { takeHints, takeWakeUps, unhintedSegments } from "#runtime/store/waiting.ts";
import type { EngineParts } from "./parts.ts";
import { choose, newTurns, type Turns } from "./turns.ts";

/** Leases reclaimed in one statement; several follow each other while there is more. */
const BATCH = 500;

/** Months are prepared ahead by the quarter, so once a day is often. */
const PARTITIONS_EVERY_MS = 86_400_000;

/** While more waits than the window holds, it is filled again after this: 256 hints then make 2,560 segments a second. */
const BUSY_MS = 100;

/** Hints by which one pass wakes workers for a connection: they go on by themselves, so one for each would do. */
const WAKE_UPS = 4;

export interface Sweep {
  stop(): Promise<void>;
}

/**
 * The only recovery mechanism: leases that ran out go back to ready, and what is due without a hint gets one. After a
 * wiped queue, a killed worker or a restart, this alone brings every task back. Any number of sweeps may run.
 */
export function startSweep(parts: EngineParts): Sweep {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let partitionsAt = performance.now();
  const turns = new Map<string, Turns>();
  let sweptAt = Number.NEGATIVE_INFINITY;
  let nextMs = parts.settings.sweepMs;
  const pass = async () => {
    const full = performance.now() - sweptAt >= parts.settings.sweepMs;
    if (full) sweptAt = performance.now();
    const { more } = full ? await sweepOnce(parts, turns) : await hintSegments(parts, turns);
    nextMs = more ? Math.min(BUSY_MS, parts.settings.sweepMs) : parts.settings.sweepMs;
    if (!full) return;
    if (performance.now() - partitionsAt < PARTITIONS_EVERY_MS) return;
    partitionsAt = performance.now();
    await ensurePartitions(parts.db, new Date());
  };
  const tick = () => {
    running = pass()
      .catch((error: unknown) => parts.log.warn({ error: String(error) }, "A sweep failed; the next one follows."))
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, nextMs);
      });
  };
  tick();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

/** What a pass needs of the engine. */
type SweepParts = Pick<EngineParts, "db" | "settings" | "queues" | "clock" | "log">;

/**
 * One pass; exported for tests that do not want to wait for a timer. A step that fails does not keep the others from theirs, or
 * one batch that cannot leave would stop the hints of all; the first failure is thrown at the end.
 */
export async function sweepOnce(
  parts: SweepParts,
  turns: Map<string, Turns> = new Map(),
): Promise<{ reclaimed: number; hinted: number; more: boolean }> {
  const { db, settings } = parts;
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<number>): Promise<number> =>
    step().catch((error: unknown) => {
      // Every other step would wait for the database as well.
      if (isDatabaseAway(error)) throw error;
      failures.push(error);
      return 0;
    });
  const reclaimed = await attempt(() => reclaim(parts));
  await attempt(() => allOf(() => releaseHeld(db, BATCH)));
  await attempt(() => allOf(() => sweepCancelled(db, BATCH)));
  await attempt(async () => {
    let activated = 0;
    while (await activateDuePromotion(db)) activated += 1;
    return activated;
  });
  await attempt(() => judgeCanaries(db));
  await attempt(async () => {
    let told = 0;
    while (await tellQuietDraft(db)) told += 1;
    return told;
  });
  await attempt(async () => {
    let batches = 0;
    while (await releaseBatch(db)) batches += 1;
    return batches;
  });
  const woken = await attempt(async () => {
    const tasks = await takeWakeUps(db, WAKE_UPS, settings.rehintMs);
    await giveHints(parts, tasks);
    return tasks.length;
  });
  let more = false;
  const hinted = await attempt(async () => {
    const segments = await hintSegments(parts, turns);
    more = segments.more;
    return segments.hinted;
  });
  if (failures.length > 0) throw failures[0];
  return { reclaimed, hinted: woken + hinted, more };
}

/**
 * After a step of the clock every lease seems to have ended, those of live workers too; their tasks would be done a second
 * time beside them. One lease later each live worker has renewed what it holds by the new clock.
 */
async function reclaim({ db, settings, clock }: SweepParts): Promise<number> {
  const { sinceStepMs } = clock.read(await readClock(db));
  return sinceStepMs < settings.leaseMs ? 0 : allOf(() => reclaimExpired(db, BATCH));
}

/** Takes one batch after the other until one is not full; answers how many there were in all. */
async function allOf(take: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let last = BATCH; last === BATCH; all += last) last = await take();
  return all;
}

/** Fills each environment's window of hints from the segments that wait, in fair turn. `more`: not all found room. */
async function hintSegments(parts: SweepParts, turns: Map<string, Turns>): Promise<{ hinted: number; more: boolean }> {
  const { hintWindow, rehintMs } = parts.settings;
  const environments = await unhintedSegments(parts.db, hintWindow);
  const ids = environments.flatMap(({ environment, room, waiting }) => {
    const known = turns.get(environment) ?? newTurns();
    turns.set(environment, known);
    return choose(waiting, room, known);
  });
  const tasks = await takeHints(parts.db, ids, rehintMs);
  await giveHints(parts, tasks);
  const more = environments.some(
    ({ room, waiting }) => room <= 0 || waiting.reduce((sum, { items }) => sum + items.length, 0) >= room,
  );
  return { hinted: tasks.length, more };
}

/** Hints tasks by queue and scope. What the queue does not take is due for the next sweep again. */
export async function giveHints(parts: SweepParts, tasks: TaskHint[]): Promise<void> {
  const groups = new Map<string, { queue: QueueName; environment: string; workerGroup: string; tasks: TaskHint[] }>();
  for (const task of tasks) {
    const key = `${task.queue} ${task.environment} ${task.workerGroup}`;
    const group = groups.get(key) ?? {
      queue: task.queue,
      environment: task.environment,
      workerGroup: task.workerGroup,
      tasks: [],
    };
    group.tasks.push(task);
    groups.set(key, group);
  }
  for (const group of groups.values()) {
    try {
      await parts.queues.hint(
        group.queue,
        { environment: group.environment, workerGroup: group.workerGroup },
        group.tasks.map((task) => ({
          task: task.id,
          epoch: task.epoch,
          ...(task.connectionId ? { connection: task.connectionId } : {}),
        })),
        group.queue === "evaluate" ? "turn" : "first",
      );
    } catch (error) {
      parts.log.warn({ queue: group.queue, error: String(error) }, "The queue took no hints; the sweep gives them again.");
      await unhint(
        parts.db,
        group.tasks.map((task) => task.id),
      );
    }
  }
}
