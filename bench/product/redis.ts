import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "#runtime/store/embedded/freePort.ts";

const programs = ["redis-server", "valkey-server"];

const READY_WITHIN_MS = 10_000;

/** The Redis or Valkey there is to start here, if any. */
export const redisProgram = (): string | undefined => programs.find((name) => spawnSync(name, ["--version"]).status === 0);

/** One command without arguments that hold blanks; answers the raw text of the reply. */
export async function askRedis(port: number, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(`${command}\r\n`);
    const [reply] = (await once(socket, "data")) as [Buffer];
    return reply.toString();
  } finally {
    socket.destroy();
  }
}

/** Waits until a Redis answers. */
export async function redisReady(port: number): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await askRedis(port, "PING").catch(() => "")).startsWith("+PONG")) {
    if (Date.now() > until) throw new Error(`Redis on port ${port} did not answer within ${READY_WITHIN_MS / 1000} s.`);
    await sleep(50);
  }
}

/** Starts Redis with an append-only file written every second, as the peers have it. */
export async function startRedis(folder: string): Promise<{ port: number; pid: number; stop(): Promise<void> }> {
  const program = redisProgram();
  if (!program) throw new Error("There is no redis-server or valkey-server on this machine; run the embedded shape alone.");
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const flags = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"];
  const child = spawn(program, flags, { stdio: "ignore" });
  await redisReady(port);
  return {
    port,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
