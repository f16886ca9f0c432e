// npm run bench -- [PART...] [options]; see docs/benchmarks.md.
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, platform, release, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fromRoot } from "#runtime/root.ts";
import { hasChromium } from "../test/support/browser.ts";
import { benchCanvas } from "./canvas/run.ts";
import { benchEvaluate } from "./evaluate.ts";
import { benchMemory, MEMORY_RATE } from "./memory.ts";
import { benchOrders } from "./orders.ts";
import { benchPeers } from "./peers/run.ts";
import { installPeers, peersFolder } from "./peers/start.ts";
import type { Shape } from "./product/start.ts";
import { benchProfile } from "./profile.ts";
import { benchReview } from "./review.ts";
import { benchStartup } from "./startup.ts";
import { showCanvas, showEvaluate, showMemory, showOrders, showPeers, showProfile, showReview, showStartup } from "./tables.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    orders: { type: "string" },
    connections: { type: "string" },
    repeats: { type: "string" },
    rate: { type: "string" },
    shape: { type: "string", multiple: true },
    peers: { type: "string" },
    "cpu-prof": { type: "string" },
    set: { type: "string", multiple: true },
    out: { type: "string" },
  },
});

const number = (text: string | undefined, fallback: number): number => {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new Error(`"${text}" is no whole number above 0.`);
  return value;
};

const shapes = (values.shape ?? ["redis", "embedded"]) as Shape[];
for (const shape of shapes)
  if (shape !== "redis" && shape !== "embedded") throw new Error(`"${shape}" is no shape; give redis or embedded.`);

const connections = number(values.connections, 50);
const orders = (fallback: number): number => number(values.orders, fallback);
const repeats = number(values.repeats, 3);
const profileTo = values["cpu-prof"] === undefined ? {} : { profileTo: resolve(values["cpu-prof"]) };
const env = Object.fromEntries((values.set ?? []).map((text) => [text.split("=")[0], text.slice(text.indexOf("=") + 1)]));

/** Each part measures, prints its table and answers what goes into the JSON file. */
const parts: Record<string, () => Promise<unknown>> = {
  async startup() {
    const report = await benchStartup(repeats);
    showStartup(report, repeats);
    return report;
  },
  async evaluate() {
    const report = await benchEvaluate(orders(3_000));
    showEvaluate(report);
    return report;
  },
  async orders() {
    const rate = values.rate === undefined ? {} : { rate: number(values.rate, 1) };
    const options = { shapes, orders: orders(5_000), connections, repeats, warmUp: Math.ceil(orders(5_000) / 2), env };
    const report = await benchOrders({ ...options, ...rate, ...profileTo });
    showOrders(report.results);
    for (const line of report.skipped) console.log(`Skipped ${line}.`);
    return report;
  },
  async profile() {
    const reports = [];
    for (const shape of shapes) {
      const report = await benchProfile({ shape, orders: orders(3_000), connections, ...profileTo });
      showProfile(report);
      reports.push(report);
    }
    return reports;
  },
  async review() {
    const report = await benchReview(orders(1_000), connections, repeats);
    showReview(report);
    return report;
  },
  async memory() {
    const report = await benchMemory(orders(100_000), connections, number(values.rate, MEMORY_RATE));
    showMemory(report);
    return report;
  },
  async canvas() {
    if (!hasChromium) return skipped("canvas: there is no Chromium on this machine");
    const report = await benchCanvas(repeats);
    showCanvas(report);
    return report;
  },
  async peers() {
    const files = peersFolder();
    const folder = values.peers ?? process.env.ORDERLOOM_BENCH_PEERS;
    if (!files) return skipped("peers: their files (../shared/peers) are not on this machine");
    if (!folder) return skipped("peers: give a scratch folder outside the project with --peers FOLDER (about 2.6 GB)");
    if (platform() !== "linux") return skipped("peers: their start scripts and the CPU figures need Linux");
    await installPeers(files, folder);
    const report = await benchPeers({ folder, repeats, connections, orders: orders(5_000) });
    if (typeof report === "string") return skipped(`peers: ${report}`);
    showPeers(report);
    return report;
  },
};

function skipped(why: string): { skipped: string } {
  console.log(`Skipped ${why}.`);
  return { skipped: why };
}

/** All but memory, which takes long. */
const usual = ["startup", "evaluate", "canvas", "orders", "profile", "review", "peers"];

async function main(): Promise<void> {
  const asked = positionals.length > 0 ? positionals : usual;
  const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length > 0) throw new Error(`There is no part "${unknown[0]}"; there are ${Object.keys(parts).join(", ")}.`);
  const commit = execFileSync("git", ["-c", "safe.directory=*", "rev-parse", "--short", "HEAD"], {
    cwd: fromRoot("."),
    encoding: "utf8",
  }).trim();
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memory: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
  };
  console.log(`Orderloom ${commit}, ${machine.cores} cores (${machine.cpu}), Node ${machine.node}`);
  const results: Record<string, unknown> = {};
  for (const name of asked) results[name] = await parts[name]?.();
  const file = values.out ? resolve(values.out) : join(fromRoot("bench", "results"), `${asked.join("-")}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ commit, at: new Date().toISOString(), machine, ...results }, null, 2)}\n`);
  console.log(`Written to ${file}.`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
