import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { fromRoot } from "#runtime/root.ts";
import type { Tops } from "../measure/processes.ts";
import { redisReady } from "../product/redis.ts";
import { query } from "../product/start.ts";

/** A system under test that is running. */
export interface Peer {
  system: string;
  url: string;
  tops: Tops;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/** The peers' own flows and start scripts, which stand outside the project. */
export function peersFolder(): string | undefined {
  const folder = fromRoot("..", "shared", "peers");
  return existsSync(join(folder, "install.sh")) ? folder : undefined;
}

/** Installs n8n and Node-RED (2.6 GB, npm packages alone) into a scratch folder; what is there already stays. */
export async function installPeers(files: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bin = (name: string) => join(folder, name, "node_modules", ".bin");
  for (const [name, program] of [
    ["nodered", "node-red"],
    ["n8n", "n8n"],
  ] as const) {
    if (existsSync(join(bin(name), program))) continue;
    await run("bash", [join(files, "install.sh"), resolve(folder), name], { maxBuffer: 10_000_000 });
    if (!existsSync(join(bin(name), program)))
      throw new Error(`${name} was not installed; see ${join(folder, name, "install.log")}.`);
  }
}

/** The scripts expect to lie in the scratch folder. */
async function prepare(files: string, folder: string): Promise<{ dir: string; script: (...args: string[]) => Promise<unknown> }> {
  const dir = resolve(folder);
  await cp(files, join(dir, "scripts"), { recursive: true });
  const env = { ...process.env, PEERS: dir };
  const script = (...args: string[]) =>
    run(args[0]?.endsWith(".sh") ? "bash" : process.execPath, args, { cwd: dir, env, maxBuffer: 50_000_000 });
  return { dir, script };
}

const pidIn = async (file: string): Promise<number> => Number((await readFile(file, "utf8")).split("\n")[0]);

/** Ends a process that a script started, by its id, and waits until it has gone. */
async function endPid(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  if (!alive()) return;
  process.kill(pid, "SIGTERM");
  const until = Date.now() + 30_000;
  while (alive() && Date.now() < until) await sleep(100);
  if (alive()) process.kill(pid, "SIGKILL");
}

export async function startNodeRed(files: string, folder: string): Promise<Peer> {
  const { dir, script } = await prepare(files, folder);
  await script("scripts/nodered/make-flows.js", join(dir, "nodered-data"));
  await script("scripts/nodered/start.sh");
  const pid = await pidIn(join(dir, "nodered.pid"));
  return { system: "Node-RED", url: "http://127.0.0.1:17880/orders0", tops: { nodered: pid }, stop: () => endPid(pid) };
}

/** Written down in the peers' scripts. */
const N8N_REDIS_PORT = 6390;

/** Executions that one n8n worker runs at once. */
const N8N_CONCURRENCY = "20";

/** n8n in queue mode: one main and one worker process, PostgreSQL and Redis of their own. */
export async function startN8n(files: string, folder: string): Promise<Peer> {
  const { dir, script } = await prepare(files, folder);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const redis = await background(dir, "scripts/redis.sh", stops);
    await redisReady(N8N_REDIS_PORT);
    await background(dir, "scripts/pg.sh", stops);
    await database();
    const seeded = join(dir, "n8n-seeded");
    if (!existsSync(seeded)) {
      await script("scripts/n8n/setup.sh", "pg");
      await writeFile(seeded, "");
    }
    stops.push(async () => {
      await script("scripts/n8n/stop.sh");
    });
    await script("scripts/n8n/start.sh", "pg", "queue");
    await script("scripts/n8n/worker.sh", "pg", N8N_CONCURRENCY);
    const tops = {
      main: await pidIn(join(dir, "n8nmain.pid")),
      worker: await pidIn(join(dir, "n8nworker1.pid")),
      postgres: await pidIn(join(dir, "pg", "postmaster.pid")),
      redis,
    };
    return { system: "n8n queue", url: "http://127.0.0.1:15678/webhook/orders0", tops, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a script that stays; the script becomes the server, so its id is the server's. */
async function background(dir: string, file: string, stops: (() => Promise<void>)[]): Promise<number> {
  const child: ChildProcess = spawn("bash", [file], { cwd: dir, env: { ...process.env, PEERS: dir }, stdio: "ignore" });
  await once(child, "spawn");
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  });
  return child.pid ?? 0;
}

async function database(): Promise<void> {
  const url = "postgres://postgres@127.0.0.1:5490/postgres";
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      const rows = await query(url, "select 1 from pg_roles where rolname = 'n8n'");
      if (rows.length === 0) await query(url, "create role n8n login password 'n8n'");
      const databases = await query(url, "select 1 from pg_database where datname = 'n8n'");
      if (databases.length === 0) await query(url, "create database n8n owner n8n");
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(250);
    }
  }
}
