import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { startOrderloom, type TestOrderloom } from "./support/orderloom.ts";
import { until } from "./support/until.ts";

/** The product as `npm start` starts it: its own PostgreSQL, everything in one process tree. */

const started: TestOrderloom[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});
const start = async (): Promise<TestOrderloom> => {
  const one = await startOrderloom({ embedded: true });
  started.push(one);
  return one;
};

const status = async (url: string): Promise<number> => (await fetch(url)).status;

/** All processes below this one. */
function below(pid: number): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.filter(([, parent]) => parent === pid).map(([child]) => child ?? 0);
  return children.flatMap((child) => [child, ...below(child)]);
}

const alive = (pids: number[]): number[] =>
  pids.filter(
    (pid) =>
      readdirSync("/proc").includes(String(pid)) && execFileSync("ps", ["-o", "stat=", "-p", `${pid}`]).toString()[0] !== "Z",
  );

const linux = process.platform === "linux";

it("is ready twice at once, each with its own home and port, in one line; Ctrl-C ends one with every child, kill -9 hinders no next start", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect([await status(`${one.url}/readyz`), await status(`${two.url}/readyz`)]).toEqual([200, 200]);

  const children = linux ? below(one.pid) : [];
  if (linux) expect(children.length).toBeGreaterThan(3);
  await one.kill("SIGINT");
  if (linux) await until(() => alive(children).length === 0, { what: "the end of all children" });
  expect(one.output()).toBe(`Orderloom is ready at ${one.url}\n`);

  if (!linux) return;
  const nodes = below(two.pid).filter((pid) => readlinkSync(`/proc/${pid}/exe`) === process.execPath);
  expect(nodes.length).toBeGreaterThan(0);
  await two.kill("SIGKILL");
  await until(() => alive(nodes).length === 0, { what: "the end of evaluators and sandbox" });
  await two.restart();
  expect(await status(`${two.url}/readyz`)).toBe(200);
}, 120_000);

it.runIf(linux)("ends when only npm is told to", async () => {
  const home = await mkdtemp(join(tmpdir(), "orderloom-npm-"));
  await chmod(home, 0o755);
  const port = await freePort();
  const env = {
    ...process.env,
    PORT: `${port}`,
    ORDERLOOM_HOME: home,
    DATABASE_URL: "",
    REDIS_URL: "",
    VITEST: "",
    NODE_OPTIONS: "",
  };
  const npm = spawn("npm", ["start"], { cwd: fromRoot("."), env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    let said = "";
    npm.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => said.includes(`http://127.0.0.1:${port}`), { timeoutMs: 60_000, what: "npm start to be ready" });
    const all = below(npm.pid ?? 0);
    npm.kill("SIGTERM");
    await until(() => alive(all).length === 0, { timeoutMs: 20_000, what: "the end of everything that npm started" });
  } finally {
    npm.kill("SIGKILL");
    await rm(home, { recursive: true, force: true });
  }
});
