// How long a user waits, and what it costs: time from `npm start` to the ready line on a fresh clone and warm, and the
// memory of the whole process tree at rest. Measures the last commit, not the working tree.
//   npm run bench -- [--warm N]
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, platform, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const warmRuns = Number(process.argv[process.argv.indexOf("--warm") + 1]) || 3;
const readyWithinMs = 180_000;
/** Long enough for the first collections after the start; the sample orders keep flowing meanwhile. */
const settleMs = 10_000;

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const megabytes = (bytes) => `${(bytes / 1_048_576).toFixed(0)} MB`;

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Runs `npm start` in the clone; answers the time to the ready line and a way to stop it. */
async function start(folder, env) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn("npm", ["start"], {
    cwd: folder,
    env: { ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  /** As a terminal does on Ctrl-C: to the whole group, since the shell between npm and the server passes nothing on. */
  const interrupt = () => process.kill(-child.pid, "SIGINT");
  let output = "";
  const exited = once(child, "exit");
  const readyMs = await new Promise((resolve, reject) => {
    const fail = () => {
      interrupt();
      reject(new Error(`Not ready after ${readyWithinMs / 1000} s:\n${output}`));
    };
    const timer = setTimeout(fail, readyWithinMs);
    const collect = (chunk) => {
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
    pid: child.pid,
    async stop() {
      const tree = treeOf(child.pid);
      const before = performance.now();
      interrupt();
      await exited;
      const left = () => tree.filter(({ pid }) => commandOf(pid) !== undefined);
      while (left().length > 0 && performance.now() - before < 30_000) await sleep(20);
      return { stopMs: performance.now() - before, left: left() };
    },
  };
}

function commandOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z") return undefined;
    const text = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { parent: Number(parent), text };
  } catch {
    return undefined;
  }
}

/** The process and all below it; only where there is a /proc. */
function treeOf(top) {
  if (platform() !== "linux") return [];
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(Number(name)) }))
    .filter(({ command }) => command);
  const found = all.filter(({ pid }) => pid === top);
  for (const one of found) found.push(...all.filter(({ command }) => command.parent === one.pid));
  return found.map(({ pid, command }) => ({ pid, text: command.text }));
}

/** Proportional share of memory in bytes, shared pages divided among their users; resident size where that cannot be read. */
function memoryOf(pid) {
  const kilobytes = (file, name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1] ?? 0);
  try {
    return { bytes: kilobytes("smaps_rollup", "Pss") * 1024, measure: "PSS" };
  } catch {
    try {
      return { bytes: kilobytes("status", "VmRSS") * 1024, measure: "RSS" };
    } catch {
      return { bytes: 0, measure: "gone" };
    }
  }
}

const kinds = [
  [/dist\/evaluator/, "evaluators"],
  [/dist\/sandbox/, "sandbox"],
  [/dist\/start/, "server"],
  [/postgres/, "PostgreSQL"],
  [/npm/, "npm"],
];

function memoryByKind(pid) {
  const sums = {};
  for (const one of treeOf(pid)) {
    const kind = kinds.find(([pattern]) => pattern.test(one.text))?.[1] ?? "other";
    const { bytes } = memoryOf(one.pid);
    sums[kind] ??= { processes: 0, bytes: 0 };
    sums[kind].processes++;
    sums[kind].bytes += bytes;
  }
  return sums;
}

const folder = mkdtempSync(join(tmpdir(), "orderloom-bench-"));
// Whoever runs PostgreSQL when we are root has to get there.
chmodSync(folder, 0o755);
const env = { ...process.env };
// npm_config_registry and its like stay: without them packages may be out of reach.
const foreign =
  /^(npm_(lifecycle|package|execpath|node_execpath|command|config_local_prefix)|ORDERLOOM_|DATABASE_URL|REDIS_URL|NODE_ENV|HOST$)/;
for (const name of Object.keys(env)) if (foreign.test(name)) delete env[name];

try {
  const clone = join(folder, "orderloom");
  execFileSync("git", ["-c", "safe.directory=*", "clone", "--quiet", "--no-hardlinks", root, clone]);
  const commit = execFileSync("git", ["-c", "safe.directory=*", "rev-parse", "--short", "HEAD"], {
    cwd: clone,
    encoding: "utf8",
  }).trim();

  const cold = await start(clone, env);
  const coldStop = await cold.stop();
  const warm = [];
  let memory = {};
  let stopMs = 0;
  for (let n = 0; n < warmRuns; n++) {
    const run = await start(clone, env);
    warm.push(run.readyMs);
    if (n === warmRuns - 1) {
      await sleep(settleMs);
      memory = memoryByKind(run.pid);
    }
    const stopped = await run.stop();
    stopMs = Math.max(stopMs, stopped.stopMs);
    coldStop.left.push(...stopped.left);
  }
  const total = Object.values(memory).reduce((sum, { bytes }) => sum + bytes, 0);
  const warmMs = warm.toSorted((a, b) => a - b)[Math.floor(warm.length / 2)];
  const result = {
    commit,
    at: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory: totalmem(),
      system: `${platform()} ${release()}`,
      node: process.version,
    },
    coldMs: cold.readyMs,
    warmMs,
    stopMs,
    memoryMeasure: memoryOf(process.pid).measure,
    memoryTotal: total,
    memory,
    leftProcesses: coldStop.left,
  };
  console.log(`Orderloom ${commit}, ${result.machine.cores} cores (${result.machine.cpu}), Node ${process.version}`);
  console.table({
    "npm start, fresh clone, to ready": seconds(cold.readyMs),
    [`npm start, warm (median of ${warmRuns})`]: seconds(warmMs),
    "Ctrl-C to the last process gone": seconds(stopMs),
    "processes left over": coldStop.left.length,
    ...Object.fromEntries(
      Object.entries(memory).map(([kind, { processes, bytes }]) => [`memory at rest, ${kind} (${processes})`, megabytes(bytes)]),
    ),
    [`memory at rest, all (${result.memoryMeasure})`]: megabytes(total),
  });
  const results = join(root, "bench", "results");
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, "startup.json"), `${JSON.stringify(result, null, 2)}\n`);
  console.log("Written to bench/results/startup.json.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
