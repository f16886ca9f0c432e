import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/** Whether a process with this id runs, ours or another user's. One that ended but was not yet collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !endedUncollected(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function endedUncollected(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, ""));
  } catch {
    return false;
  }
}

/**
 * Tells two processes apart that were given the same id one after the other: when it started, in the kernel's own
 * words; empty where the system does not say.
 */
export function startedAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold spaces; the start time is field 22.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    const { status, stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : "";
  }
}

/** Whether process `pid` is a PostgreSQL server on this data folder. */
export function isPostmasterOf(pid: number, data: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    // A server makes its data folder its working directory.
    return readlinkSync(`/proc/${pid}/cwd`) === data;
  } catch {
    const { status, stdout } = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    return status === 0 && stdout.includes("postgres") && stdout.includes(data);
  }
}
