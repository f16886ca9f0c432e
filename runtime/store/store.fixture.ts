import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxEnvironment, sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { seedSandbox } from "#runtime/sandbox/seed.ts";
import { createDatabase } from "../../test/support/database.ts";
import { until } from "../../test/support/until.ts";
import { type Acceptable, insertAccepted } from "./accept.ts";
import { openDatabase } from "./database.ts";
import { bindingId } from "./deployments.ts";
import { newId, sha256 } from "./ids.ts";
import { openKeyRing } from "./keyRing.ts";
import type { Intent, NewTask, Outcome } from "./outcomes.ts";
import { secretBox } from "./secrets.ts";
import { type ClaimedTask, claimTasks } from "./tasks.ts";

export const LEASE_MS = 30_000;

/** A database of its own in which the sandbox's flow is deployed, and short words for what its tests do. */
export async function openStore() {
  const database = await createDatabase();
  const { db, close } = openDatabase({ url: database.url, connections: 6, application: "orderloom test", prepared: true });
  const box = secretBox(openKeyRing("", randomBytes(32).toString("hex")));
  const { catalog } = await builtCatalog();
  await seedSandbox(db, box, catalog, "http://127.0.0.1:9");
  const deployment = await db.selectFrom("deployment").selectAll().executeTakeFirstOrThrow();
  const version = await db.selectFrom("version").selectAll().executeTakeFirstOrThrow();
  const connections = await db.selectFrom("connection").selectAll().execute();
  const connectionOf = (connector: string) => connections.find((each) => each.connector === connector)?.id ?? "";
  const binding = await bindingId(db, sandboxEnvironment, sandboxFlow, "orders", connectionOf("shopify"));

  const acceptable = (key: string, more: Partial<Acceptable> = {}): Acceptable => ({
    environment: sandboxEnvironment,
    flow: sandboxFlow,
    bindingId: binding,
    sourceNode: "orders",
    dedupeKey: key,
    contentHash: sha256(key),
    documentKey: key,
    documentVersion: null,
    ordered: true,
    headers: {},
    body: JSON.stringify({ id: key }),
    versionId: version.id,
    versionNumber: version.number,
    deploymentId: deployment.id,
    held: false,
    workerGroup: "default",
    source: "shopify",
    hinted: true,
    milestone: "order.received",
    called: false,
    ...more,
  });
  const claim = async (id: string, worker = "w1", leaseMs = LEASE_MS): Promise<ClaimedTask> => {
    const [task] = await claimTasks(db, [id], worker, leaseMs);
    if (!task) throw new Error(`Task ${id} could not be claimed.`);
    return task;
  };
  const accepted = async (key: string): Promise<ClaimedTask> => {
    const [one] = await insertAccepted(db, [acceptable(key)]);
    return claim(one?.taskId ?? "");
  };
  const run = (id: string) =>
    db
      .selectFrom("run")
      .select(["state", "open_tasks", "dead_tasks", "leaf_tasks", "failed_node", "failed_class"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
  const tasksOf = (runId: string) => db.selectFrom("task").selectAll().where("run_id", "=", runId).orderBy("id").execute();
  const ledger = (key: string) => db.selectFrom("effect").selectAll().where("effect_key", "=", key).executeTakeFirst();
  const letters = () => db.selectFrom("dead_letter").selectAll().orderBy("id").execute();
  /** Lets time pass for every statement. */
  const pass = (seconds: number) => sql`update clock set shift = make_interval(secs => ${seconds})`.execute(db);
  return {
    db,
    box,
    erp: connectionOf("netsuite"),
    acceptable,
    accepted,
    claim,
    run,
    tasksOf,
    ledger,
    letters,
    pass,
    deployment,
    async close() {
      await close();
      await database.drop();
    },
  };
}

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Waits until so many statements wait for a lock. */
export const lockWaits = ({ db }: Store, count: number): Promise<unknown> =>
  until(
    async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
      return rows.length >= count;
    },
    { what: `${count} statements to wait for a lock` },
  );

export const intentOn = (store: Store, key: string, more: Partial<Intent> = {}): Intent => ({
  effectKey: key,
  connectionId: store.erp,
  operation: "netsuite.upsertSalesOrder",
  documentKey: key,
  mode: "natural",
  requestHash: "hash 1",
  ...more,
});

export const effectOn = (store: Store, key: string, more: Partial<NewTask> = {}): NewTask => ({
  id: newId(),
  kind: "effect",
  node: "erp",
  port: null,
  itemPath: "",
  input: "{}",
  call: "{}",
  effectKey: key,
  connectionId: store.erp,
  workerGroup: "default",
  inPlace: true,
  intent: intentOn(store, key),
  ...more,
});

export const done = (task: ClaimedTask, successors: NewTask[] = [], more: Partial<Outcome> = {}): Outcome => ({
  task,
  end: { state: "DONE", result: null, edges: [], outputHash: null, engine: "test", successors },
  attempt: null,
  settlement: null,
  milestone: null,
  ...more,
});

export const dead = (task: ClaimedTask, more: Partial<Outcome> = {}): Outcome => ({
  task,
  end: {
    state: "DEAD",
    class: "rejected",
    reason: { code: "no", message: "No." },
    node: task.node,
    connector: null,
    connectionId: task.connectionId,
    edges: [],
    attempts: 1,
  },
  attempt: null,
  settlement: null,
  milestone: null,
  ...more,
});
