import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fromRoot } from "#runtime/root.ts";
import type { SandboxConnection } from "#runtime/sandbox/simulator.ts";

export type Role = "all" | "api" | "worker" | "scheduler";

/** A process of the product; ended only by its own id. */
export interface Process {
  pid: number;
  /** What it wrote to its log, the end of it. */
  said(): string;
  /** The signal or code with which it ended, once it has. */
  ended: Promise<string>;
  running(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Sends a message and waits for the answer. */
  tell(message: string): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const SAID_CHARACTERS = 4_000;

/**
 * Starts a role of the product as built in dist/ (or another entry) and waits for its line. With `untilReady` false it
 * answers at once, for one that is to end before.
 */
export async function startProcess(
  role: Role,
  env: Record<string, string>,
  { untilReady = true, entry = fromRoot("dist/start.js") }: { untilReady?: boolean; entry?: string } = {},
): Promise<Process> {
  const variables: NodeJS.ProcessEnv = { ...process.env, HOST: "127.0.0.1", ORDERLOOM_DEMO: "off", ...env, ORDERLOOM_ROLE: role };
  for (const name of ["NODE_OPTIONS", "VITEST", "npm_lifecycle_event"]) delete variables[name];
  const flags = entry.endsWith(".ts") ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...flags, entry], {
    cwd: fromRoot("."),
    env: variables,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_CHARACTERS);
  });
  // The log is read to its end: what a process wrote last says where it ended.
  const ended = new Promise<string>((resolve) => child.once("close", (code, signal) => resolve(signal ?? String(code))));
  if (untilReady) await readyLine(child, role, () => said);
  return {
    pid: child.pid ?? 0,
    said: () => said,
    ended,
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
    async tell(message) {
      const answered = once(child, "message");
      child.send(message);
      await answered;
    },
  };
}

async function readyLine(child: ChildProcess, role: string, said: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${role} was not ready in time: ${said()}`));
    }, READY_WITHIN_MS);
    const fail = (code: number | null, signal: string | null) => {
      clearTimeout(timer);
      reject(new Error(`${role} ended with ${signal ?? code} before it was ready: ${said()}`));
    };
    child.once("exit", fail);
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!chunk.toString().includes("is ready")) return;
      clearTimeout(timer);
      child.off("exit", fail);
      resolve();
    });
  });
}

/** The targets: a process of their own, with ledgers that survive whatever is done to the product. */
export async function startTargets(
  data: string,
  connections: SandboxConnection[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(fromRoot("dist/sandbox.js"), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, VITEST: "", NODE_OPTIONS: "" },
  });
  child.send({ port: 0, data, connections });
  const [message] = (await once(child, "message")) as [{ port: number }];
  return {
    url: `http://127.0.0.1:${message.port}`,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
