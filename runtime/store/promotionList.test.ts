import { afterAll, beforeAll, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { changeEnvironment } from "./environments.ts";
import { listPromotions } from "./promotionList.ts";
import { numbered, openStoreWithVersions, requestOf, runOnly } from "./promotions.fixture.ts";
import { withdrawPromotion } from "./promotions.ts";
import type { Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());

it("begins with the open and the active one, however many came after them and led to nothing", async () => {
  const { db } = store;
  await runOnly(store, 1);
  await changeEnvironment(db, "dev", { protection: "none" }, "test");
  expect(await requestOf(store, 2)).toMatchObject({ ok: true, promotion: { state: "active" } });
  await changeEnvironment(db, "dev", { protection: "approval" }, "test");
  const baseId = (await numbered(store, 2)).id;
  const again = async () => {
    const step = await requestOf(store, 3, { baseId });
    if (!step.ok) throw new Error(step.why);
    return step.promotion.id;
  };
  const ids = [];
  for (let index = 0; index < 6; index++) {
    const id = await again();
    await withdrawPromotion(db, id, "", "ada");
    ids.unshift(id);
  }
  const listed = async () => (await listPromotions(db, sandboxFlow, "dev")).map(({ id, state }) => [state, id]);
  const [active, ...rest] = await listed();
  expect(active?.[0]).toBe("active");
  expect(rest).toEqual(ids.map((id) => ["withdrawn", id]));
  const open = await again();
  expect((await listed()).slice(0, 2)).toEqual([["requested", open], active]);
});
