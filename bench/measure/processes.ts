import { readdirSync, readFileSync } from "node:fs";

/** CPU time and memory of processes, read from /proc: Linux only. */

/** Kernel ticks per second in /proc; 100 on every Linux that people run. */
const TICKS = 100;

interface Process {
  pid: number;
  parent: number;
  /** CPU seconds of itself and of children that ended. */
  cpuS: number;
  command: string;
}

function processOf(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, parent: Number(fields[1]), cpuS: ticks / TICKS, command };
  } catch {
    return undefined;
  }
}

/** The process and all below it, without the trees of `apart`. */
export function treeOf(top: number, apart: ReadonlySet<number> = new Set()): Process[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
  const found = all.filter(({ pid }) => pid === top);
  for (const one of found) found.push(...all.filter(({ pid, parent }) => parent === one.pid && !apart.has(pid)));
  return found;
}

const kilobytes = (file: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? 0);

/** Resident memory in bytes; shared pages count in full. */
export function residentBytes(pid: number): number {
  try {
    return kilobytes(`/proc/${pid}/status`, "VmRSS") * 1024;
  } catch {
    return 0;
  }
}

/** Proportional share of memory in bytes: shared pages divided among their users. */
export function proportionalBytes(pid: number): number {
  try {
    return kilobytes(`/proc/${pid}/smaps_rollup`, "Pss") * 1024;
  } catch {
    return residentBytes(pid);
  }
}

/** Processes by the part they are of; `pids` are the tops of trees. A child that runs the evaluator is counted apart. */
export type Tops = Readonly<Record<string, number>>;

const partOf = (top: string, { command }: Process): string =>
  /dist\/evaluator/.test(command) ? "evaluators" : /dist\/sandbox/.test(command) ? "sandbox" : top;

/** All processes under the tops, by part. */
export function processesOf(tops: Tops): Map<string, Process[]> {
  const parts = new Map<string, Process[]>();
  const own = new Set(Object.values(tops));
  for (const [name, pid] of Object.entries(tops)) {
    // A tree may hang below another, as the embedded database below the launcher.
    for (const process of treeOf(pid, own)) {
      const part = partOf(name, process);
      parts.set(part, [...(parts.get(part) ?? []), process]);
    }
  }
  return parts;
}

/** CPU seconds by part. */
export const cpuOf = (tops: Tops): Record<string, number> =>
  Object.fromEntries([...processesOf(tops)].map(([part, all]) => [part, all.reduce((sum, each) => sum + each.cpuS, 0)]));

/** Memory in megabytes by part, shared pages counted once. */
export const memoryOf = (tops: Tops): Record<string, number> =>
  Object.fromEntries(
    [...processesOf(tops)].map(([part, all]) => [
      part,
      Math.round(all.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0) / 1_048_576),
    ]),
  );

/** Busy CPU seconds of the whole machine. */
export function machineCpuS(): number {
  const fields = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").trim().split(/\s+/).slice(1).map(Number);
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0) / TICKS;
}
