import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, startedAt } from "./processes.ts";

/** What the lock file says about the process that holds a home. */
interface Holder {
  pid: number;
  started: string;
  host: string;
  address: string;
  token: string;
}

/** A home held by this process until it is released or the process ends. */
export interface HomeLock {
  release(): Promise<void>;
}

const heartbeatMs = 5_000;
/** A holder on another host (another container on the same volume) is taken for gone after this long without a heartbeat. */
const silenceMs = 20_000;

/**
 * Takes the home for this process; two launches with one home would run two servers on one database.
 * `address` is what the refused second launch is told. Throws a sentence when a live process holds the home.
 */
export async function lockHome(home: string, address: string): Promise<HomeLock> {
  await mkdir(home, { recursive: true });
  const file = join(home, "lock");
  const mine: Holder = { pid: process.pid, started: startedAt(process.pid), host: hostname(), address, token: randomUUID() };
  const draft = `${file}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o644 });
  try {
    // A hard link either makes the name or fails: two launches cannot both succeed.
    while (!(await linked(draft, file))) await clearStale(file, home);
  } finally {
    await rm(draft, { force: true });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, heartbeatMs);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await holderOf(file))?.token === mine.token) await rm(file, { force: true });
    },
  };
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

/** Takes a lock away whose holder is gone; throws where the holder lives. */
async function clearStale(file: string, home: string): Promise<void> {
  const holder = await holderOf(file);
  if (holder && (await holderLives(holder, file))) {
    const where = holder.host === hostname() ? "" : ` on ${holder.host}`;
    throw new Error(
      `Orderloom is already running in ${home}: process ${holder.pid}${where}, at ${holder.address}. Stop it first, or give this one another ORDERLOOM_HOME and PORT.`,
    );
  }
  const tombstone = `${file}.${randomUUID()}`;
  await rename(file, tombstone).catch(() => undefined);
  const removed = await holderOf(tombstone);
  // Another launch may have taken the lock between our look and our rename: give it back.
  if (removed && removed.token !== holder?.token) await linked(tombstone, file);
  await rm(tombstone, { force: true });
}

async function holderLives(holder: Holder, file: string): Promise<boolean> {
  if (holder.host === hostname()) return isAlive(holder.pid) && startedAt(holder.pid) === holder.started;
  const modified = async () => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const first = await modified();
  while (Date.now() - first < silenceMs) {
    await sleep(500);
    if ((await modified()) !== first) return true;
  }
  return false;
}
