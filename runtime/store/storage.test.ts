import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAccepted } from "./accept.ts";
import { checkpoint } from "./checkpoint.ts";
import { setConnectionState } from "./connections.ts";
import { environmentStatus } from "./environmentStatus.ts";
import { isFull, limitStorage, readStorage, StorageFull } from "./storage.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe("the room there is", () => {
  it("ends at the limit and is there again only well below it", () => {
    const sizes = [99, 100, 98, 96, 95, 94, 96, 99, 100];
    let full = false;
    const seen = sizes.map((bytes) => {
      full = isFull(full, bytes, 100);
      return full;
    });
    expect(seen).toEqual([false, true, true, true, true, false, false, false, true]);
  });

  it("is no matter without a limit; beyond one nothing is accepted, also not in part", async () => {
    const before = await readStorage(store.db);
    expect(before).toEqual({ bytes: expect.any(Number), limitBytes: null, full: false });
    await insertAccepted(store.db, [store.acceptable("room")]);
    limitStorage(store.db, before.bytes - 1);
    await expect(insertAccepted(store.db, [store.acceptable("late")])).rejects.toThrow(StorageFull);
    expect(await store.db.selectFrom("message").select("id").where("dedupe_key", "=", "late").execute()).toEqual([]);
    expect(await readStorage(store.db)).toMatchObject({ full: true, limitBytes: before.bytes - 1 });
    limitStorage(store.db, before.bytes * 10);
    expect(await insertAccepted(store.db, [store.acceptable("late")])).toMatchObject([{ duplicate: false }]);
  });
});

describe("the status of an environment", () => {
  it("shows what waits by flow and connection, since when, and what is held", async () => {
    const first = await store.accepted("waits");
    const effects = [1, 2].map((number) => effectOn(store, `waits ${number}`, { inPlace: false }));
    const later = effectOn(store, "later", { inPlace: false, due: { afterMs: 3_600_000 } });
    await checkpoint(store.db, [done(first, [...effects, later])], "w1", LEASE_MS);
    await setConnectionState(store.db, store.erp, "paused", "By hand.", "ada");
    await insertAccepted(store.db, [store.acceptable("held", { held: true })]);
    await store.pass(600);
    const { waiting, held, storage, retention } = await environmentStatus(store.db, "dev");
    const [erp, evaluators] = [
      waiting.find((each) => each.connection !== null),
      waiting.find((each) => each.connection === null),
    ];
    expect(erp).toMatchObject({ flow: first.flow, connection: "northwind-erp", due: 2, later: 1 });
    expect(Date.now() - Date.parse(erp?.oldestAt ?? "")).toBeLessThan(60_000);
    // The two messages of the test above wait to be evaluated; the held one waits for nobody.
    expect([evaluators?.due, evaluators?.later, held]).toEqual([2, 0, 1]);
    expect([storage.full, retention]).toEqual([false, { at: null, held: [] }]);
    expect((await environmentStatus(store.db, "prod")).waiting).toEqual([]);
  });
});
