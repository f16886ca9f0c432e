import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkpoint } from "./checkpoint.ts";
import { giveControlNumber } from "./controlNumbers.ts";
import { openLedger } from "./effects.ts";
import { done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import type { ClaimedTask } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const partner = (account: string, more: { first?: number; most?: number } = {}) => ({
  environment: "dev",
  connector: "x12",
  account,
  first: 1,
  most: 999_999_999,
  ...more,
});

/** Claimed tasks, each with the intent of an effect of its own. */
async function intended(keys: string[]): Promise<Map<string, ClaimedTask>> {
  const tasks = new Map<string, ClaimedTask>();
  for (const key of keys) {
    const first = await store.accepted(`document of ${key}`);
    const effect = effectOn(store, key, { inPlace: false });
    await checkpoint(store.db, [done(first, [effect])], "w1", LEASE_MS);
    const task = await store.claim(effect.id);
    await openLedger(store.db, task, intentOn(store, key), () => "leave");
    tasks.set(key, task);
  }
  return tasks;
}

it("an effect has the same number however often and by how many it is asked for, and no other effect has it; after the greatest comes the first", async () => {
  const keys = Array.from({ length: 8 }, (_, place) => `effect ${place}`);
  const tasks = await intended(keys);
  let round = 0;
  const asked = fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 24 });
  const first = fc.integer({ min: 1, max: 1_000 });
  // As many numbers as there are effects at least, and the last one given anywhere among them.
  const span = fc.integer({ min: keys.length, max: keys.length + 4 });
  await fc.assert(
    fc.asyncProperty(asked, first, span, fc.nat(), async (asks, from, count, before) => {
      await store.db.updateTable("effect").set({ control_number: null }).execute();
      const of = partner(`partner ${round++}`, { first: from, most: from + count - 1 });
      const { environment, connector, account } = of;
      const last = before % count;
      await store.db
        .insertInto("control_number")
        .values({ environment, connector, account, last: String(from + last) })
        .execute();
      const given = await Promise.all(
        asks.map(async (key) => [key, await giveControlNumber(store.db, tasks.get(key) as ClaimedTask, key, of)] as const),
      );
      const byKey = new Map(given);
      for (const [key, number] of given) expect(number).toBe(byKey.get(key));
      const next = Array.from({ length: byKey.size }, (_, place) => from + ((last + 1 + place) % count));
      expect(new Set(byKey.values())).toEqual(new Set(next));
    }),
    { numRuns: 25 },
  );
});

it("each partner has a counter of its own, in each environment, which goes on from the first number when that is raised", async () => {
  const tasks = await intended(["one", "two", "three", "four", "five"]);
  const give = (key: string, of: ReturnType<typeof partner>) =>
    giveControlNumber(store.db, tasks.get(key) as ClaimedTask, key, of);
  expect(await give("one", partner("north", { first: 500 }))).toBe(500);
  expect(await give("two", partner("south"))).toBe(1);
  expect(await give("three", { ...partner("north"), environment: "prod" })).toBe(1);
  expect(await give("four", partner("north"))).toBe(501);
  // As after a restore: the partner has had more than the counter knows of.
  expect(await give("five", partner("north", { first: 9_000 }))).toBe(9_000);
});

it("whoever does not own the effect any more gets none, and none is used up", async () => {
  const [task] = (await intended(["owned"])).values();
  if (!task) throw new Error("no task");
  const of = partner("owners");
  expect(await giveControlNumber(store.db, { ...task, epoch: task.epoch + 1 }, "owned", of)).toBeNull();
  expect(await giveControlNumber(store.db, task, "owned", of)).toBe(1);
});
