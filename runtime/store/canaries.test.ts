import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { insertAccepted } from "./accept.ts";
import { listAudit } from "./audit.ts";
import { canaryProgress, judgeCanaries, makeCanaryFull, stopCanary } from "./canaries.ts";
import { listDeployments } from "./deployments.ts";
import { readVersion, samplesHash } from "./flows.ts";
import { readPromotion } from "./promotionList.ts";
import { foundSlots, openStoreWithVersions, emptyReview as review } from "./promotions.fixture.ts";
import { type NewPromotion, requestPromotion, rollBackPromotion } from "./promotions.ts";
import type { Store } from "./store.fixture.ts";

const canary = { share: 20, minimumMessages: 10, tolerance: 10, windowMinutes: 60 };

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

beforeEach(async () => {
  const { db } = store;
  await db.deleteFrom("promotion").execute();
  await db.deleteFrom("deployment_version").execute();
  const version_id = (await versionOf(1)).id;
  await db.insertInto("deployment_version").values({ deployment_id: store.deployment.id, version_id, weight: 100 }).execute();
});

const versionOf = async (number: number) => {
  const version = await readVersion(store.db, sandboxFlow, number);
  if (!version) throw new Error(`no version ${number}`);
  return version;
};

async function request(number: number, more: Partial<NewPromotion> = {}) {
  const { id, hash } = await versionOf(number);
  const baseId = (await versionOf(1)).id;
  const wish = { flow: sandboxFlow, environment: "dev", versionId: id, version: number, hash, baseId, slots: {}, note: "Now" };
  const rest = { acknowledged: [], review, activateAt: null, canary, operates: true, foundSlots: await foundSlots(store) };
  const samples = await samplesHash(store.db, id);
  return requestPromotion(store.db, { ...wish, ...rest, samples, ...more }, "ada");
}

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
  expect(await judgeCanaries(db)).toBe(0);
  const { items } = await listAudit(db, { action: "promotion", limit: 3 });
  expect(items.map(({ action, actor }) => [action, actor])).toEqual([
    ["promotion.canaryStopped", "engine"],
    ["promotion.canaryBegun", "ada"],
    ["promotion.requested", "ada"],
  ]);
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
