import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { request } from "undici";
import type { CrashMoment, CrashPoint } from "#runtime/crashPoints.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { type Process, startProcess } from "../chaos/processes.ts";
import { type Targets, targetsAt } from "../chaos/targets.ts";
import { type Document, deliveryHeaders, hookPath, seedProof } from "../chaos/workload.ts";
import { createDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";
import { connector, flows } from "./flows.ts";

/** `point:moment@nth`, as ORDERLOOM_CRASH_AT takes it. */
export type CrashAt = `${CrashPoint}:${CrashMoment}@${number}`;

/** How short a lease is here, and all that hangs on it. */
export const LEASE_MS = 500;

const CRASH_WITHIN_MS = 20_000;
const SETTLE_WITHIN_MS = 30_000;

/** The roles of the product, each a process of its own. */
export const roles = ["api", "scheduler", "worker"] as const;
export type LaneRole = (typeof roles)[number];

/** The process went past the moment at which it was to end: the case has shown nothing yet. */
export class NoCrash extends Error {}

/** The product on a database of its own, a part of it crashed and started again for case after case. */
export interface Lane {
  home: string;
  targets: Targets;
  product(role: LaneRole): Process;
  /** A call of the API; 0 when the API went away meanwhile. */
  call(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  deliver(flow: string, document: Document, event?: string): Promise<number>;
  /** Delivers until it is accepted, as a marketplace does. */
  deliverSurely(flow: string, document: Document, event?: string): Promise<void>;
  /** Arms a crash in the process of that role, acts, waits for the end there; it is down then. */
  crashes(at: CrashAt, role: LaneRole, act: () => Promise<unknown>): Promise<void>;
  /** Starts the scheduler (or another role) with a crash in its way and waits for the end there. */
  crashesAtStart(at: CrashAt, role?: LaneRole | "all", env?: Record<string, string>): Promise<void>;
  /** Starts what is down. */
  start(): Promise<void>;
  /** No run is under way any more. */
  settled(): Promise<void>;
  sql<Row extends object>(statement: string, values?: unknown[]): Promise<Row[]>;
  /** Whether a file of that name (after its claim's own) lies in a work folder of the source. */
  lies(folder: "archive" | "error", name: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Opens a lane whose targets are the sandbox's connection `system`. */
export async function openLane(sandboxUrl: string, system: string): Promise<Lane> {
  const targets = targetsAt(sandboxUrl, system);
  const home = await mkdtemp(join(tmpdir(), "orderloom-crash-"));
  const database = await createDatabase();
  await seedProof({ databaseUrl: database.url, home, systemUrl: `${sandboxUrl}/${system}`, connector, flows });
  const client = new Client({ connectionString: database.url });
  client.on("error", () => {});
  await client.connect();
  const port = await freePort();
  const env = {
    PORT: `${port}`,
    ORDERLOOM_HOME: home,
    DATABASE_URL: database.url,
    ORDERLOOM_LEASE_MS: `${LEASE_MS}`,
    ORDERLOOM_REHINT_MS: "700",
    ORDERLOOM_EVALUATORS: "1",
    ORDERLOOM_DATABASE_POOL: "6",
    // A lock is waited for a third as long.
    ORDERLOOM_DATABASE_TIMEOUT_MS: "4500",
    ORDERLOOM_QUEUE_POOL: "4",
    ORDERLOOM_HOOKS_URL: `http://127.0.0.1:${port}`,
  };
  const processes = new Map<LaneRole, Process>();
  const product = (role: LaneRole): Process => {
    const found = processes.get(role);
    if (!found) throw new Error(`The ${role} does not run.`);
    return found;
  };
  const start = async () => {
    const down = roles.filter((role) => !processes.get(role)?.running());
    await Promise.all(
      down.map(async (role) => processes.set(role, await startProcess(role, { ...env, ORDERLOOM_CRASH_AT: "parent" }))),
    );
  };
  const ask = async (method: "GET" | "POST" | "PUT", path: string, body: string | null, headers: Record<string, string>) => {
    try {
      const answer = await request(`http://127.0.0.1:${port}${path}`, { method, body, headers, headersTimeout: 10_000 });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    } catch {
      return { status: 0, body: undefined };
    }
  };
  const deliver = async (flow: string, document: Document, event = document.id) => {
    const body = JSON.stringify(document);
    return (await ask("POST", hookPath(flow), body, deliveryHeaders(body, event))).status;
  };
  const crashed = async (process: Process, at: CrashAt) => {
    const late = setTimeout(() => process.signal("SIGTERM"), CRASH_WITHIN_MS);
    const end = await process.ended;
    clearTimeout(late);
    const place = at.replace(/@.*/, "");
    if (end !== "SIGKILL" || !process.said().includes(`crashed at ${place}\n`))
      throw new NoCrash(`The product did not crash at ${at} but ended with ${end}: ${process.said()}`);
  };
  const sql = async <Row extends object>(statement: string, values: unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(statement, values)).rows;
  // They would look for messages all the time; the cases that want that let them.
  await sql("update deployment set state = 'paused' where flow_id like 'poll-%' or flow_id like 'file-%'");
  await sql("update webhook_subscription set due_at = null");
  await start();
  return {
    home,
    targets,
    product,
    call: (method, path, body) =>
      ask(method, `/api/v1${path}`, body === undefined ? null : JSON.stringify(body), {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      }),
    deliver,
    deliverSurely: async (flow, document, event) => {
      await until(async () => (await deliver(flow, document, event)) === 202, { timeoutMs: 20_000, what: "the delivery" });
    },
    async crashes(at, role, act) {
      const process = product(role);
      await process.tell(at);
      await Promise.all([crashed(process, at), act()]);
    },
    async crashesAtStart(at, role = "scheduler", more = {}) {
      await crashed(await startProcess(role, { ...env, ...more, ORDERLOOM_CRASH_AT: at }, { untilReady: false }), at);
    },
    start,
    async settled() {
      await until(async () => (await sql("select 1 from run where state = 'RUNNING' limit 1")).length === 0, {
        timeoutMs: SETTLE_WITHIN_MS,
        what: "all runs to end",
      });
    },
    sql,
    lies: async (folder, name) =>
      (await readdir(join(home, "files", "in", folder)).catch(() => [])).some((each) => each.endsWith(name)),
    async stop() {
      await Promise.all([...processes.values()].map((each) => each.end("SIGKILL")));
      await client.end();
      await database.drop();
      await rm(home, { recursive: true, force: true });
    },
  };
}
