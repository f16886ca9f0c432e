import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { fromRoot } from "#runtime/root.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { startEmbedded } from "#runtime/store/embedded/start.ts";
import type { Tops } from "../measure/processes.ts";
import type { Stubs } from "../measure/stubProcess.ts";
import { webhookPath } from "../workload/flow.ts";
import { startRedis } from "./redis.ts";
import { seedWorkload } from "./seed.ts";

/** `redis`: api, worker and scheduler as processes of their own. `embedded`: what `npm start` starts, one process tree. */
export type Shape = "redis" | "embedded";

/** The product, running the reference workload. */
export interface Product {
  hookUrl: string;
  /** Top processes by part, for CPU and memory. */
  tops: Tops;
  databaseUrl: string;
  redisPort: number | undefined;
  /** Says that commits wait for the disk; throws when they do not. */
  assertDurable(): Promise<void>;
  stop(): Promise<void>;
}

export interface ProductOptions {
  env?: Record<string, string>;
  /** Folder for `.cpuprofile` files, one for each process of the product. */
  profileTo?: string;
  /** Let PostgreSQL keep time and number of every statement (`pg_stat_statements`). */
  countStatements?: boolean;
}

const READY_WITHIN_MS = 120_000;

/** Starts the product as built in dist/, on a database of its own, with the reference workload deployed. */
export async function startProduct(shape: Shape, stubs: Stubs, options: ProductOptions = {}): Promise<Product> {
  const home = await mkdtemp(join(tmpdir(), "orderloom-bench-"));
  // Whoever runs PostgreSQL when we are root has to get there.
  await chmod(home, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(home, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const port = await freePort();
    const start = (role: string, env: Record<string, string>) =>
      startRole(role, { ...env, PORT: String(port), ORDERLOOM_HOME: home }, options, stops);
    let database = await startEmbedded(home);
    if (options.countStatements) {
      await query(database.url, "alter system set shared_preload_libraries = 'pg_stat_statements'");
      await database.stop();
      database = await startEmbedded(home);
      await query(database.url, "create extension if not exists pg_stat_statements");
    }
    const { url, folder } = database;
    await seedWorkload(url, home, stubs);
    const tops: Record<string, number> = {};
    let databaseUrl = url;
    let redisPort: number | undefined;
    if (shape === "redis") {
      stops.push(() => database.stop());
      const redis = await startRedis(join(home, "redis"));
      stops.push(() => redis.stop());
      redisPort = redis.port;
      const shared = { DATABASE_URL: url, REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      for (const role of ["api", "worker", "scheduler"]) tops[role] = await start(role, shared);
      Object.assign(tops, { postgres: database.pid, redis: redis.pid });
    } else {
      await database.stop();
      tops.server = await start("all", {});
      const [pid = "", , , serverPort = ""] = (await readFile(join(folder, "cluster", "data", "postmaster.pid"), "utf8")).split(
        "\n",
      );
      tops.postgres = Number(pid);
      const changed = new URL(url);
      changed.port = serverPort.trim();
      databaseUrl = changed.href;
    }
    const assertDurable = () => assertCommitsWait(databaseUrl);
    return { hookUrl: `http://127.0.0.1:${port}${webhookPath}`, tops, databaseUrl, redisPort, assertDurable, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startRole(
  role: string,
  env: Record<string, string>,
  { env: more, profileTo }: ProductOptions,
  stops: (() => Promise<unknown>)[],
): Promise<number> {
  const variables: NodeJS.ProcessEnv = { ...process.env, HOST: "127.0.0.1", ORDERLOOM_DEMO: "off", ...env, ...more };
  variables.ORDERLOOM_ROLE = role;
  for (const name of ["npm_lifecycle_event"]) delete variables[name];
  const profiling = profileTo ? ["--cpu-prof", `--cpu-prof-dir=${profileTo}`, `--cpu-prof-name=${role}.\${pid}.cpuprofile`] : [];
  const child = spawn(process.execPath, [...profiling, fromRoot("dist/start.js")], {
    cwd: fromRoot("."),
    env: variables,
    stdio: ["ignore", "pipe", "inherit"],
  });
  stops.push(() => end(child));
  await ready(child, role);
  return child.pid ?? 0;
}

async function ready(child: ChildProcess, role: string): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${role} was not ready in time: ${said}`)), READY_WITHIN_MS);
    child.once("exit", (code, signal) => reject(new Error(`${role} ended with ${signal ?? code}: ${said}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes("is ready")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve();
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

/** One statement on a connection of its own. */
export async function query<T extends object>(databaseUrl: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function assertCommitsWait(databaseUrl: string): Promise<void> {
  const rows = await query<{ name: string; setting: string }>(
    databaseUrl,
    "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')",
  );
  const off = rows.filter(({ setting }) => setting !== "on");
  if (rows.length !== 3 || off.length > 0) throw new Error(`The database does not wait for the disk: ${JSON.stringify(off)}.`);
}
