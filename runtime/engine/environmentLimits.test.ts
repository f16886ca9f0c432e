import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Evaluators } from "#runtime/evaluate/pool.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { readSettings } from "#runtime/settings.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { readStandings } from "#runtime/store/admission.ts";
import { bindingId, putDeployment } from "#runtime/store/deployments.ts";
import { changeEnvironment } from "#runtime/store/environments.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import { until } from "../../test/support/until.ts";
import { type Admission, evaluationDoor, intakeDoor, openAdmission } from "./admission.ts";
import { type TestWorker, workersOn } from "./workers.fixture.ts";

let store: Store;
let workers: TestWorker[] = [];
let admissions: Admission[] = [];
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  await Promise.all(workers.map(({ worker }) => worker.stop(2_000)));
  await Promise.all([...workers.map(({ admission }) => admission), ...admissions].map((each) => each.close()));
  workers = [];
  admissions = [];
  await store.close();
});

/** Evaluation that takes a moment; counts by environment what is under way, and the most that was. */
function counted() {
  const underWay: Record<string, number> = {};
  const most: Record<string, number> = {};
  const segment: Evaluators["segment"] = async ({ environment }) => {
    underWay[environment] = (underWay[environment] ?? 0) + 1;
    most[environment] = Math.max(most[environment] ?? 0, underWay[environment]);
    await new Promise((resolve) => setTimeout(resolve, 15));
    underWay[environment]--;
    return { result: { ok: true, effects: [], controls: [], edges: [] }, hash: "h" };
  };
  return { segment, most };
}

/** The sandbox's flow in staging too, over the same connections. */
async function deployInStaging(): Promise<{ deploymentId: string; bindingId: string }> {
  const { db } = store;
  const rows = await db.selectFrom("deployment_slot").selectAll().where("deployment_id", "=", store.deployment.id).execute();
  const slots = Object.fromEntries(rows.map(({ slot, connection_id: connection }) => [slot, connection]));
  const version = await db.selectFrom("version").select(["id", "number"]).executeTakeFirstOrThrow();
  await putDeployment(db, "staging", sandboxFlow, { version, slots }, "test");
  const made = await db.selectFrom("deployment").select("id").where("environment", "=", "staging").executeTakeFirstOrThrow();
  return {
    deploymentId: made.id,
    bindingId: await bindingId(db, "staging", sandboxFlow, "orders", slots.shop ?? rows[0]?.connection_id ?? ""),
  };
}

/** Accepts orders and hints each, to the workers in turn. */
async function deliver(count: number, environment: string, more: object = {}): Promise<void> {
  const orders = Array.from({ length: count }, (_, number) =>
    store.acceptable(`${environment} ${number}`, { environment, ...more }),
  );
  const accepted = await insertAccepted(store.db, orders);
  accepted.forEach(({ taskId }, place) => {
    if (taskId) workers[place % workers.length]?.hint("evaluate", environment, { task: taskId, epoch: 0 });
  });
}

const left = async (environment: string): Promise<number> =>
  (await store.db.selectFrom("task").select("id").where("environment", "=", environment).where("state", "<>", "DONE").execute())
    .length;

describe("an environment that is limited", () => {
  it("has no more segments evaluated at once than it may, over all workers; another one is not kept waiting by its load", async () => {
    const { db } = store;
    const staging = await deployInStaging();
    await changeEnvironment(db, "staging", { limits: { evaluatedAtOnce: 2 } }, "ada");
    const { segment, most } = counted();
    workers = await workersOn(store, 3, { segment, environments: ["dev", "staging"] });
    await deliver(120, "staging", staging);
    await deliver(60, "dev");
    await until(async () => (await left("dev")) === 0, { timeoutMs: 20_000, what: "what is not limited" });
    // Three workers would have been through with it at the same time.
    expect(await left("staging")).toBeGreaterThan(40);
    await until(async () => (await left("staging")) === 0, { timeoutMs: 20_000, what: "what is limited" });
    expect(most.staging).toBe(2);
    expect(most.dev).toBeGreaterThan(2);
    const standing = (await readStandings(db, ["evaluation staging"])).get("evaluation staging")?.standing;
    expect(Object.values(standing?.shares ?? {}).reduce((sum, { places }) => sum + places, 0)).toBeLessThanOrEqual(2);
  }, 50_000);

  it("goes on with what waits when its limit is raised or lifted, as it is when it is set", async () => {
    const { db } = store;
    await changeEnvironment(db, "dev", { limits: { evaluatedAtOnce: 1 } }, "ada");
    const { segment, most } = counted();
    workers = await workersOn(store, 2, { segment });
    await deliver(30, "dev");
    await until(async () => (await left("dev")) < 25, { timeoutMs: 20_000, what: "some to be through" });
    expect(most.dev).toBe(1);
    await changeEnvironment(db, "dev", { limits: { evaluatedAtOnce: null } }, "ada");
    await until(async () => (await left("dev")) === 0, { timeoutMs: 20_000, what: "all" });
  }, 50_000);

  it("is asked for by processes that end without a word, and gets their places back with their leases", async () => {
    const lost = openAdmission(store.db, { ...readSettings({}), leaseMs: 300 }, () => undefined);
    const other = openAdmission(store.db, { ...readSettings({}), leaseMs: 300 }, () => undefined);
    admissions = [other];
    const door = evaluationDoor("staging", 1);
    expect(await lost.enter(door)).toBeDefined();
    lost.stop();
    expect(await other.enter(door)).toBeUndefined();
    await until(async () => (await other.enter(door)) !== undefined, { timeoutMs: 5_000, what: "the place" });
  });
});

it("an environment takes no more messages in a time than its rate and one burst, over all processes", async () => {
  admissions = [0, 1].map(() => openAdmission(store.db, readSettings({}), (error) => console.error(error)));
  const [perSecond, seconds] = [20, 1.5];
  const door = intakeDoor("prod", perSecond);
  const begun = performance.now();
  let taken = 0;
  const asking = admissions.map(async (admission) => {
    while (performance.now() - begun < seconds * 1_000) {
      const permit = await admission.enter(door);
      if (permit) taken++;
      permit?.leave();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  await Promise.all(asking);
  const passed = (performance.now() - begun) / 1_000;
  expect(taken).toBeLessThanOrEqual(2 * perSecond + perSecond * passed);
  expect(taken).toBeGreaterThan(perSecond);
});
