import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAccepted } from "./accept.ts";
import { checkpoint } from "./checkpoint.ts";
import { refuseConnection, setConnectionState } from "./connections.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import { claimTasks, reclaimExpired, releaseTasks, renewLeases, type TaskHint } from "./tasks.ts";
import { takeHints, takeWakeUps, unhintedSegments } from "./waiting.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const REHINT_MS = 15_000;

/** Hints as the sweep does, but for whose turn it is. */
const hintAll = async (window = 1_000): Promise<TaskHint[]> => {
  const environments = await unhintedSegments(store.db, window);
  const segments = environments.flatMap(({ room, waiting }) => waiting.flatMap(({ items }) => items).slice(0, Math.max(0, room)));
  return [...(await takeWakeUps(store.db, window, REHINT_MS)), ...(await takeHints(store.db, segments, REHINT_MS))];
};
/** Accepts hint by themselves first; the sweep only later. */
const overdue = () =>
  store.db
    .updateTable("task")
    .set({ hint_at: new Date(0), due_at: new Date(0) })
    .where("state", "=", "READY")
    .execute();

describe("claiming", () => {
  it("gives a task to one of many who ask at once", async () => {
    const [one] = await insertAccepted(store.db, [store.acceptable("race")]);
    const asked = await Promise.all(
      Array.from({ length: 6 }, (_, index) => claimTasks(store.db, [one?.taskId ?? ""], `w${index}`, LEASE_MS)),
    );
    expect(asked.flat()).toHaveLength(1);
    expect(asked.flat()[0]).toMatchObject({ epoch: 1, input: '{"id":"race"}', documentKey: "race", node: "orders" });
  });

  it("moves the epoch on when a lease runs out, so that the first holder can neither renew nor release", async () => {
    const held = await store.accepted("lease");
    expect(await reclaimExpired(store.db, 10)).toBe(0);
    await store.pass(31);
    expect(await reclaimExpired(store.db, 10)).toBeGreaterThanOrEqual(1);
    const again = await store.claim(held.id, "w2");
    expect(again.epoch).toBe(held.epoch + 2);
    await releaseTasks(store.db, [held]);
    await renewLeases(store.db, [held], LEASE_MS);
    expect((await store.tasksOf(held.runId))[0]).toMatchObject({ state: "CLAIMED", worker: "w2" });
    await store.pass(0);
  });

  it("a renewed lease holds, a released task is another's at once", async () => {
    const task = await store.accepted("renew");
    await store.pass(20);
    await renewLeases(store.db, [task], LEASE_MS);
    await store.pass(45);
    await reclaimExpired(store.db, 100);
    expect((await store.tasksOf(task.runId))[0]?.state).toBe("CLAIMED");
    await releaseTasks(store.db, [task]);
    expect((await store.claim(task.id, "w2")).epoch).toBe(task.epoch + 1);
    await store.pass(0);
  });
});

describe("hinting", () => {
  it("keeps to the window of untaken hints, and goes on as they are taken", async () => {
    await store.db.updateTable("task").set({ state: "CANCELLED" }).where("state", "in", ["READY", "CLAIMED"]).execute();
    const accepted = await insertAccepted(
      store.db,
      Array.from({ length: 10 }, (_, index) => store.acceptable(`window ${index}`)),
    );
    await overdue();
    expect(await hintAll(4)).toHaveLength(4);
    expect(await hintAll(4)).toHaveLength(0);
    const hinted = await store.db
      .selectFrom("task")
      .select("id")
      .where("state", "=", "READY")
      .where("hint_at", ">", new Date())
      .execute();
    await claimTasks(
      store.db,
      hinted.slice(0, 3).map((each) => each.id),
      "w1",
      LEASE_MS,
    );
    expect(await hintAll(4)).toHaveLength(3);
    // The queue was wiped: hints nobody took are given again after a while.
    await store.pass(16);
    expect(await hintAll(4)).toHaveLength(4);
    await store.pass(0);
    expect(accepted).toHaveLength(10);
  });

  it("leaves tasks behind a shut connection alone, and hints them when it opens, their age counted anew", async () => {
    await store.db.updateTable("task").set({ state: "CANCELLED" }).where("state", "in", ["READY", "CLAIMED"]).execute();
    const first = await store.accepted("shut");
    const effect = effectOn(store, "shut/erp", { inPlace: false });
    await checkpoint(store.db, [done(first, [effect])], "w1", LEASE_MS);
    await setConnectionState(store.db, store.erp, "paused", "Paused by hand.", "tester");
    await store.pass(86_400);
    expect(await hintAll()).toEqual([]);
    await setConnectionState(store.db, store.erp, "active", null, "tester");
    expect(await hintAll()).toMatchObject([{ id: effect.id, queue: "effect", connectionId: store.erp }]);
    expect((await store.claim(effect.id)).ageMs).toBeLessThan(60_000);
    await store.pass(0);
    const audited = await store.db
      .selectFrom("audit")
      .select(["action", "actor"])
      .where("subject", "=", "northwind-erp")
      .where("actor", "=", "tester")
      .orderBy("seq")
      .execute();
    expect(audited).toEqual([
      { action: "connection.paused", actor: "tester" },
      { action: "connection.active", actor: "tester" },
    ]);
  });

  it("a task in backoff is not hinted before it is due, and takes nobody's place in the window", async () => {
    await store.db.updateTable("task").set({ state: "CANCELLED" }).where("state", "in", ["READY", "CLAIMED"]).execute();
    const [a, b] = [await store.accepted("backoff 1"), await store.accepted("backoff 2")];
    await releaseTasks(store.db, [a], 5_000);
    await releaseTasks(store.db, [b]);
    expect(await hintAll(1)).toMatchObject([{ id: b.id }]);
    await store.pass(6);
    await claimTasks(store.db, [b.id], "w1", LEASE_MS);
    expect(await hintAll(1)).toMatchObject([{ id: a.id }]);
    await store.pass(0);
  });
});

describe("refused credentials", () => {
  it("shut a connection, but not one that was changed since they were read", async () => {
    const { openConnections } = await import("./connections.ts");
    const [before] = await openConnections(store.db, store.box, [store.erp]);
    if (!before) throw new Error("no connection");
    expect(await refuseConnection(store.db, before, "401", "engine")).toBe(true);
    await setConnectionState(store.db, store.erp, "active", null, "tester");
    expect(await refuseConnection(store.db, before, "401", "engine")).toBe(false);
    const [after] = await openConnections(store.db, store.box, [store.erp]);
    expect(after?.state).toBe("active");
  });
});
