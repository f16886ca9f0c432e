import { setTimeout as sleep } from "node:timers/promises";
import { goingOn } from "#runtime/store/bornEnded.ts";
import { type Checkpointed, checkpoint } from "#runtime/store/checkpoint.ts";
import { isDatabaseAway, isPassing } from "#runtime/store/database.ts";
import { groupCommit } from "#runtime/store/groupCommit.ts";
import type { Outcome } from "#runtime/store/outcomes.ts";
import { recallCheckpoint } from "#runtime/store/recall.ts";
import { type ClaimedTask, claimTasks } from "#runtime/store/tasks.ts";
import type { EngineParts } from "./parts.ts";

/** Claims and checkpoints that share a round trip. */
const GROUP = 64;

/** Groups under way at once; each takes one database connection. */
const LANES = 3;

/**
 * A group of checkpoints takes the database a few milliseconds; what takes longer waits for a lock or a slow disk. Gathering
 * for that long, instead of sending small groups side by side, saves a quarter of what an order costs the database.
 */
const PATIENCE_MS = 50;

/** JSON text of one group of checkpoints, unless one alone is longer: a group is one text in memory. */
const GROUP_CHARACTERS = 8_000_000;

/** After a checkpoint that the database could not take. */
const COMMIT_RETRY_MS = 200;

/**
 * How long a checkpoint is tried while the database is away. Far more than a lease: nobody can take the task while
 * there is no database, and what an answer said is worth keeping. The epoch guards what is written late.
 */
const COMMIT_WITHIN_MS = 600_000;

/** Claims and checkpoints of one worker, gathered into groups. */
export interface TaskGroups {
  /** The task, or undefined when it is somebody else's or not due. */
  claim(id: string): Promise<ClaimedTask | undefined>;
  commit(outcome: Outcome): Promise<Checkpointed>;
  /** A checkpoint may meet a database that restarts; what was done is kept until it is back. */
  commitSurely(outcome: Outcome): Promise<Checkpointed>;
}

/** `given` tells that the worker has given everything back: then nothing is tried again. */
export function taskGroups({ db, hotDb, settings, log }: EngineParts, worker: string, given: () => boolean): TaskGroups {
  const worthAlone = (error: unknown): boolean => !isDatabaseAway(error);
  const claim = groupCommit<string, ClaimedTask | undefined>(
    async (ids) => {
      const claimed = await claimTasks(hotDb, [...new Set(ids)], worker, settings.leaseMs);
      const byId = new Map(claimed.map((task) => [task.id, task]));
      // Two hints for one task in a group: the first takes it.
      return ids.map((id) => {
        const task = byId.get(id);
        byId.delete(id);
        return task;
      });
    },
    { most: GROUP, lanes: LANES, patienceMs: PATIENCE_MS, worthAlone },
  );
  const commit = groupCommit<Outcome, Checkpointed>((outcomes) => checkpoint(hotDb, outcomes, worker, settings.leaseMs), {
    most: GROUP,
    lanes: LANES,
    patienceMs: PATIENCE_MS,
    sizeOf: textOf,
    mostSize: GROUP_CHARACTERS,
    worthAlone,
    // Every item that reaches a join locks its scope and its run.
    turnOf: ({ task }) => task.scopeId,
  });
  return {
    claim,
    commit,
    async commitSurely(outcome) {
      const until = performance.now() + COMMIT_WITHIN_MS;
      for (let tries = 1; ; tries++) {
        try {
          const done = await commit(outcome);
          // A commit that was not answered may have been written all the same.
          return done.written || tries === 1 ? done : ((await recallCheckpoint(db, outcome, worker)) ?? done);
        } catch (error) {
          if (!isPassing(error) || given() || performance.now() > until) throw error;
          if (tries === 1) log.warn({ task: outcome.task.id, error: String(error) }, "A checkpoint waits for the database.");
          await sleep(COMMIT_RETRY_MS);
        }
      }
    },
  };
}

/** Characters of what an outcome brings about. */
function textOf(outcome: Outcome): number {
  if (outcome.end.state !== "DONE") return 0;
  const own = outcome.end.result?.length ?? 0;
  return goingOn(outcome).reduce((sum, { next }) => sum + next.input.length + (next.call?.length ?? 0), own);
}
