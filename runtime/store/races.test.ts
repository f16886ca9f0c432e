import { sql, type Transaction } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelRun, sweepCancelled } from "./cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import { openLedger } from "./effects.ts";
import type { Outcome } from "./outcomes.ts";
import { dead, done, effectOn, intentOn, LEASE_MS, lockWaits, openStore, type Store } from "./store.fixture.ts";
import type { Database } from "./tables.ts";
import { claimTasks } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Outcome[]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);

/** Does everything in `inside` while it holds locks of its own, and commits then. */
const holdingTo = (inside: (tx: Transaction<Database>) => Promise<void>): Promise<void> => store.db.transaction().execute(inside);

const undone = new Error("undone");

/** The same, but what it wrote itself is undone. */
const holding = (inside: (tx: Transaction<Database>) => Promise<void>): Promise<void> =>
  holdingTo(async (tx) => {
    await inside(tx);
    throw undone;
  }).catch((error: unknown) => {
    if (error !== undone) throw error;
  });

describe("the ledger", () => {
  it("shows to whoever waited for its entry that another took it over meanwhile", async () => {
    const [left, first, second] = [await store.accepted("left"), await store.accepted("took"), await store.accepted("waited")];
    const key = "taken over/erp";
    await openLedger(store.db, left, intentOn(store, key), () => "send");
    // Its owner has ended without settling it.
    await write([dead(left)]);
    let opened: ReturnType<typeof openLedger> | undefined;
    await holdingTo(async (tx) => {
      await sql`select 1 from effect where effect_key = ${key} for update`.execute(tx);
      opened = openLedger(store.db, second, intentOn(store, key), () => "leave");
      await lockWaits(store, 1);
      await sql`update effect set task_id = ${first.id}, run_id = ${first.runId} where effect_key = ${key}`.execute(tx);
    });
    expect(await opened).toMatchObject({ row: { taskId: first.id, heldByOther: true } });
  });
});

describe("a run that is cancelled", () => {
  it("is not gone on with by a checkpoint that had looked at it before", async () => {
    const first = await store.accepted("cancelled meanwhile");
    const effect = effectOn(store, "cancelled meanwhile/erp");
    let written: ReturnType<typeof write> | undefined;
    // The checkpoint has seen the run, and waits for whoever writes the same key.
    await holding(async (tx) => {
      await sql`insert into effect (effect_key, environment, connection_id, operation, document_key, mode, state, request_hash,
        task_id, run_id, epoch, sent_at, created_at)
      values (${effect.effectKey}, 'dev', ${store.erp}, 'x', 'x', 'natural', 'INTENDED', 'x', ${first.id}, ${first.runId}, 1, now(), now())`.execute(
        tx,
      );
      written = write([done(first, [effect])]);
      await lockWaits(store, 1);
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
    await holding(async (tx) => {
      await sql`select 1 from task where id = ${effect.id} for update`.execute(tx);
      expect(await cancelRun(store.db, first.runId, "ada", null)).toMatchObject({ ok: true, waiting: 0 });
    });
    expect(await claimTasks(store.db, [effect.id], "w1", LEASE_MS)).toEqual([]);
    await sweepCancelled(store.db, 10);
    expect(await store.run(first.runId)).toMatchObject({ state: "CANCELLED", open_tasks: 0 });
  });
});
