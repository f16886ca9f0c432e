import pg from "pg";
import type { Logger } from "pino";
import { ANSWERS_CHANNEL } from "#runtime/store/advance.ts";
import { answeredRuns, type CalledRun } from "#runtime/store/answers.ts";
import type { Db } from "#runtime/store/database.ts";

/**
 * Callers of one process that wait at a time. A waiting one costs a socket and a few hundred bytes; more of them than
 * this means that the flows do not keep up, and waiting helps nobody.
 */
const MOST_WAITING = 5_000;

/** While announcements come, all who wait are looked after this often: one may have got lost. */
const LOOK_MS = 1_000;

/** While none come (the connection is being made anew) everybody's answer is looked for this often, in one query. */
const LOOK_DEAF_MS = 100;

/** After a connection for announcements could not be had. */
const LISTEN_AGAIN_MS = 1_000;

/** Answers in a row that only a look found: then the announcements come to nobody, whatever the connection says. */
const UNHEARD = 3;

/** A call whose answer is waited for. */
export interface Call {
  run: string;
  waitMs: number;
  /** The run has only just begun: nothing can have been announced yet. */
  fresh: boolean;
}

/** Lets callers wait for what their runs respond. */
export interface Answers {
  /** The run once it has answered or ended; undefined after `waitMs`, when the signal says so, or with too many waiting. */
  wait(call: Call, signal: AbortSignal): Promise<CalledRun | undefined>;
  /** Lets go of everybody who waits. */
  release(): void;
  close(): Promise<void>;
}

export interface AnswersOptions {
  db: Db;
  /** For a connection of its own, on which the database announces answers. */
  databaseUrl: string;
  log: Logger;
}

/**
 * One connection hears the announcements for all callers of this process, and one query reads the answers of all that
 * were announced together. A look at everybody now and then makes up for announcements that never come.
 */
export function answers({ db, databaseUrl, log }: AnswersOptions): Answers {
  const waiting = new Map<string, Set<(run: CalledRun | undefined) => void>>();
  let count = 0;
  const announced = new Set<string>();
  let reading = false;
  let unheard = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const hear = (run: string): void => {
    if (!waiting.has(run)) return;
    announced.add(run);
    void read();
  };
  const ear = listener(databaseUrl, log, {
    heard: (run) => {
      unheard = 0;
      hear(run);
    },
    // What was announced meanwhile was not heard.
    listens: () => {
      for (const run of waiting.keys()) hear(run);
    },
  });

  /** Reads what was announced, one query at a time. */
  const read = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    try {
      while (announced.size > 0) {
        const ids = [...announced];
        announced.clear();
        await give(ids);
      }
    } catch (error) {
      log.debug({ error: String(error) }, "Answers could not be read; they are looked for again.");
    } finally {
      reading = false;
    }
  };

  const give = async (ids: string[]): Promise<number> => {
    const runs = await answeredRuns(db, ids);
    for (const run of runs) for (const resolve of waiting.get(run.id) ?? []) resolve(run);
    return runs.length;
  };

  const look = (): void => {
    timer = setTimeout(
      async () => {
        const found = await give([...waiting.keys()]).catch(() => 0);
        unheard = found > 0 && ear.hears() ? unheard + 1 : unheard;
        if (unheard >= UNHEARD) {
          unheard = 0;
          ear.renew();
        }
        timer = undefined;
        if (waiting.size > 0 && !closed) look();
      },
      ear.hears() ? LOOK_MS : LOOK_DEAF_MS,
    );
    timer.unref();
  };

  return {
    wait: ({ run, waitMs, fresh }, signal) => {
      if (closed || waitMs <= 0 || count >= MOST_WAITING || signal.aborted) return Promise.resolve(undefined);
      ear.open();
      return new Promise((resolve) => {
        const done = (answered: CalledRun | undefined): void => {
          clearTimeout(limit);
          signal.removeEventListener("abort", leave);
          const others = waiting.get(run);
          if (!others?.delete(done)) return;
          count--;
          if (others.size === 0) waiting.delete(run);
          resolve(answered);
        };
        const leave = (): void => done(undefined);
        const limit = setTimeout(leave, waitMs);
        signal.addEventListener("abort", leave, { once: true });
        waiting.set(run, (waiting.get(run) ?? new Set()).add(done));
        count++;
        if (!fresh) hear(run);
        if (!timer) look();
      });
    },
    release: () => {
      for (const each of [...waiting.values()]) for (const resolve of [...each]) resolve(undefined);
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      for (const each of [...waiting.values()]) for (const resolve of [...each]) resolve(undefined);
      await ear.close();
    },
  };
}

interface Ear {
  /** Connects, if it has not. */
  open(): void;
  hears(): boolean;
  /** Takes another connection. */
  renew(): void;
  close(): Promise<void>;
}

/** A connection that listens, and is made anew when it breaks. Opened with the first caller: most processes have none. */
function listener(url: string, log: Logger, on: { heard: (run: string) => void; listens: () => void }): Ear {
  let client: pg.Client | undefined;
  let listening = false;
  let opened = false;
  let closed = false;
  let again: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const made = new pg.Client({ connectionString: url, application_name: "orderloom answers", keepAlive: true });
    client = made;
    made.on("notification", ({ payload }) => on.heard(payload ?? ""));
    made.on("error", (error) => lost(made, error));
    made.on("end", () => lost(made, new Error("The connection ended.")));
    try {
      await made.connect();
      await made.query(`listen ${ANSWERS_CHANNEL}`);
      if (client !== made) return;
      listening = true;
      on.listens();
    } catch (error) {
      lost(made, error);
    }
  };
  const lost = (which: pg.Client, error: unknown): void => {
    if (client !== which) return;
    client = undefined;
    listening = false;
    void which.end().catch(() => undefined);
    if (closed) return;
    log.debug({ error: String(error) }, "Announcements of answers are not heard; answers are looked for instead.");
    again = setTimeout(() => void connect(), LISTEN_AGAIN_MS);
    again.unref();
  };

  return {
    open: () => {
      if (opened || closed) return;
      opened = true;
      void connect();
    },
    hears: () => listening,
    renew: () => {
      if (client) lost(client, new Error("Answers came unannounced."));
    },
    close: async () => {
      closed = true;
      clearTimeout(again);
      const last = client;
      client = undefined;
      listening = false;
      await last?.end().catch(() => undefined);
    },
  };
}
