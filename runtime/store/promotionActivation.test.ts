import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { changeEnvironment } from "./environments.ts";
import { numbered, openStoreWithVersions, requestOf, runOnly } from "./promotions.fixture.ts";
import { approvePromotion, type NewPromotion, rollBackPromotion } from "./promotions.ts";
import { lockWaits, type Store } from "./store.fixture.ts";

/** What is looked at again when a promotion is activated, and that two who do so at once come one after the other. */

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());
beforeEach(async () => {
  await runOnly(store, 1);
  await changeEnvironment(store.db, "dev", { protection: "approval" }, "test");
});

const bob = (hash: string) => ({ actor: "bob", person: true, signIn: true, hash });

async function requested(number: number, more: Partial<NewPromotion> = {}) {
  const step = await requestOf(store, number, more);
  if (!step.ok) throw new Error(step.why);
  return step.promotion;
}

it("who waits for the environment holds no promotion that another would need who has it", async () => {
  const { db } = store;
  const first = await requested(2);
  expect(await approvePromotion(db, first.id, bob(first.hash))).toMatchObject({ ok: true, promotion: { state: "active" } });
  const next = await requested(3, { baseId: (await numbered(store, 2)).id });
  const steps = await db.transaction().execute(async (tx) => {
    await sql`select 1 from environment where id = 'dev' for update`.execute(tx);
    const begun = [approvePromotion(db, next.id, bob(next.hash)), rollBackPromotion(db, first.id, "", "bob")];
    await lockWaits(store, begun.length);
    const free = await tx.selectFrom("promotion").select("id").forUpdate().skipLocked().execute();
    expect(free.map(({ id }) => id).sort()).toEqual([first.id, next.id].sort());
    return begun;
  });
  // One of the two came first, and nothing is left of what the other wanted.
  expect((await Promise.all(steps)).filter(({ ok }) => ok)).toHaveLength(1);
});
