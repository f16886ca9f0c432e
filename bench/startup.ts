import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fromRoot } from "#runtime/root.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { proportionalBytes, treeOf } from "./measure/processes.ts";
import { quantile } from "./measure/run.ts";

const READY_WITHIN_MS = 180_000;
const GONE_WITHIN_MS = 30_000;
/** Long enough for the first collections after the start; the sample orders keep flowing meanwhile. */
const SETTLE_MS = 10_000;

/** How long a user waits, and what it costs. Times in milliseconds. */
export interface StartupReport {
  commit: string;
  /** `npm start` to the ready line, on a fresh clone without packages and build. */
  coldMs: number;
  /** The same again, median. */
  warmMs: number;
  /** Ctrl-C to the last process gone, the longest. */
  stopMs: number;
  /** At rest, shared pages counted once. */
  memory: Record<string, { processes: number; bytes: number }>;
  /** Processes that stayed after a stop. */
  left: string[];
}

interface Started {
  readyMs: number;
  pid: number;
  stop(): Promise<{ stopMs: number; left: string[] }>;
}

/** Runs `npm start` in the clone. */
async function start(folder: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn("npm", ["start"], {
    cwd: folder,
    env: { ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const top = child.pid ?? 0;
  /** As a terminal does on Ctrl-C: to the whole group, since the shell between npm and the server passes nothing on. */
  const interrupt = (): boolean => process.kill(-top, "SIGINT");
  let output = "";
  const exited = once(child, "exit");
  const readyMs = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      interrupt();
      reject(new Error(`Not ready after ${READY_WITHIN_MS / 1000} s:\n${output}`));
    }, READY_WITHIN_MS);
    const collect = (chunk: Buffer): void => {
      output += chunk;
      if (!output.includes(url)) return;
      clearTimeout(timer);
      resolve(performance.now() - started);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    exited.then(() => reject(new Error(`npm start ended:\n${output}`)));
  });
  return {
    readyMs,
    pid: top,
    async stop() {
      const tree = treeOf(top);
      const before = performance.now();
      interrupt();
      await exited;
      const left = () => tree.filter(({ pid }) => treeOf(pid).length > 0);
      while (left().length > 0 && performance.now() - before < GONE_WITHIN_MS) await sleep(20);
      return { stopMs: performance.now() - before, left: left().map(({ command }) => command) };
    },
  };
}

const kinds: [RegExp, string][] = [
  [/dist\/evaluator/, "evaluators"],
  [/dist\/sandbox/, "sandbox"],
  [/dist\/start/, "server"],
  [/postgres/, "PostgreSQL"],
  [/npm/, "npm"],
];

function memoryByKind(top: number): StartupReport["memory"] {
  const sums: StartupReport["memory"] = {};
  for (const { pid, command } of treeOf(top)) {
    const kind = kinds.find(([pattern]) => pattern.test(command))?.[1] ?? "other";
    const sum = sums[kind] ?? { processes: 0, bytes: 0 };
    sums[kind] = { processes: sum.processes + 1, bytes: sum.bytes + proportionalBytes(pid) };
  }
  return sums;
}

/** npm_config_registry and its like stay: without them packages may be out of reach. */
const foreign =
  /^(npm_(lifecycle|package|execpath|node_execpath|command|config_local_prefix)|ORDERLOOM_|DATABASE_URL|REDIS_URL|NODE_ENV|NODE_OPTIONS|HOST$)/;

/**
 * Time from `npm start` to the ready line on a fresh clone and warm, and the memory of the whole process tree at rest.
 * Measures the last commit, not the working tree.
 */
export async function benchStartup(warmRuns: number): Promise<StartupReport> {
  const folder = mkdtempSync(join(tmpdir(), "orderloom-bench-"));
  // Whoever runs PostgreSQL when we are root has to get there.
  chmodSync(folder, 0o755);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const git = (...args: string[]) => execFileSync("git", ["-c", "safe.directory=*", ...args], { encoding: "utf8" }).trim();
  try {
    const clone = join(folder, "orderloom");
    git("clone", "--quiet", "--no-hardlinks", fromRoot("."), clone);
    const commit = git("-C", clone, "rev-parse", "--short", "HEAD");
    const cold = await start(clone, env);
    const stops = [await cold.stop()];
    const warm: number[] = [];
    let memory: StartupReport["memory"] = {};
    for (let n = 1; n <= warmRuns; n++) {
      const run = await start(clone, env);
      warm.push(run.readyMs);
      if (n === warmRuns) {
        await sleep(SETTLE_MS);
        memory = memoryByKind(run.pid);
      }
      stops.push(await run.stop());
    }
    return {
      commit,
      coldMs: cold.readyMs,
      warmMs: quantile(warm, 0.5),
      stopMs: Math.max(...stops.map(({ stopMs }) => stopMs)),
      memory,
      left: stops.flatMap(({ left }) => left),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
