import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fromRoot } from "#runtime/root.ts";
import { tableOf } from "./report.ts";
import { runChaos } from "./run.ts";
import { hasRedis } from "./servers.ts";

const help = `npm run chaos -- [options]

Sends orders while processes, databases and targets fail, then asks the targets' own ledgers.

  --kills N      processes and servers ended (kill -9); 100
  --orders N     20 for each kill
  --seconds N    nothing more is sent or broken after this
  --backend B    redis or postgres: what carries the hints; redis where there is one
  --seed S       the same seed draws the same orders and faults
  --workers N    3
  --full         10,000 kills over 100,000 orders
  --json FILE    where the report goes; dist/chaos.json`;

const number = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} is "${text}"; give a whole number.`);
  return value;
};

async function main(): Promise<boolean> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      kills: text,
      orders: text,
      seconds: text,
      backend: text,
      seed: text,
      workers: text,
      json: text,
      full: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return true;
  }
  const backend = values.backend ?? (hasRedis ? "redis" : "postgres");
  if (backend !== "redis" && backend !== "postgres") throw new Error(`--backend is "${backend}"; give redis or postgres.`);
  const kills = number("kills", values.kills) ?? (values.full ? 10_000 : 100);
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => asked.abort());
  const report = await runChaos({
    backend,
    signal: asked.signal,
    kills,
    orders: number("orders", values.orders) ?? (values.full ? 100_000 : kills * 20),
    seconds: number("seconds", values.seconds),
    seed: number("seed", values.seed) ?? Math.floor(Math.random() * 1_000_000_000),
    workers: number("workers", values.workers) ?? 3,
    progress: progressLine(),
  });
  const file = values.json ?? fromRoot("dist", "chaos.json");
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${tableOf(report)}\n\nThe whole report is in ${file}.`);
  return report.verdict.ok;
}

/** On a terminal one line that is written over; else a line now and then. */
function progressLine(): (line: string) => void {
  if (process.stderr.isTTY) return (line) => void process.stderr.write(`\r\x1b[K${line}`);
  let saidAt = Number.NEGATIVE_INFINITY;
  return (line) => {
    if (performance.now() - saidAt < 15_000) return;
    saidAt = performance.now();
    process.stderr.write(`${line}\n`);
  };
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
