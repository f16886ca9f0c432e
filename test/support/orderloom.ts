import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { startEmbedded } from "#runtime/store/embedded/start.ts";
import { createDatabase } from "./database.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The product as a user starts it, in a process of its own. */
export interface TestOrderloom {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  url: string;
  pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** Sends a signal to the launcher alone; resolves when it is gone. `SIGKILL` is `kill -9`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again with the same database, home and port. */
  restart(): Promise<void>;
  /** Stops it, and removes its database and home. */
  stop(): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string>;
  /** Its own PostgreSQL in its home, as with `npm start`, instead of a database of the test run. */
  embedded?: boolean;
  readyWithinMs?: number;
}

let built = false;

/** Starts `dist/start.js` (built first where stale) and waits for the line that says it is ready. */
export async function startOrderloom({
  env = {},
  embedded = false,
  readyWithinMs = 60_000,
}: StartOptions = {}): Promise<TestOrderloom> {
  buildServer();
  const home = await mkdtemp(join(tmpdir(), "orderloom-home-"));
  await chmod(home, 0o755);
  const database = embedded ? undefined : await createDatabase();
  const port = await freePort();
  const variables: NodeJS.ProcessEnv = { ...process.env, PORT: `${port}`, HOST: "127.0.0.1", ORDERLOOM_HOME: home, ...env };
  delete variables.NODE_OPTIONS;
  delete variables.VITEST;
  if (database) variables.DATABASE_URL = database.url;
  const url = `http://127.0.0.1:${port}`;
  let output = "";
  let child: ChildProcess;

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, [join(root, "dist", "start.js")], {
      cwd: root,
      env: variables,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const from = output.length;
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    await ready(
      child,
      () => output.slice(from).includes(url),
      readyWithinMs,
      () => output.slice(from),
    );
  };
  const kill = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  const remove = async (): Promise<void> => {
    await database?.drop();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    url,
    get pid() {
      return child.pid ?? 0;
    },
    output: () => output,
    kill,
    restart: start,
    async stop() {
      await kill("SIGTERM");
      // A launcher that was killed leaves its database running; the next one, or this, takes it over.
      if (embedded && child.signalCode === "SIGKILL") await (await startEmbedded(home)).stop();
      await remove();
    },
  };
}

/** Builds the server once where it is stale, as `npm start` would. */
export function buildServer(): void {
  if (built) return;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts", "prepare.mjs"), "--quick"], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`The server could not be built: ${stdout}${stderr}`);
  built = true;
}

async function ready(child: ChildProcess, isReady: () => boolean, withinMs: number, said: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`Orderloom ${why}. It said: ${said().slice(-3000)}`));
    };
    const timer = setTimeout(() => fail(`was not ready after ${withinMs / 1000} s`), withinMs);
    child.once("exit", (code, signal) => fail(`ended with ${signal ?? code}`));
    child.once("error", (error) => fail(error.message));
    child.stdout?.on("data", () => {
      if (!isReady()) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve();
    });
  });
}
