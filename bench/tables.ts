import type { CanvasReport } from "./canvas/run.ts";
import type { EvaluateReport } from "./evaluate.ts";
import type { OrdersResult } from "./measure/run.ts";
import type { MemoryReport } from "./memory.ts";
import type { PeersReport } from "./peers/run.ts";
import type { ProfileReport } from "./profile.ts";
import type { ReviewReport } from "./review.ts";
import type { StartupReport } from "./startup.ts";

type Row = (string | number)[];

/** Prints a table with a heading; numbers stand to the right. */
function table(heading: string, head: string[], rows: Row[]): void {
  const all: Row[] = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => String(row[column] ?? "").length)));
  const line = (row: Row): string =>
    row
      .map((cell, column) =>
        typeof cell === "number" ? String(cell).padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  console.log(`\n${heading}\n${line(head)}\n${widths.map((width) => "-".repeat(width)).join("  ")}`);
  for (const row of rows) console.log(line(row));
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

const byPart = (parts: Record<string, number>): string =>
  Object.entries(parts)
    .map(([part, value]) => `${part} ${Number(value.toFixed(2))}`)
    .join(", ");

export function showStartup(report: StartupReport, warmRuns: number): void {
  table(
    `Start of commit ${report.commit}`,
    ["what", "figure"],
    [
      ["npm start, fresh clone, to ready", seconds(report.coldMs)],
      [`npm start, warm (median of ${warmRuns})`, seconds(report.warmMs)],
      ["Ctrl-C to the last process gone", seconds(report.stopMs)],
      ["processes left over", report.left.length],
      ...Object.entries(report.memory).map(([kind, { processes, bytes }]) => [
        `memory at rest, ${kind} (${processes})`,
        `${(bytes / 1_048_576).toFixed(0)} MB`,
      ]),
    ],
  );
}

export function showEvaluate(report: EvaluateReport): void {
  const total = Object.values(report).reduce((sum, ms) => sum + ms, 0);
  const rows: Row[] = Object.entries({ ...report, all: Number(total.toFixed(3)) });
  table("Pure part of an order, CPU ms in one process", ["stage", "ms"], rows);
}

export function showCanvas({ nodes, edges, openMs, turnToMs, drag, edit }: CanvasReport): void {
  table(
    `The canvas with ${nodes} nodes and ${edges} edges`,
    ["what", "figure"],
    [
      ["opened by its address, to the frame that shows it", seconds(openMs)],
      ["opened from the list of flows", seconds(turnToMs)],
      ["frames a second while a card is dragged", drag.framesPerSecond],
      ["main thread for each of them, ms", drag.mainThreadMsPerFrame],
      ["longest task of the drag, ms", drag.longestTaskMs],
      ["cards drawn for each frame", drag.cardsPerFrame],
      [`cards drawn for one edit, of ${edit.of}`, edit.cards],
      ["longest task of the edit, ms", edit.taskMs],
    ],
  );
}

export function showOrders(results: OrdersResult[]): void {
  table(
    "Reference workload (signed 8 KB order, mapped, checked, posted to ERP and WMS)",
    ["system", "orders/s", "ack p50", "ack p99", "end p50", "end p99", "at WMS", "twice", "CPU ms/order", "others' cores"],
    results.map((each) => [
      each.system,
      each.ordersPerSecond,
      each.acknowledgedP50,
      each.acknowledgedP99,
      each.endToEndP50,
      each.endToEndP99,
      `${each.atWms}/${each.accepted}`,
      each.twice,
      each.cpuMsPerOrderTotal,
      each.othersCores,
    ]),
  );
  const last = new Map(results.map((each) => [each.system, each]));
  for (const { system, cpuMsPerOrder, memoryMb } of last.values()) {
    console.log(`${system}: CPU ms/order ${byPart(cpuMsPerOrder)}; MB at most ${byPart(memoryMb)}`);
  }
}

export function showProfile({ run, stages, waits }: ProfileReport): void {
  showOrders([run]);
  table(
    "The database by stage, for each order",
    ["stage", "statements", "ms", "WAL bytes"],
    stages.map(({ stage, statements, databaseMs, walBytes }) => [stage, statements, databaseMs, walBytes]),
  );
  table(
    "Where an order waits, ms",
    ["from", "p50", "p99"],
    waits.map(({ from, p50, p99 }) => [from, p50, p99]),
  );
}

export function showReview({ messages, differing, replayDiffMs, reviewMs }: ReviewReport): void {
  table(
    `Two versions tried on ${messages} orders, of which ${differing} differ, ms`,
    ["repeat", "replay-diff", "whole review"],
    replayDiffMs.map((ms, index) => [index + 1, ms, reviewMs[index] ?? 0]),
  );
}

export function showMemory({ run, parts, backlog }: MemoryReport): void {
  showOrders([run]);
  table(
    `Memory over ${run.orders} orders, MB (shared pages counted once)`,
    ["part", "first third", "last third", "peak", "growth", ""],
    parts.map(({ part, firstThirdMb, lastThirdMb, peakMb, growth }) => [
      part,
      firstThirdMb,
      lastThirdMb,
      peakMb,
      `${(growth * 100).toFixed(1)} %`,
      growth <= 0.1 ? "flat" : "GROWS",
    ]),
  );
  console.log(`${backlog.waiting} orders waiting behind a paused connection: Redis uses ${backlog.redisMb} MB.`);
}

export function showPeers({ results, ratios, notes }: PeersReport): void {
  showOrders(results);
  table(
    "Ratios of orders/s, round by round",
    ["of", "over", "median", "min", "max", "rounds"],
    ratios.map(({ of, over, median, min, max, perRound }) => [of, over, median, min, max, perRound.join(" ")]),
  );
  for (const note of notes) console.log(`* ${note}`);
}
