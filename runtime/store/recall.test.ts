import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpoint } from "./checkpoint.ts";
import { recallCheckpoint } from "./recall.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import { reclaimExpired } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe("a checkpoint whose commit was not answered", () => {
  it("is known to be written, with the effects that may be sent", async () => {
    const task = await store.accepted("written");
    const effect = effectOn(store, "recall/written");
    const outcome = done(task, [effect]);
    expect(await recallCheckpoint(store.db, outcome, "w1")).toBeUndefined();
    await checkpoint(store.db, [outcome], "w1", LEASE_MS);
    const [again] = await checkpoint(store.db, [outcome], "w1", LEASE_MS);
    expect(again?.written).toBe(false);
    expect(await recallCheckpoint(store.db, outcome, "w1")).toEqual({
      written: true,
      cancelled: false,
      intended: new Set([effect.id]),
    });
    expect(await store.ledger("recall/written")).toMatchObject({ state: "INTENDED", revision: 1 });
  });

  it("gives nothing to go on with once others have it", async () => {
    const task = await store.accepted("taken");
    const outcome = done(task, [effectOn(store, "recall/taken")]);
    await checkpoint(store.db, [outcome], "w1", LEASE_MS);
    expect(await recallCheckpoint(store.db, outcome, "w2")).toMatchObject({ cancelled: true, intended: new Set() });
    await store.pass(60);
    await reclaimExpired(store.db, 100);
    await store.pass(0);
    expect(await recallCheckpoint(store.db, outcome, "w1")).toMatchObject({ cancelled: true, intended: new Set() });
  });

  it("was not written when the task was taken away before, or ended otherwise", async () => {
    const task = await store.accepted("lost");
    await store.pass(60);
    await reclaimExpired(store.db, 100);
    await store.pass(0);
    expect(await recallCheckpoint(store.db, done(task, [effectOn(store, "recall/lost")]), "w1")).toBeUndefined();
    const other = await store.accepted("dead");
    await checkpoint(store.db, [dead(other)], "w1", LEASE_MS);
    expect(await recallCheckpoint(store.db, done(other), "w1")).toBeUndefined();
  });
});
