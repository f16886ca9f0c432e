import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { keepToken } from "./apiTokens.ts";
import { listAudit } from "./audit.ts";
import { listDeployments, putDeployment } from "./deployments.ts";
import { changeEnvironment } from "./environments.ts";
import { publishVersion, readDraft, samplesStanding } from "./flows.ts";
import { activateDuePromotion } from "./promotionActivation.ts";
import { listPromotions } from "./promotionList.ts";
import {
  foundSlots,
  likeConnection,
  numbered,
  openStoreWithVersions,
  requestOf,
  runGuarded,
  runOnly,
} from "./promotions.fixture.ts";
import { approvePromotion, type NewPromotion, rollBackPromotion, withdrawPromotion } from "./promotions.ts";
import type { Store } from "./store.fixture.ts";
import { setVersionState } from "./versions.ts";

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

beforeEach(() => runGuarded(store, 1));

const versionOf = (number: number) => numbered(store, number);
const idOf = async (number: number) => (await versionOf(number)).id;
const request = (number: number, more: Partial<NewPromotion> = {}) => requestOf(store, number, more);

const bound = async () => (await foundSlots(store)).erp;
const running = async () => (await listDeployments(store.db, sandboxFlow))[0]?.versions.map(({ number }) => number);
const bob = (hash: string) => ({ actor: "bob", person: true, signIn: true, hash });

async function requested(number: number, more: Partial<NewPromotion> = {}) {
  const step = await request(number, more);
  if (!step.ok) throw new Error(step.why);
  return step.promotion;
}

it("incident: the author approves; or the approval of one hash is used for another", async () => {
  const { db } = store;
  const asked = await requested(2);
  const { createdBy } = await versionOf(2);
  expect([asked.requestedBy, createdBy]).toEqual(["ada", "pia"]);
  expect(await approvePromotion(db, asked.id, { ...bob(asked.hash), actor: "ada" })).toEqual({ ok: false, why: "own" });
  expect(await approvePromotion(db, asked.id, { ...bob(asked.hash), actor: "pia" })).toEqual({ ok: false, why: "own" });
  expect(await approvePromotion(db, asked.id, bob((await versionOf(3)).hash))).toEqual({ ok: false, why: "hash" });
  expect(await running()).toEqual([1]);
  expect(await withdrawPromotion(db, asked.id, "Over", "ada")).toMatchObject({ ok: true });
});

it("another person approves what was seen, and it runs; one click leads back; the audit has every step", async () => {
  const { db } = store;
  const asked = await requested(2);
  expect(asked).toMatchObject({ state: "requested", version: 2, base: 1, alone: false });
  expect(await request(3)).toEqual({ ok: false, why: "open" });
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toMatchObject({ ok: true, promotion: { state: "active" } });
  expect(await running()).toEqual([2]);
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toEqual({ ok: false, why: "state", state: "active" });
  expect(await rollBackPromotion(db, asked.id, "Wrong totals", "bob")).toMatchObject({
    ok: true,
    promotion: { state: "rolledBack" },
  });
  expect(await running()).toEqual([1]);
  const { items } = await listAudit(db, { action: "promotion", limit: 10 });
  expect(items.slice(0, 4).map(({ action, actor }) => [action, actor])).toEqual([
    ["promotion.rolledBack", "bob"],
    ["promotion.activated", "bob"],
    ["promotion.approved", "bob"],
    ["promotion.requested", "ada"],
  ]);
});

it("a rollback binds the slots as they were bound before, and is refused where such a connection is gone", async () => {
  const { db } = store;
  const old = await bound();
  const id = await likeConnection(store, old ?? "", "erp-south");
  const asked = await requested(2, { slots: { erp: id } });
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toMatchObject({
    ok: true,
    promotion: { slots: { erp: "erp-south" } },
  });
  expect(await bound()).toBe(id);

  const moved = (environment: string) =>
    db
      .updateTable("connection")
      .set({ environment })
      .where("id", "=", old ?? "")
      .execute();
  await moved("staging");
  expect(await rollBackPromotion(db, asked.id, "", "bob")).toEqual({ ok: false, why: "slotGone", slot: "erp" });
  expect([await running(), await bound()]).toEqual([[2], id]);
  await moved("dev");
  expect((await rollBackPromotion(db, asked.id, "", "bob")).ok).toBe(true);
  expect([await running(), await bound()]).toEqual([[1], old]);
});

it("binds what it binds anew, leaves alone what somebody bound since, and says so where it cannot have both", async () => {
  const { db } = store;
  await changeEnvironment(db, "dev", { protection: "checks" }, "test");
  const was = await foundSlots(store);
  const [erpEast = "", erpWest = ""] = [
    await likeConnection(store, was.erp ?? "", "east"),
    await likeConnection(store, was.erp ?? "", "west"),
  ];
  const rebind = (slots: Record<string, string>) => putDeployment(db, "dev", sandboxFlow, { slots }, "operator");
  const activateAt = new Date(Date.now() + 3_600_000).toISOString();
  const found = async (id: string) => (await listPromotions(db, sandboxFlow, "dev")).find((each) => each.id === id);

  // Approved, on its way, and not about this slot: the operator's stands.
  const other = await requested(2, { activateAt, slots: was });
  await rebind({ erp: erpEast });
  await store.pass(2 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  expect([await running(), await bound()]).toEqual([[2], erpEast]);
  expect(await found(other.id)).toMatchObject({ state: "active", slots: { erp: "east" } });
  // Nor does going back undo it.
  expect((await rollBackPromotion(db, other.id, "", "bob")).ok).toBe(true);
  expect([await running(), await bound()]).toEqual([[1], erpEast]);

  // About the same slot: people have to decide.
  await store.pass(0);
  const same = await requested(2, { activateAt, slots: { ...was, erp: erpWest } });
  await rebind({ erp: was.erp ?? "" });
  await store.pass(2 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  await store.pass(0);
  expect(await found(same.id)).toMatchObject({
    state: "failed",
    reason: "Slot erp was bound to northwind-erp after the review; the promotion would bind it to west.",
  });
  expect([await running(), await bound()]).toEqual([[1], was.erp]);
});

it("whose slot was bound otherwise is not approved either, nor what was reviewed before that requested", async () => {
  const { db } = store;
  const was = await foundSlots(store);
  const [north = "", south = ""] = [
    await likeConnection(store, was.erp ?? "", "north"),
    await likeConnection(store, was.erp ?? "", "south"),
  ];
  const asked = await requested(2, { slots: { erp: north } });
  await putDeployment(db, "dev", sandboxFlow, { slots: { erp: south } }, "operator");
  const moved = { ok: false, why: "slotMoved", slot: "erp", now: "south", asked: "north" };
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toEqual(moved);
  expect(await listPromotions(db, sandboxFlow, "dev")).toMatchObject([{ state: "requested", approvedBy: null }]);
  expect((await withdrawPromotion(db, asked.id, "", "ada")).ok).toBe(true);
  expect(await request(2, { slots: { erp: north }, foundSlots: was })).toEqual(moved);
  await putDeployment(db, "dev", sandboxFlow, { slots: { erp: was.erp ?? "" } }, "operator");
});

it("of a retired version, or one that a canary cannot begin with, is not left as approved", async () => {
  const { db } = store;
  const asked = await requested(2);
  const refused = await setVersionState(db, sandboxFlow, 2, "retired", "ada");
  expect(refused).toMatchObject({ ok: false, why: "promised", environments: [{ id: "dev", title: "Development" }] });
  await db.updateTable("version").set({ state: "retired" }).where("number", "=", 2).execute();
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toEqual({ ok: false, why: "retired" });
  expect((await setVersionState(db, sandboxFlow, 2, "live", "ada")).ok).toBe(true);
  expect(await listPromotions(db, sandboxFlow, "dev")).toMatchObject([{ state: "requested", approvedBy: null }]);
});

it("is rolled back version by version, and none of those may be retired meanwhile", async () => {
  const { db } = store;
  const second = await requested(2);
  expect((await approvePromotion(db, second.id, bob(second.hash))).ok).toBe(true);
  const third = await requested(3, { baseId: await idOf(2) });
  expect((await approvePromotion(db, third.id, bob(third.hash))).ok).toBe(true);
  expect(await setVersionState(db, sandboxFlow, 2, "retired", "eve")).toMatchObject({ ok: false, why: "promised" });
  expect((await rollBackPromotion(db, third.id, "", "bob")).ok).toBe(true);
  expect(await running()).toEqual([2]);
  expect(await setVersionState(db, sandboxFlow, 1, "retired", "eve")).toMatchObject({ ok: false, why: "promised" });
  expect((await rollBackPromotion(db, second.id, "", "bob")).ok).toBe(true);
  expect(await running()).toEqual([1]);
  const states = (await listPromotions(db, sandboxFlow, "dev")).slice(0, 2).map(({ state, version }) => [version, state]);
  expect(states).toEqual([
    [3, "rolledBack"],
    [2, "rolledBack"],
  ]);
});

it("is not rolled back to a version whose table was taken away since: it would look up in vain", async () => {
  const { db } = store;
  const { flow, lock } = await versionOf(1);
  const node = { id: "find", type: "lookup", config: { table: "items", key: [{ column: "sku", value: "sku" }] } };
  const looking = { ...flow, nodes: [...flow.nodes, node] };
  const { number } = (await publishVersion(db, looking, lock, "", "pia")).version;
  await runOnly(store, number);
  const asked = await requested(2, { baseId: await idOf(number) });
  expect((await approvePromotion(db, asked.id, bob(asked.hash))).ok).toBe(true);
  const missing = ["node find: there is no table items."];
  expect(await rollBackPromotion(db, asked.id, "", "bob")).toEqual({ ok: false, why: "tables", missing });
  expect(await running()).toEqual([2]);
});

it("binds what it binds, though the deployment is paused in that moment with what was bound before", async () => {
  const { db } = store;
  const was = await foundSlots(store);
  const next = await likeConnection(store, was.erp ?? "", "moment");
  const asked = await requested(2, { slots: { ...was, erp: next } });
  const pause = putDeployment(
    db,
    "dev",
    sandboxFlow,
    async (tx) => {
      const rows = await tx.selectFrom("deployment_slot").selectAll().where("deployment_id", "=", store.deployment.id).execute();
      return { state: "paused", slots: Object.fromEntries(rows.map(({ slot, connection_id: id }) => [slot, id])) };
    },
    "operator",
  );
  await Promise.all([pause, approvePromotion(db, asked.id, bob(asked.hash))]);
  expect([await running(), await bound()]).toEqual([[2], next]);
  await putDeployment(db, "dev", sandboxFlow, { state: "active", slots: was }, "operator");
});

it("two who approve at once activate once", async () => {
  const asked = await requested(2);
  const both = await Promise.all(
    ["bob", "cy"].map((actor) => approvePromotion(store.db, asked.id, { ...bob(asked.hash), actor })),
  );
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await running()).toEqual([2]);
});

it("is not activated over a version that nobody has compared it with", async () => {
  const { db } = store;
  const asked = await requested(3);
  await db
    .updateTable("deployment_version")
    .set({ version_id: await idOf(2) })
    .execute();
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toEqual({ ok: false, why: "stale" });
  expect(await withdrawPromotion(db, asked.id, "Too late", "ada")).toMatchObject({ ok: true, promotion: { state: "withdrawn" } });
  expect(await request(3)).toEqual({ ok: false, why: "stale" });
});

it("is activated when it is time, and fails with a reason where things have changed", async () => {
  const { db } = store;
  await changeEnvironment(db, "dev", { protection: "checks" }, "test");
  const later = await requested(2, { activateAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(later).toMatchObject({ state: "approved", approvedBy: "ada" });
  expect(await activateDuePromotion(db)).toBe(false);
  await store.pass(2 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  expect(await running()).toEqual([2]);
  expect(await activateDuePromotion(db)).toBe(false);
  const base = { baseId: await idOf(2), activateAt: new Date(Date.now() + 3 * 3_600_000).toISOString() };
  const next = await requested(3, base);
  await db.updateTable("version").set({ state: "retired" }).where("number", "=", 3).execute();
  await store.pass(4 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  await setVersionState(db, sandboxFlow, 3, "live", "ada");
  const found = (await listPromotions(db, sandboxFlow, "dev")).find(({ id }) => id === next.id);
  expect(found).toMatchObject({ state: "failed", reason: "The version was retired meanwhile." });
  await store.pass(0);
  expect(await running()).toEqual([2]);
});

it("that cannot be activated ends as failed and holds up none after it", async () => {
  const { db } = store;
  await changeEnvironment(db, "dev", { protection: "checks" }, "test");
  const activateAt = new Date(Date.now() + 3_600_000).toISOString();
  const broken = await requested(2, { activateAt, slots: { erp: "00000000-0000-7000-8000-000000000000" } });
  await store.pass(2 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  expect(await activateDuePromotion(db)).toBe(false);
  const guarded = await requested(3);
  expect(guarded.state).toBe("active");
  await store.pass(0);
  const found = (await listPromotions(db, sandboxFlow, "dev")).find(({ id }) => id === broken.id);
  expect(found).toMatchObject({ state: "failed", reason: expect.stringContaining("a connection that it binds") });
});

it("is not activated unapproved where the environment was guarded better meanwhile", async () => {
  const { db } = store;
  await changeEnvironment(db, "dev", { protection: "checks" }, "test");
  const later = await requested(2, { activateAt: new Date(Date.now() + 3_600_000).toISOString() });
  await changeEnvironment(db, "dev", { protection: "approval" }, "test");
  await store.pass(2 * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  await store.pass(0);
  const found = (await listPromotions(db, sandboxFlow, "dev")).find(({ id }) => id === later.id);
  expect(found).toMatchObject({ state: "failed", reason: "The environment asks for the approval of another person by now." });
  expect(await running()).toEqual([1]);
});

it("is refused for a flow that is archived", async () => {
  const { db } = store;
  await db.updateTable("flow").set({ archived_at: new Date() }).where("id", "=", sandboxFlow).execute();
  await expect(request(2)).rejects.toThrow("archived");
  await db.updateTable("flow").set({ archived_at: null }).where("id", "=", sandboxFlow).execute();
});

it("without sign-in the one person approves alone, and that stays on record", async () => {
  const asked = await requested(2);
  const alone = { actor: "ada", person: false, signIn: false, hash: asked.hash };
  expect(await approvePromotion(store.db, asked.id, alone)).toMatchObject({
    ok: true,
    promotion: { state: "active", alone: true },
  });
});

it("of somebody who does not operate the environment waits for somebody who does, however little it is guarded", async () => {
  const { db } = store;
  for (const protection of ["none", "checks"] as const) {
    await changeEnvironment(db, "dev", { protection }, "test");
    const asked = await requested(2, { operates: false });
    expect(asked).toMatchObject({ state: "requested", approvedBy: null });
    expect(await running()).toEqual([1]);
    expect(await approvePromotion(db, asked.id, bob(asked.hash))).toMatchObject({ ok: true, promotion: { approvedBy: "bob" } });
    expect(await running()).toEqual([2]);
    expect((await rollBackPromotion(db, asked.id, "", "bob")).ok).toBe(true);
  }
});

it("approved by a token is not activated where a person is asked for meanwhile; approved by a person it is", async () => {
  const { db } = store;
  const soon = () => new Date(Date.now() + 24 * 3_600_000).toISOString();
  for (const [person, state] of [
    [false, "failed"],
    [true, "active"],
  ] as const) {
    await changeEnvironment(db, "dev", { protection: "checks" }, "test");
    const later = await requested(2, { operates: false, activateAt: soon() });
    const actor = person ? "bob" : "token:deploy";
    if (!person) await keepToken(db, "olt_deploy", { name: "deploy", role: "operator", environments: null, days: 9 }, "ada");
    expect(await approvePromotion(db, later.id, { ...bob(later.hash), actor, person })).toMatchObject({ ok: true });
    await changeEnvironment(db, "dev", { protection: "approval" }, "test");
    await store.pass(48 * 3_600);
    expect(await activateDuePromotion(db)).toBe(true);
    await store.pass(0);
    expect((await listPromotions(db, sandboxFlow, "dev")).find(({ id }) => id === later.id)).toMatchObject(
      person ? { state } : { state, reason: expect.stringContaining("another person") },
    );
  }
});

it("is neither requested nor approved once the samples that it was tried on were exchanged, and not by who did that", async () => {
  const { db } = store;
  const draft = await readDraft(db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  const publish = (samples: Record<string, string>, actor: string) =>
    versionOf(1).then(({ lock }) => publishVersion(db, { ...draft.flow, name: "Tried" }, lock, "", actor, samples));
  const { number } = (await publish({ a: "{}" }, "ada")).version;
  const id = await idOf(number);
  const [asked, { now: tried }] = [await requested(number), await samplesStanding(db, id)];
  expect(await publish({ a: '{"kind": "sample"}' }, "eve")).toMatchObject({ made: false, version: { number } });
  expect(await samplesStanding(db, id)).toMatchObject({ exchanged: { by: "eve" } });
  const refused = { ok: false, why: "samples" };
  expect(await approvePromotion(db, asked.id, bob(asked.hash))).toEqual(refused);
  expect((await withdrawPromotion(db, asked.id, "", "ada")).ok).toBe(true);
  expect(await request(number, { samples: tried })).toEqual(refused);
  const again = await requested(number);
  expect(await approvePromotion(db, again.id, { ...bob(again.hash), actor: "eve" })).toEqual({ ok: false, why: "own" });
  // Exchanged back, they are what it was published with.
  await publish({ a: "{}" }, "eve");
  expect(await samplesStanding(db, id)).toEqual({ now: tried, exchanged: null });
  expect(await approvePromotion(db, again.id, bob(again.hash))).toEqual(refused);
});
