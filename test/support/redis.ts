import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { until } from "./until.ts";

/** A real Redis (or Valkey) server on a port of its own. */
export interface TestRedis {
  url: string;
  /** Kills it at once; what was not written is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what its append-only file holds. */
  start(): Promise<void>;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const program = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

/** Whether a Redis can be started here; says so once when it cannot, for `describe.skipIf(!hasRedis)`. */
export const hasRedis = program !== undefined;
if (!hasRedis) console.log("Skipped: tests on Redis, because there is no redis-server on this machine.");

/** Starts a Redis, or answers null where there is none to start. */
export async function startRedis(): Promise<TestRedis | null> {
  if (!program) return null;
  const folder = await mkdtemp(join(tmpdir(), "orderloom-redis-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn(program, ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"], {
      stdio: "ignore",
    });
    await until(() => answersPing(port), { what: `Redis on port ${port}` });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end("SIGKILL"),
    start,
    async stop() {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [reply] = (await once(socket, "data")) as [Buffer];
    return reply.toString().startsWith("+PONG");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
