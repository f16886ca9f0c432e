import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { Client } from "pg";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { startEmbedded } from "#runtime/store/embedded/start.ts";
import { until } from "../support/until.ts";

/** A server that can be killed and comes back at the same address, with what its files hold. */
export interface Server {
  url: string;
  pid(): number;
  kill(signal?: "SIGKILL" | "SIGQUIT"): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** A PostgreSQL of our own, that waits for the disk as the product's does. Started again by its own command line. */
export async function startPostgres(home: string): Promise<Server> {
  const embedded = await startEmbedded(home, "the chaos harness");
  const { url } = embedded;
  const [program = "", ...flags] = (await readFile(`/proc/${embedded.pid}/cmdline`, "utf8")).split("\0").filter(Boolean);
  const { uid, gid } = await stat(`/proc/${embedded.pid}`);
  let pid = embedded.pid;
  let child: ChildProcess | undefined;
  const answers = async (): Promise<boolean> => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  };
  const gone = async () => {
    if (child) return ended(child);
    return !(await stat(`/proc/${pid}`).catch(() => undefined));
  };
  const kill: Server["kill"] = async (signal = "SIGKILL") => {
    process.kill(pid, signal);
    await until(gone, { timeoutMs: 30_000, what: "PostgreSQL to be gone" });
  };
  const start = async () => {
    // Its children hold the shared memory for a moment longer, and a new one refuses to start until they are gone.
    await until(
      async () => {
        if (!child || ended(child)) {
          child = spawn(program, flags, { uid, gid, stdio: "ignore", env: { PATH: process.env.PATH, TZ: "UTC", LC_ALL: "C" } });
          pid = child.pid ?? 0;
        }
        return answers();
      },
      { timeoutMs: 120_000, everyMs: 100, what: "PostgreSQL to come back" },
    );
  };
  return {
    url,
    pid: () => pid,
    kill,
    start,
    async stop() {
      if (child && !ended(child)) {
        process.kill(pid, "SIGINT");
        await until(gone, { timeoutMs: 30_000, what: "PostgreSQL to stop" });
      }
      await embedded.stop();
    },
  };
}

/** A Redis whose append-only file can be kept and put back. */
export interface RedisServer extends Server {
  flush(): Promise<void>;
  /** Keeps a copy of its files as they are now. */
  keepFiles(): Promise<void>;
  /** Ends it, puts the kept files back, starts it: it is as it was then. False when none were kept. */
  putFilesBack(): Promise<boolean>;
}

const redisProgram = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

export const hasRedis = redisProgram !== undefined;

export async function startRedis(folder: string): Promise<RedisServer> {
  if (!redisProgram) throw new Error("There is no redis-server or valkey-server on this machine; use --backend postgres.");
  const [data, kept] = [join(folder, "redis"), join(folder, "redis.kept")];
  await mkdir(data, { recursive: true });
  const port = await freePort();
  let child: ChildProcess | undefined;
  let isKept = false;
  const command = async (text: string): Promise<string> => {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      socket.write(`${text}\r\n`);
      const [reply] = (await once(socket, "data")) as [Buffer];
      return reply.toString();
    } finally {
      socket.destroy();
    }
  };
  const start = async () => {
    const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly", "yes"];
    child = spawn(redisProgram, flags, { stdio: "ignore" });
    await until(async () => (await command("PING").catch(() => "")).startsWith("+PONG"), { timeoutMs: 30_000, what: "Redis" });
  };
  const kill = async (signal: NodeJS.Signals = "SIGKILL") => {
    if (!child || ended(child)) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    kill,
    start,
    flush: async () => void (await command("FLUSHALL")),
    async keepFiles() {
      await rm(kept, { recursive: true, force: true });
      // A file may go while it is copied (a rewrite): then there is none to put back.
      isKept = await cp(join(data, "appendonlydir"), kept, { recursive: true }).then(
        () => true,
        () => false,
      );
    },
    async putFilesBack() {
      if (!isKept) return false;
      await kill();
      await rm(join(data, "appendonlydir"), { recursive: true, force: true });
      await cp(kept, join(data, "appendonlydir"), { recursive: true });
      await start();
      return true;
    },
    stop: () => kill("SIGTERM"),
  };
}
