import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpoint } from "./checkpoint.ts";
import { openLedger, resendIntent } from "./effects.ts";
import { done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import { type ClaimedTask, reclaimExpired, releaseTasks } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** A claimed effect task without a ledger row. */
async function effectTask(document: string, key: string): Promise<ClaimedTask> {
  const first = await store.accepted(document);
  const effect = effectOn(store, key, { inPlace: false });
  await checkpoint(store.db, [done(first, [effect])], "w1", LEASE_MS);
  return store.claim(effect.id);
}
const settle = (task: ClaimedTask, state: "CONFIRMED" | "REFUSED", key: string) =>
  checkpoint(
    store.db,
    [
      done(task, [], {
        settlement: state === "CONFIRMED" ? { effectKey: key, state, result: '"r"' } : { effectKey: key, state },
      }),
    ],
    "w1",
    LEASE_MS,
  );

describe("the ledger", () => {
  it("writes a new key as intended, and shows a later task what stands", async () => {
    const one = await effectTask("new 1", "new");
    expect(await openLedger(store.db, one, intentOn(store, "new"), () => "leave")).toEqual({ lost: false, row: null });
    await settle(one, "CONFIRMED", "new");
    const two = await effectTask("new 2", "new");
    const opened = await openLedger(store.db, two, intentOn(store, "new"), () => "leave");
    expect(opened).toMatchObject({
      row: { state: "CONFIRMED", requestHash: "hash 1", taskId: one.id, heldByOther: false, result: '"r"' },
    });
    expect(await store.ledger("new")).toMatchObject({ task_id: one.id, revision: 1 });
  });

  it("send takes the entry over as a revision; lookup takes it over without touching when it was sent", async () => {
    const one = await effectTask("move 1", "move");
    await openLedger(store.db, one, intentOn(store, "move"), () => "leave");
    await settle(one, "CONFIRMED", "move");
    const before = await store.ledger("move");
    const two = await effectTask("move 2", "move");
    await openLedger(store.db, two, intentOn(store, "move", { requestHash: "hash 2" }), () => "lookup");
    expect(await store.ledger("move")).toMatchObject({ task_id: two.id, request_hash: "hash 1", sent_at: before?.sent_at });
    await openLedger(store.db, two, intentOn(store, "move", { requestHash: "hash 2" }), () => "send");
    expect(await store.ledger("move")).toMatchObject({
      state: "INTENDED",
      request_hash: "hash 2",
      revision: 2,
      run_id: two.runId,
    });
  });

  it("remembers when the last request left of which nobody learned what became of it", async () => {
    const one = await effectTask("unsure 1", "unsure");
    await openLedger(store.db, one, intentOn(store, "unsure"), () => "leave");
    const first = (await store.ledger("unsure"))?.sent_at;
    await store.pass(1);
    await openLedger(store.db, one, intentOn(store, "unsure"), () => "send");
    expect(await store.ledger("unsure")).toMatchObject({ unsure_at: first });
    await settle(one, "CONFIRMED", "unsure");
    const two = await effectTask("unsure 2", "unsure");
    const opened = await openLedger(store.db, two, intentOn(store, "unsure", { requestHash: "hash 2" }), () => "send");
    const row = opened.lost ? null : opened.row;
    expect(Math.floor(row?.unsureAt ?? 0)).toBe(first?.getTime());
    // What was confirmed is no doubt.
    expect(await store.ledger("unsure")).toMatchObject({ unsure_at: first });
    await store.pass(0);
  });

  it("says who else is at it, and when that one is due; a task behind a shut connection is at nothing", async () => {
    const one = await effectTask("other 1", "other");
    await openLedger(store.db, one, intentOn(store, "other"), () => "leave");
    const two = await effectTask("other 2", "other");
    const look = async () => {
      const opened = await openLedger(store.db, two, intentOn(store, "other"), () => "leave");
      return opened.lost ? null : opened.row;
    };
    expect(await look()).toMatchObject({ heldByOther: true, otherDueInMs: 0 });
    await releaseTasks(store.db, [one], 100_000);
    const waiting = await look();
    expect(waiting?.heldByOther).toBe(true);
    expect(waiting?.otherDueInMs).toBeGreaterThan(90_000);
    await store.db.updateTable("connection").set({ state: "paused" }).where("id", "=", store.erp).execute();
    expect(await look()).toMatchObject({ heldByOther: false });
    await store.db.updateTable("connection").set({ state: "active" }).where("id", "=", store.erp).execute();
  });

  it("lets nobody send whose claim is over", async () => {
    const task = await effectTask("lost", "lost");
    await openLedger(store.db, task, intentOn(store, "lost"), () => "leave");
    expect(await resendIntent(store.db, task, "lost", "hash 1")).toBe(true);
    await store.pass(31);
    await reclaimExpired(store.db, 100);
    await store.pass(0);
    expect(await resendIntent(store.db, task, "lost", "hash 1")).toBe(false);
    expect(await openLedger(store.db, task, intentOn(store, "lost"), () => "send")).toEqual({ lost: true });
  });
});
