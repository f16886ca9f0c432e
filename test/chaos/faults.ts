import { setTimeout as sleep } from "node:timers/promises";
import type { Installation } from "./installation.ts";
import type { Random } from "./random.ts";

/** What is done to the installation, with how often it comes among the others. */
export const killWeights = { worker: 62, api: 15, scheduler: 15, postgres: 3, redis: 5 } as const;
export const faultWeights = {
  "redis flushed": 3,
  "older append-only file put back": 1,
  "process frozen": 4,
  "target answers 429": 8,
  "target answers 503": 8,
  "target resets": 6,
  "target hangs": 3,
  "applied, then 500": 8,
  "applied, then no answer": 4,
  "applied, then reset": 8,
  "applied late": 6,
  "target slow": 8,
  "answers dropped on the way": 3,
  "clock stepped": 2,
} as const;

export type Kill = keyof typeof killWeights;
export type Fault = keyof typeof faultWeights;

/** Frozen for longer than a lease, at most. */
const FROZEN_LEASES = 2;
const DROPPED_MS = 400;
const MOST_FAULTS = 2;
/** A scheduler has looked at the clock within this. */
const STEP_SEEN_MS = 600;
/**
 * Steps of the clock in seconds: forwards beyond every lease, retry and quiet period; back only a little, because what is
 * due by the clock before waits for as long as that was set back.
 */
const STEPS_S = [20, -4, 8, -5, 600, -3];

/** What the faults have to respect of each other. */
export interface Breaker {
  kill(): Promise<Kill>;
  /** Answers undefined when the fault that was drawn could not be had now. */
  fault(): Promise<Fault | undefined>;
  /** Everything as it should be again. */
  mend(): Promise<void>;
}

export function breaker(installation: Installation, random: Random, options: { leaseMs: number; lateMs: number }): Breaker {
  const { targets, processes, redis, postgres, way, database } = installation;
  const busy = new Set<string>();
  let steps = 0;

  /** One at a time of what cannot be done twice at once. */
  const alone = async (what: string, act: () => Promise<void>): Promise<boolean> => {
    if (busy.has(what)) return false;
    busy.add(what);
    try {
      await act();
      return true;
    } finally {
      busy.delete(what);
    }
  };

  const kills: Record<Kill, () => Promise<boolean>> = {
    worker: async () => {
      const index = random.whole(0, processes.worker.length - 1);
      return alone(`worker ${index}`, () => installation.replace("worker", index));
    },
    api: () => alone("api", () => installation.replace("api", 0)),
    scheduler: () => alone("scheduler", () => installation.replace("scheduler", 0)),
    postgres: () =>
      alone("postgres", async () => {
        await postgres.kill(random.next() < 0.5 ? "SIGKILL" : "SIGQUIT");
        await postgres.start();
      }),
    redis: async () =>
      redis !== undefined &&
      alone("redis", async () => {
        await redis.kill();
        await redis.start();
      }),
  };

  /** Behind an open breaker faults would wait, and every probe would meet one: nothing would ever be sent again. */
  const shut = async (): Promise<boolean> =>
    (await database.query("select from admission where shut_until > clock_now()")).rowCount !== 0;

  const spoil = async (kind: Parameters<typeof targets.fault>[0]["kind"], more: object = {}) =>
    (await targets.faults()) < MOST_FAULTS && !(await shut()) && targets.fault({ kind, times: random.whole(1, 2), ...more });

  const freeze = async () => {
    const role = random.pick({ worker: 4, api: 1, scheduler: 1 });
    const index = random.whole(0, processes[role].length - 1);
    await alone(role === "worker" ? `worker ${index}` : role, async () => {
      const frozen = processes[role][index];
      frozen?.signal("SIGSTOP");
      await sleep(options.leaseMs * (1 + random.next() * (FROZEN_LEASES - 1)));
      frozen?.signal("SIGCONT");
    });
  };

  const faults: Record<Fault, () => Promise<unknown>> = {
    "redis flushed": async () => redis !== undefined && alone("redis", () => redis.flush()),
    "older append-only file put back": async () =>
      redis !== undefined && alone("redis", async () => void ((await redis.putFilesBack()) || (await redis.keepFiles()))),
    "process frozen": freeze,
    "target answers 429": () => spoil("429", { retryAfter: random.whole(0, 1) }),
    "target answers 503": () => spoil("503"),
    "target resets": () => spoil("reset"),
    "target hangs": () => spoil("hang"),
    "applied, then 500": () => spoil("500AfterApply"),
    "applied, then no answer": () => spoil("timeoutAfterApply"),
    "applied, then reset": () => spoil("resetAfterApply"),
    "applied late": () => spoil("lateApply", { delayMs: random.whole(50, options.lateMs) }),
    "target slow": () => spoil("delay", { delayMs: random.whole(50, 400) }),
    "answers dropped on the way": () =>
      alone("way", async () => {
        way.freeze("answers");
        await sleep(DROPPED_MS);
        way.thaw();
      }),
    // Leases need somebody who sees the step: a scheduler that starts after it takes the clock as it finds it.
    "clock stepped": () =>
      alone("scheduler", async () => {
        const step = STEPS_S[steps++ % STEPS_S.length] ?? 0;
        await database.query("update clock set shift = shift + make_interval(secs => $1)", [step]);
        await sleep(STEP_SEEN_MS);
      }),
  };

  return {
    async kill() {
      for (;;) {
        const kind = random.pick(killWeights);
        if (await kills[kind]()) return kind;
      }
    },
    async fault() {
      const kind = random.pick(faultWeights);
      return (await faults[kind]().catch(() => false)) === false ? undefined : kind;
    },
    async mend() {
      way.thaw();
      await targets.clearFaults();
      for (const each of Object.values(processes).flat()) each.signal("SIGCONT");
    },
  };
}
