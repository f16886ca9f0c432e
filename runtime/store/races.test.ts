import { type RawBuilder, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../test/support/until.ts";
import { cancelRun, sweepCancelled } from "./cancel.ts";
import { checkpoint, type Outcome } from "./checkpoint.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import { claimTasks } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Outcome[]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);

/** Statements that wait for a lock just now. */
const waiting = async (): Promise<number> => {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(store.db);
  return rows.length;
};

/** Holds what `locking` locks until everything in `inside` has run; then lets it go, undone. */
async function holding(locking: RawBuilder<unknown>, inside: () => Promise<void>): Promise<void> {
  const undone = new Error("undone");
  await store.db
    .transaction()
    .execute(async (tx) => {
      await locking.execute(tx);
      await inside();
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
}

const waits = (count: number) =>
  until(async () => (await waiting()) >= count, { what: `${count} statements to wait for a lock` });

describe("a run that is cancelled", () => {
  it("is not gone on with by a checkpoint that had looked at it before", async () => {
    const first = await store.accepted("cancelled meanwhile");
    const effect = effectOn(store, "cancelled meanwhile/erp");
    let written: ReturnType<typeof write> | undefined;
    // The checkpoint has seen the run, and waits for whoever writes the same key.
    const key = sql`insert into effect (effect_key, environment, connection_id, operation, document_key, mode, state, request_hash,
        task_id, run_id, epoch, sent_at, created_at)
      values (${effect.effectKey}, 'dev', ${store.erp}, 'x', 'x', 'natural', 'INTENDED', 'x', ${first.id}, ${first.runId}, 1, now(), now())`;
    await holding(key, async () => {
      written = write([done(first, [effect])]);
      await waits(1);
      expect(await cancelRun(store.db, first.runId, "ada", null)).toMatchObject({ ok: true, running: 1 });
    });
    expect(await written).toMatchObject([{ written: true, cancelled: true }]);
    expect(await store.run(first.runId)).toMatchObject({ state: "CANCELLED", open_tasks: 0 });
    expect((await store.tasksOf(first.runId)).map((task) => task.state)).toEqual(["DONE"]);
    expect(await store.ledger("cancelled meanwhile/erp")).toBeUndefined();
  });

  it("is not worked at by whoever claims what the cancellation had to pass over", async () => {
    const first = await store.accepted("passed over");
    const effect = effectOn(store, "passed over/erp", { inPlace: false });
    await write([done(first, [effect])]);
    await holding(sql`select 1 from task where id = ${effect.id} for update`, async () => {
      expect(await cancelRun(store.db, first.runId, "ada", null)).toMatchObject({ ok: true, waiting: 0 });
    });
    expect(await claimTasks(store.db, [effect.id], "w1", LEASE_MS)).toEqual([]);
    await sweepCancelled(store.db, 10);
    expect(await store.run(first.runId)).toMatchObject({ state: "CANCELLED", open_tasks: 0 });
  });
});
