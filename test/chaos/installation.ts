import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { migrate } from "#runtime/store/migrate.ts";
import type { Flow } from "#schemas/flow.ts";
import { type CuttableProxy, cuttableProxy } from "../support/cuttableProxy.ts";
import { type Process, type Role, startProcess, startTargets } from "./processes.ts";
import { type RedisServer, type Server, startPostgres, startRedis } from "./servers.ts";
import { type Targets, targetsAt } from "./targets.ts";
import { proofConnector, proofSystem, sandboxConnections, seedProof } from "./workload.ts";

/** What the harness is to break. */
export interface InstallationOptions {
  backend: "redis" | "postgres";
  workers: number;
  flows: Flow[];
  leaseMs: number;
  /** How late a target may still apply what it was sent: the quiet period is counted from it. */
  quietPeriodMs: number;
  /** Another entry than the product's own, for the naive variant. */
  entry?: string;
}

/** Everything a real installation has, each part in processes of its own, on loopback. */
export interface Installation {
  url: string;
  postgres: Server;
  redis: RedisServer | undefined;
  targets: Targets;
  /** The way from the workers to the targets. */
  way: CuttableProxy;
  processes: Record<"api" | "worker" | "scheduler", Process[]>;
  /** Ends one at once (kill -9) and starts another in its place; resolves when that one is ready. */
  replace(role: "api" | "worker" | "scheduler", index: number): Promise<void>;
  database: Pool;
  stop(): Promise<void>;
}

const TARGET_TIMEOUT_MS = 1_200;

export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), "orderloom-chaos-"));
  await chmod(folder, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each().catch((error: unknown) => console.error(String(error)));
  };
  try {
    return await startIn(folder, options, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startIn(
  folder: string,
  { backend, workers, flows, leaseMs, quietPeriodMs, entry }: InstallationOptions,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Installation> {
  const connector = proofConnector({ timeoutMs: TARGET_TIMEOUT_MS, quietPeriodMs, retryMs: 100, attempts: 60 });
  const postgres = await startPostgres(folder);
  stops.push(() => postgres.stop());
  await migrate(postgres.url);
  const redis = backend === "redis" ? await startRedis(folder) : undefined;
  if (redis) stops.push(() => redis.stop());
  const sandbox = await startTargets(join(folder, "targets"), sandboxConnections(connector));
  stops.push(() => sandbox.stop());
  const way = await cuttableProxy({ host: "127.0.0.1", port: Number(new URL(sandbox.url).port) });
  stops.push(() => way.close());
  const systemUrl = `http://127.0.0.1:${way.port}/${proofSystem}`;
  await seedProof({ databaseUrl: postgres.url, home: folder, systemUrl, connector, flows });
  const database = new Pool({ connectionString: postgres.url, max: 2, connectionTimeoutMillis: 5_000 });
  database.on("error", () => {});
  stops.push(() => database.end());
  const port = await freePort();
  const env: Record<string, string> = {
    PORT: `${port}`,
    ORDERLOOM_HOME: folder,
    DATABASE_URL: postgres.url,
    ORDERLOOM_LEASE_MS: `${leaseMs}`,
    ORDERLOOM_SWEEP_MS: "200",
    ORDERLOOM_REHINT_MS: "2000",
    // A breaker that opens is soon tried again, so that its way through open, half open and closed is met often.
    ORDERLOOM_BREAKER_OPEN_MS: "500",
    ORDERLOOM_BREAKER_MOST_OPEN_MS: "3000",
    ORDERLOOM_EVALUATORS: "1",
    ORDERLOOM_DATABASE_POOL: "8",
    ORDERLOOM_QUEUE_POOL: "6",
    LOG_LEVEL: "error",
    ...(redis ? { REDIS_URL: redis.url } : {}),
  };
  const startOne = (role: Role) => startProcess(role, env, entry === undefined ? {} : { entry });
  const processes: Installation["processes"] = { api: [], worker: [], scheduler: [] };
  stops.push(() => Promise.all(Object.values(processes).flatMap((all) => all.map((each) => each.end("SIGKILL")))));
  const wanted = { api: 1, scheduler: 1, worker: workers };
  for (const role of ["api", "scheduler", "worker"] as const) {
    processes[role].push(...(await Promise.all(Array.from({ length: wanted[role] }, () => startOne(role)))));
  }
  return {
    url: `http://127.0.0.1:${port}`,
    postgres,
    redis,
    targets: targetsAt(sandbox.url, proofSystem),
    way,
    processes,
    async replace(role, index) {
      await processes[role][index]?.end("SIGKILL");
      // It may meet a database that is away: started again until it stands, as whoever runs it would.
      for (;;) {
        try {
          processes[role][index] = await startOne(role);
          return;
        } catch (error) {
          if (!/ended with/.test(String(error))) throw error;
        }
      }
    },
    database,
    stop,
  };
}
