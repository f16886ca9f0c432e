import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import { access, chown, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { asAccount } from "./account.ts";
import { program } from "./binaries.ts";
import { freePort } from "./freePort.ts";
import type { Place } from "./place.ts";
import { isAlive, isPostmasterOf } from "./processes.ts";

export const role = "orderloom";
const stopWithinMs = 30_000;
/** Recovery after a crash replays at most max_wal_size; this is far beyond that. */
const readyWithinMs = 300_000;

/** A running server. */
export interface Running {
  pid: number;
  port: number;
}

/** Durable, small, and reachable through loopback only. */
const settings = {
  listen_addresses: "127.0.0.1",
  // No socket file: its path may have 107 bytes at most, and a home may be deeper.
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "64MB",
  max_wal_size: "512MB",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_worker_processes: "2",
  max_parallel_workers_per_gather: "0",
  autovacuum_max_workers: "2",
  io_method: "sync",
  // The pools of a server, its evaluator and a dozen workers, and some of people who look.
  max_connections: "120",
  huge_pages: "off",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Settings with which a server is started instead of its usual ones. */
export type ServerSettings = Partial<typeof settings>;

/** Makes a new database cluster with a random password, which stays in `passwordFile` (mode 0600). */
export async function initialise(place: Place, passwordFile: string): Promise<void> {
  const password = randomBytes(24).toString("base64url");
  const unfinished = `${place.data}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const handed = `${place.data}.password`;
  await rm(handed, { force: true });
  await writeFile(handed, password, { mode: 0o600 });
  if (place.account) await chown(handed, place.account.uid, place.account.gid);
  try {
    await runInitdb(place, unfinished, handed);
  } finally {
    await rm(handed, { force: true });
  }
  await writeFile(passwordFile, password, { mode: 0o600 });
  await rename(unfinished, place.data);
}

async function runInitdb(place: Place, data: string, passwordFile: string): Promise<void> {
  const options = [
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
  ];
  const child = spawn(program(place.native, "initdb"), ["-D", data, "-U", role, `--pwfile=${passwordFile}`, ...options], {
    cwd: place.data.slice(0, -"/data".length),
    stdio: ["ignore", "pipe", "pipe"],
    ...asAccount(place.account),
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL could not make its data folder ${data}: ${output.trim().slice(-1500)}`);
}

/** Starts the server and waits until it takes connections. */
export async function launch(place: Place, password: string, more: ServerSettings): Promise<Running> {
  const log = join(place.folder, "postgres.log");
  const deadline = Date.now() + readyWithinMs;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const from = await sizeOf(log);
    const pid = await spawnServer(place, port, log, more);
    const problem = await waitReady({ pid, port }, password, deadline);
    if (!problem) return { pid, port };
    const said = (await readFile(log, "utf8").catch(() => "")).slice(from).trim();
    // Children of a killed server hold its shared memory for a moment; a port may be taken between our look and its use.
    const passing = /pre-existing shared memory block|already in use|Address already|could not bind/i.test(said);
    if (!passing || attempt >= 20) throw new Error(`PostgreSQL in ${place.data} did not start: ${problem} ${said.slice(-1500)}`);
    await sleep(250);
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

async function spawnServer(place: Place, port: number, log: string, more: ServerSettings): Promise<number> {
  const output = await open(log, (await sizeOf(log)) > 5_000_000 ? "w" : "a", 0o600);
  const flags = Object.entries({ ...settings, ...more, port }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  try {
    const child = spawn(program(place.native, "postgres"), ["-D", place.data, ...flags], {
      cwd: place.data,
      // A group of its own: Ctrl-C reaches the launcher, which stops the database last.
      detached: true,
      stdio: ["ignore", output.fd, output.fd],
      env: { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C" },
      ...asAccount(place.account),
    });
    child.unref();
    await once(child, "spawn");
    return child.pid ?? 0;
  } finally {
    await output.close();
  }
}

/** Waits for the first connection; answers a problem when the server ends or the time is over. */
async function waitReady(server: Running, password: string, deadline: number): Promise<string | undefined> {
  while (Date.now() < deadline) {
    if (await answers(server.port, password)) return undefined;
    if (!isAlive(server.pid)) return "it ended.";
    await sleep(20);
  }
  await stopServer(server.pid);
  return `it was not ready after ${readyWithinMs / 1000} s.`;
}

/** Whether a server on this port lets us in. */
export async function answers(port: number, password: string): Promise<boolean> {
  const client = new Client({
    host: "127.0.0.1",
    port,
    user: role,
    password,
    database: "postgres",
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates our own database in a fresh cluster. */
export async function createDatabase(port: number, password: string): Promise<void> {
  const client = new Client({ host: "127.0.0.1", port, user: role, password, database: "postgres" });
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [role]);
    if (!rowCount) await client.query(`create database ${role}`);
  } finally {
    await client.end();
  }
}

/** Fast shutdown: running statements are cancelled, everything committed is kept. Waits until the process is gone. */
export async function stopServer(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return;
      throw error;
    }
    const deadline = Date.now() + stopWithinMs;
    while (isAlive(pid) && Date.now() < deadline) await sleep(20);
  }
}

/**
 * What an earlier launch left behind: a server that still runs (the launcher was killed) is answered; a stale pid
 * file is removed, since PostgreSQL would refuse to start when another program got that id in the meantime.
 */
export async function findOrphan(data: string): Promise<Running | undefined> {
  const file = join(data, "postmaster.pid");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (isPostmasterOf(pid, data)) return { pid, port: Number(lines[3]) };
  await rm(file, { force: true });
  return undefined;
}

/** The major version that made this data folder; undefined for a new one. */
export async function majorOf(data: string): Promise<number | undefined> {
  if (existsSync(data)) await access(data, constants.R_OK);
  const text = await readFile(join(data, "PG_VERSION"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : Number(text.trim());
}
