import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releaseBatch } from "./batches.ts";
import { sweepCancelled } from "./cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import type { NewTask } from "./outcomes.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";

let store: Store;
let documents = 0;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const MINUTE = { afterMs: 60_000 };

/** A document comes to a node at which it waits for others; answers its run. */
async function waits(more: Partial<NewTask>): Promise<string> {
  const first = await store.accepted(`waiter ${documents++}`);
  const none = { call: null, effectKey: null, connectionId: null, intent: null, inPlace: false } as const;
  const task = effectOn(store, "", { ...none, kind: "control", node: "meets", port: "in", due: MINUTE, ...more });
  await checkpoint(store.db, [done(first, [task])], "w1", LEASE_MS);
  return first.runId;
}

/** The word of a cancellation, whose process ends before what waits is ended. */
const cancelled = (run: string) =>
  sql`update run set cancelled_at = clock_now(), cancelled_by = 'ada' where id = ${run}`.execute(store.db);

const waiterOf = async (run: string) => (await store.tasksOf(run)).find(({ kind }) => kind === "control");

describe("what waits in a run that is being cancelled", () => {
  it("meets no message: that waits on, and meets the next item", async () => {
    const key = { meet: { act: "wait", key: "order 1" } } as const;
    const gone = await waits(key);
    await cancelled(gone);
    const message = await waits({ ...key, port: "message" });
    expect((await waiterOf(message))?.call).toBeNull();
    const item = await waits(key);
    expect((await waiterOf(message))?.call).toBe(JSON.stringify({ met: (await waiterOf(item))?.id }));
    while ((await sweepCancelled(store.db, 10)) > 0);
    expect(await store.run(gone)).toMatchObject({ state: "CANCELLED", open_tasks: 0 });
  });

  it("stands in no older item's place", async () => {
    const version = (version: string) =>
      ({ call: JSON.stringify({ version }), meet: { act: "coalesce", key: "order 2", version } }) as const;
    const newer = await waits(version("2"));
    await cancelled(newer);
    const older = await waits(version("1"));
    expect(await waiterOf(older)).toMatchObject({ call: '{"version":"1"}', meet_key: "order 2" });
  });

  it("goes into no batch, and keeps none from leaving", async () => {
    const batch = { due: "never", meet: { act: "batch", key: "", count: 2, bytes: 1_000, waitMs: 60_000 } } as const;
    const [gone, kept] = [await waits({ ...batch, input: "1" }), await waits({ ...batch, input: "2" })];
    await cancelled(gone);
    while (await releaseBatch(store.db));
    expect((await waiterOf(gone))?.state).toBe("READY");
    expect((await waiterOf(kept))?.state).toBe("DONE");
    const { body } = await store.db
      .selectFrom("message")
      .select("body")
      .where("source_node", "=", "meets")
      .executeTakeFirstOrThrow();
    expect(body).toBe("[2]");
  });
});
