import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { insertAccepted } from "./accept.ts";
import { listAudit } from "./audit.ts";
import { canaryProgress, judgeCanaries, makeCanaryFull, stopCanary } from "./canaries.ts";
import { listDeployments } from "./deployments.ts";
import { failedPromotions, readPromotion } from "./promotionList.ts";
import { numbered, openStoreWithVersions, requestOf, runOnly } from "./promotions.fixture.ts";
import { type NewPromotion, rollBackPromotion } from "./promotions.ts";
import type { Store } from "./store.fixture.ts";

const canary = { share: 20, minimumMessages: 10, tolerance: 10, windowMinutes: 60 };

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

beforeEach(() => runOnly(store, 1));

const versionOf = (number: number) => numbered(store, number);
const request = (number: number, more: Partial<NewPromotion> = {}) => requestOf(store, number, { canary, ...more });

async function begun(): Promise<string> {
  const step = await request(2);
  if (!step.ok) throw new Error(step.why);
  expect(step.promotion).toMatchObject({ state: "canary", canary });
  return step.promotion.id;
}

const shares = async () =>
  Object.fromEntries(
    (await listDeployments(store.db, sandboxFlow))[0]?.versions.map(({ number, weight }) => [number, weight]) ?? [],
  );

let messages = 0;
/** Messages that a version took, all ended alike. */
async function took(number: number, state: "SUCCEEDED" | "DEAD" | "PARTIAL" | "CANCELLED" | "RUNNING", count: number) {
  const { db } = store;
  const { id } = await versionOf(number);
  const accepted = await insertAccepted(
    db,
    Array.from({ length: count }, () => store.acceptable(`canary-${++messages}`, { versionId: id, versionNumber: number })),
  );
  const runs = accepted.map(({ runId }) => runId);
  await db.updateTable("run").set({ state }).where("id", "in", runs).execute();
  return runs;
}

it("takes its share beside the version that runs; made full it runs alone, and one click leads back", async () => {
  const { db } = store;
  const id = await begun();
  expect(await shares()).toEqual({ 1: 80, 2: 20 });
  expect(await request(3, { baseId: null, canary: null })).toEqual({ ok: false, why: "open" });
  expect((await makeCanaryFull(db, id, "", "bob")).ok).toBe(true);
  expect(await shares()).toEqual({ 2: 100 });
  expect(await stopCanary(db, id, "", "bob")).toEqual({ ok: false, why: "state", state: "active" });
  expect((await rollBackPromotion(db, id, "", "bob")).ok).toBe(true);
  expect(await shares()).toEqual({ 1: 100 });
});

it("counts what became of the messages of both versions since it began, and is stopped when it fails too often", async () => {
  const { db } = store;
  await took(2, "DEAD", 5);
  const id = await begun();
  await took(1, "SUCCEEDED", 18);
  await took(1, "DEAD", 2);
  await took(2, "SUCCEEDED", 6);
  await took(2, "CANCELLED", 3);
  const [half] = await took(2, "RUNNING", 2);
  await took(2, "PARTIAL", 1);
  expect(await judgeCanaries(db)).toBe(0);
  expect(await canaryProgress(db, id)).toMatchObject({
    candidate: { version: 2, running: 2, succeeded: 6, failed: 1 },
    deployed: { version: 1, running: 0, succeeded: 18, failed: 2 },
    decision: { stop: false, candidateRate: 10, deployedRate: 10, awaited: 3 },
  });
  await took(2, "DEAD", 1);
  expect(await judgeCanaries(db)).toBe(0);
  // Something of it is dead already: it does not have to end to have failed.
  await db
    .updateTable("run")
    .set({ dead_tasks: 1 })
    .where("id", "=", half as string)
    .execute();
  expect(await judgeCanaries(db)).toBe(1);
  expect(await shares()).toEqual({ 1: 100 });
  const reason =
    "Stopped by itself: 3 of 9 messages of version 2 failed (30%), 2 of 20 messages of version 1 failed (10%); 10 points more are tolerated.";
  expect(await readPromotion(db, id)).toMatchObject({ state: "stopped", endedBy: "engine", reason });
  expect(await failedPromotions(db)).toEqual([{ flow: sandboxFlow, environment: "dev", version: 2, reason }]);
  expect(await judgeCanaries(db)).toBe(0);
  const { items } = await listAudit(db, { action: "promotion", limit: 3 });
  expect(items.map(({ action, actor }) => [action, actor])).toEqual([
    ["promotion.canaryStopped", "engine"],
    ["promotion.canaryBegun", "ada"],
    ["promotion.requested", "ada"],
  ]);
});

/** The last tries of what runs have to do came to nothing. */
const troubled = (runs: string[], more: Record<string, unknown>) =>
  store.db.updateTable("task").set(more).where("run_id", "in", runs).execute();

it("that only hangs is stopped: what was tried in vain again and again, or turned away for long, has failed", async () => {
  const { db } = store;
  const id = await begun();
  await took(1, "SUCCEEDED", 20);
  const [retried, limited] = [await took(2, "RUNNING", 2), await took(2, "RUNNING", 2)];
  await took(2, "RUNNING", 3);
  const both = { succeeded: 0, failed: 0, stuck: 0, running: 7, refusedBy: [] };
  await troubled(retried, { class: "transient", attempt: 4 });
  await troubled(limited, { class: "rateLimited" });
  expect(await judgeCanaries(db)).toBe(0);
  expect(await canaryProgress(db, id)).toMatchObject({ candidate: both });
  await troubled(retried, { attempt: 5, state: "CLAIMED" });
  expect(await canaryProgress(db, id)).toMatchObject({ candidate: { ...both, failed: 2, stuck: 2, running: 5 } });
  await troubled(limited, { created_at: new Date(Date.now() - 61_000) });
  expect(await judgeCanaries(db)).toBe(1);
  expect(await shares()).toEqual({ 1: 100 });
  const reason = /^Stopped by itself: 4 of 4 messages of version 2 failed \(40%\), 4 of them tried in vain until now, 0 of 20 /;
  expect(await readPromotion(db, id)).toMatchObject({ state: "stopped", reason: expect.stringMatching(reason) });
});

it("is not stopped for what the deployed version hangs in as well", async () => {
  const id = await begun();
  for (const number of [1, 2]) await troubled(await took(number, "RUNNING", 12), { class: "transient", attempt: 9 });
  expect(await judgeCanaries(store.db)).toBe(0);
  expect(await canaryProgress(store.db, id)).toMatchObject({ candidate: { failed: 12, stuck: 12 }, deployed: { failed: 12 } });
});

it("is stopped at once when a connection is shut because of its request, by which both versions would stand still", async () => {
  const { db } = store;
  const id = await begun();
  const [erp, opened] = [{ connection_id: store.erp, class: "auth" }, await took(2, "RUNNING", 1)];
  const connection = (state: "active" | "authFailed") =>
    db.updateTable("connection").set({ state }).where("id", "=", store.erp).execute();
  await troubled(opened, erp);
  // It has been opened again: the request is about to be tried once more.
  expect(await judgeCanaries(db)).toBe(0);
  await connection("authFailed");
  const [same] = [await took(1, "RUNNING", 1)];
  await troubled(same, erp);
  expect(await judgeCanaries(db)).toBe(0);
  await troubled(same, { class: null });
  expect(await judgeCanaries(db)).toBe(1);
  const reason = /^Stopped by itself: the connection .+ took no credentials from a request of version 2, and is shut since/;
  expect(await readPromotion(db, id)).toMatchObject({ state: "stopped", reason: expect.stringMatching(reason) });
  await connection("active");
});

it("is refused where nothing runs, and where it would take a connection from under the version beside it", async () => {
  const { db } = store;
  const [slot] = await db.selectFrom("deployment_slot").selectAll().execute();
  if (!slot) throw new Error("no slot");
  const other = (await db.selectFrom("connection").select("id").where("id", "<>", slot.connection_id).executeTakeFirstOrThrow())
    .id;
  expect(await request(2, { slots: { [slot.slot]: other } })).toEqual({ ok: false, why: "rebinds" });
  await db.deleteFrom("deployment_version").execute();
  expect(await request(2, { baseId: null })).toEqual({ ok: false, why: "noBase" });
});

it("over which somebody has deployed something else ends without a move, and cannot be made full", async () => {
  const { db } = store;
  const id = await begun();
  await db.deleteFrom("deployment_version").execute();
  const version_id = (await versionOf(3)).id;
  await db.insertInto("deployment_version").values({ deployment_id: store.deployment.id, version_id, weight: 100 }).execute();
  expect(await makeCanaryFull(db, id, "", "bob")).toEqual({ ok: false, why: "stale" });
  expect(await stopCanary(db, id, "Over", "bob")).toMatchObject({ ok: true, promotion: { state: "stopped" } });
  expect(await shares()).toEqual({ 3: 100 });
});
