import { type ChildProcess, fork } from "node:child_process";

/** One evaluator process, started when it is first needed and again after each death. */
export interface Lane {
  /** Starts the process ahead of the first question. */
  warm(): void;
  /** Puts one question at a time; rejects when the process dies of it or has to be killed. */
  ask(text: string): Promise<string>;
  close(): Promise<void>;
}

export interface LaneOptions {
  /** The built evaluator: answers each IPC message, a text, with a text. */
  script: string;
  heapMb: number;
  timeoutMs: number;
}

/** What a dying process last said is kept up to this length, for the reason people read. */
const LAST_WORDS = 500;

/**
 * Expressions leave much behind and keep nothing. With Node's 16 MB a quarter more CPU goes into moving about what is soon to
 * go. And V8 must not conclude, from what it finds in the middle of a batch, that some of it will last: it would make such
 * objects among the old ones from then on, with all they refer to, and an evaluation costs twice as much until the process
 * ends (measured after some 20,000).
 */
const MEMORY_FLAGS = ["--max-semi-space-size=32", "--no-allocation-site-pretenuring"];

/**
 * Our own rather than a pool library's: workerpool's answer never came, nor did its pool close, when a process died of
 * its memory while it was being ended for its time. Here every question ends with a message, an exit or a SIGKILL.
 */
export function openLane({ script, heapMb, timeoutMs }: LaneOptions): Lane {
  let child: ChildProcess | undefined;
  let closed = false;

  const start = (): ChildProcess => {
    const started = fork(script, {
      execArgv: [`--max-old-space-size=${heapMb}`, ...MEMORY_FLAGS],
      // A process group of its own: a Ctrl-C in the terminal is for the server, which ends it last.
      detached: true,
      // Copies a text as it is; the default would write JSON once more around it, at four times the CPU.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    // Read to the end even when nobody asks: a full pipe would stop the process.
    started.stderr?.resume();
    // Killed, not started, or its channel broke: each ends with an exit or here, and the next question starts another.
    started.on("error", () => started.kill("SIGKILL"));
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    return started;
  };

  return {
    warm() {
      child ??= start();
    },
    ask(text) {
      if (closed) return Promise.reject(new Error("The evaluators are closed."));
      child ??= start();
      return question(child, text, timeoutMs);
    },
    async close() {
      closed = true;
      const last = child;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        last.once("exit", () => resolve());
        last.kill("SIGKILL");
      });
    },
  };
}

function question(child: ChildProcess, text: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let lastWords = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    const listen = (chunk: Buffer): void => {
      lastWords = (lastWords + chunk.toString()).slice(0, LAST_WORDS);
    };
    const settle = (): void => {
      clearTimeout(timer);
      child.off("message", answered);
      child.off("exit", gone);
      child.stderr?.off("data", listen);
    };
    const answered = (answer: unknown): void => {
      settle();
      resolve(String(answer));
    };
    const gone = (code: number | null, signal: string | null): void => {
      settle();
      const why = late
        ? `it took longer than ${timeoutMs} ms`
        : `it ended with ${signal ?? `code ${code}`} ${firstLine(lastWords)}`;
      reject(new Error(why.trim()));
    };
    child.on("message", answered);
    child.on("exit", gone);
    child.stderr?.on("data", listen);
    child.send(text, (error) => {
      // The exit tells; a channel that broke without one is ended.
      if (error) child.kill("SIGKILL");
    });
  });
}

const firstLine = (text: string): string =>
  text
    .split("\n")
    .find((line) => /error|exception/i.test(line))
    ?.trim() ?? "";
