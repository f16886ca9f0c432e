import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { listAudit } from "./audit.ts";
import { listDeployments, putDeployment } from "./deployments.ts";
import { endDeployment } from "./endDeployment.ts";
import { changeEnvironment } from "./environments.ts";
import { readPromotion } from "./promotionList.ts";
import { foundSlots, numbered, openStoreWithVersions, requestOf, runGuarded } from "./promotions.fixture.ts";
import { approvePromotion } from "./promotions.ts";
import type { Store } from "./store.fixture.ts";
import { takeUpPromotion } from "./takeUp.ts";
import { setVersionState } from "./versions.ts";

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

beforeEach(() => runGuarded(store, 1));

/** Promotes a version as it takes two, and takes the flow out again. */
async function takenOut(version: number): Promise<string> {
  const { db } = store;
  const asked = await requestOf(store, version);
  if (!asked.ok) throw new Error(asked.why);
  const { id, hash } = asked.promotion;
  await approvePromotion(db, id, { actor: "bob", person: true, signIn: true, hash });
  expect(await endDeployment(db, "dev", sandboxFlow, "olga")).toEqual({ ok: true });
  return id;
}

const stateOf = async (id: string) => (await readPromotion(store.db, id))?.state;
const running = async () => (await listDeployments(store.db, sandboxFlow))[0]?.versions.map(({ number }) => number);
const takeUp = (id: string) => takeUpPromotion(store.db, id, "It was needed", "olga");
const deploy = async (number: number) => {
  const { id } = await numbered(store, number);
  await putDeployment(store.db, "dev", sandboxFlow, { version: { id, number } }, "test");
};

it("what was taken out has ended, and is taken up again as it was, by one person alone", async () => {
  const slots = await foundSlots(store);
  const id = await takenOut(2);
  expect(await readPromotion(store.db, id)).toMatchObject({ state: "ended", endedBy: "olga" });
  expect(await running()).toBeUndefined();
  expect(await takeUp(id)).toMatchObject({ ok: true, promotion: { state: "active", endedAt: null, endedBy: null } });
  expect([await running(), await foundSlots(store)]).toEqual([[2], slots]);
  expect(await takeUp(id)).toEqual({ ok: false, why: "state", state: "active" });
  const { items } = await listAudit(store.db, { action: "promotion.takenUp", limit: 1 });
  expect(items).toMatchObject([{ actor: "olga", before: null, after: { version: 2 } }]);
});

it("it is not taken up once something else ran there", async () => {
  const id = await takenOut(2);
  await changeEnvironment(store.db, "dev", { protection: "none" }, "test");
  await deploy(3);
  expect(await stateOf(id)).toBe("replaced");
  await endDeployment(store.db, "dev", sandboxFlow, "olga");
  expect(await takeUp(id)).toEqual({ ok: false, why: "state", state: "replaced" });
});

it("a promotion whose version ran no more when the flow was taken out was replaced, and has not ended", async () => {
  await changeEnvironment(store.db, "dev", { protection: "none" }, "test");
  const asked = await requestOf(store, 2);
  if (!asked.ok) throw new Error(asked.why);
  await deploy(3);
  await endDeployment(store.db, "dev", sandboxFlow, "olga");
  expect(await stateOf(asked.promotion.id)).toBe("replaced");
});

it("it is not taken up past another one that is open, where it is retired, or without an approval that is asked for by now", async () => {
  const { db } = store;
  const id = await takenOut(2);
  const other = await requestOf(store, 3, { baseId: null });
  expect(other).toMatchObject({ ok: true });
  expect(await takeUp(id)).toEqual({ ok: false, why: "open" });
  await db.deleteFrom("promotion").where("id", "<>", id).execute();
  await setVersionState(db, sandboxFlow, 2, "retired", "test");
  expect(await takeUp(id)).toEqual({ ok: false, why: "retired" });
  await setVersionState(db, sandboxFlow, 2, "live", "test");
  await db.updateTable("promotion").set({ approved_by: "ada" }).where("id", "=", id).execute();
  expect(await takeUp(id)).toEqual({ ok: false, why: "unapproved" });
  expect(await running()).toBeUndefined();
});
