import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAccepted } from "./accept.ts";
import { checkpoint } from "./checkpoint.ts";
import { readDraft } from "./flows.ts";
import { flowStatus, listFlows } from "./status.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import type { ClaimedTask } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe("the numbers of a flow", () => {
  it("count what crossed each edge and what became of it, runs by state, and dead letters at their node", async () => {
    const { flow } = (await readDraft(store.db, "shopify-order-to-cash")) ?? {};
    if (!flow) throw new Error("no draft");
    const crossed = ["orders_out_canonical", "canonical_out_invariants", "invariants_valid_erp"];
    for (const end of ["ok", "dead", "waits"]) {
      const first = await store.accepted(end);
      const effect = effectOn(store, end, { inPlace: end !== "waits" });
      const outcome = done(first, [effect]);
      if (outcome.end.state === "DONE") outcome.end.edges = crossed;
      await checkpoint(store.db, [outcome], "w1", LEASE_MS);
      const task = { ...first, ...effect, epoch: 1 } as ClaimedTask;
      if (end !== "waits") await checkpoint(store.db, [end === "ok" ? done(task) : dead(task)], "w1", LEASE_MS);
    }
    await insertAccepted(store.db, [store.acceptable("held", { held: true })]);
    const asked = await Promise.all([1, 2, 3].map(() => flowStatus(store.db, "dev", flow, 60, new Date())));
    // Asked for at once: counted once.
    expect(new Set(asked).size).toBe(1);
    expect(asked[0]).toMatchObject({
      runs: { running: 1, succeeded: 1, dead: 1, partial: 0, held: 1 },
      nodes: { erp: { done: 1, dead: 1, waiting: 1, running: 0, retrying: 0 }, canonical: { done: 3 } },
      edges: { orders_out_canonical: 3, invariants_valid_erp: 3, route_ship_wms: 0 },
      openDeadLetters: 1,
    });
    // What is held waits for somebody, however long ago it came.
    const later = await flowStatus(store.db, "dev", flow, 61, new Date(Date.now() + 7_200_000));
    expect(later.runs).toMatchObject({ succeeded: 0, held: 1 });
    const [listed] = await listFlows(store.db, new Date());
    expect(listed).toMatchObject({ id: flow.id, runs24h: 4, openDeadLetters: 1, lastRunAt: expect.any(String) });
  });
});
