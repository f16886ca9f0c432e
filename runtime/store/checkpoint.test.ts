import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpoint } from "./checkpoint.ts";
import type { NewTask } from "./outcomes.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import { type ClaimedTask, reclaimExpired } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Parameters<typeof checkpoint>[1]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);

/** The same task, claimed again after its first claim's lease ran out. */
async function claimedTwice(key: string): Promise<{ zombie: ClaimedTask; owner: ClaimedTask }> {
  const zombie = await store.accepted(key);
  await store.db
    .updateTable("task")
    .set({ lease_until: new Date(0) })
    .where("id", "=", zombie.id)
    .execute();
  await reclaimExpired(store.db, 100);
  return { zombie, owner: await store.claim(zombie.id) };
}

/** A segment that was evaluated with the answer before it. */
const segmentBefore = (...successors: NewTask[]): NewTask => ({
  ...effectOn(store, "", { kind: "segment", port: "out", effectKey: null, connectionId: null, intent: null, inPlace: false }),
  ended: { state: "DONE", result: null, edges: ["erp_wms"], outputHash: "abc", engine: "test", successors },
});

describe("checkpoint", () => {
  it("moves task, successor, ledger, milestone and run together", async () => {
    const first = await store.accepted("together");
    const effect = effectOn(store, "together/erp");
    const [written] = await write([done(first, [effect])]);
    expect([written?.written, [...(written?.intended ?? [])]]).toEqual([true, [effect.id]]);
    expect(await store.run(first.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, leaf_tasks: 0 });
    expect(await store.ledger("together/erp")).toMatchObject({ state: "INTENDED", task_id: effect.id });
    const second = { ...first, ...effect, epoch: 1 } as ClaimedTask;
    await write([
      done(second, [], {
        settlement: { effectKey: "together/erp", state: "CONFIRMED", result: '{"id":1}' },
        milestone: "order.posted",
        attempt: { number: 1, startedAt: new Date(), outcome: "ok", reason: null, request: null, response: null },
      }),
    ]);
    expect(await store.run(first.runId)).toMatchObject({ state: "SUCCEEDED", open_tasks: 0, leaf_tasks: 1 });
    expect(await store.ledger("together/erp")).toMatchObject({ state: "CONFIRMED", result: '{"id":1}' });
    const milestones = await store.db.selectFrom("milestone").select("kind").where("run_id", "=", first.runId).execute();
    expect(milestones.map((each) => each.kind).sort()).toEqual(["order.posted", "order.received"]);
  });

  it("writes a segment that was evaluated with the answer before it as ended, and what follows it", async () => {
    const first = await store.accepted("followed");
    const [erp, wms] = [effectOn(store, "followed/erp"), effectOn(store, "followed/wms")];
    await write([done(first, [erp])]);
    const [written] = await write([done({ ...first, ...erp, epoch: 1 } as ClaimedTask, [segmentBefore(wms)])]);
    expect([...(written?.intended ?? [])]).toEqual([wms.id]);
    const tasks = await store.tasksOf(first.runId);
    expect(tasks).toHaveLength(4);
    const segment = tasks.find((task) => task.parent_id === erp.id);
    expect(segment).toMatchObject({ state: "DONE", edges: ["erp_wms"], output_hash: "abc", input: null, worker: null });
    expect(segment?.ended_at).toBeInstanceOf(Date);
    expect(tasks.find((task) => task.id === wms.id)).toMatchObject({ state: "CLAIMED", parent_id: segment?.id });
    expect(await store.run(first.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, leaf_tasks: 0 });
    await write([done({ ...first, ...wms, epoch: 1 } as ClaimedTask, [segmentBefore()])]);
    expect(await store.run(first.runId)).toMatchObject({ state: "SUCCEEDED", open_tasks: 0, leaf_tasks: 1 });
  });

  it("writes no such segment for a run that was cancelled meanwhile", async () => {
    const first = await store.accepted("followed, cancelled");
    const wms = effectOn(store, "cancelled/wms");
    await store.db.updateTable("run").set({ cancelled_at: new Date() }).where("id", "=", first.runId).execute();
    const [written] = await write([done(first, [segmentBefore(wms)])]);
    expect(written).toMatchObject({ written: true, cancelled: true });
    expect(await store.tasksOf(first.runId)).toHaveLength(1);
    expect(await store.run(first.runId)).toMatchObject({ state: "CANCELLED", open_tasks: 0 });
  });

  it("makes a dead letter and ends the run DEAD, or PARTIAL where another way ended well", async () => {
    const first = await store.accepted("partial");
    const [left, right] = [effectOn(store, "partial/1"), effectOn(store, "partial/2")];
    await write([done(first, [left, right])]);
    await write([dead({ ...first, ...left, epoch: 1 } as ClaimedTask)]);
    expect(await store.run(first.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 1 });
    await write([done({ ...first, ...right, epoch: 1 } as ClaimedTask)]);
    expect(await store.run(first.runId)).toMatchObject({ state: "PARTIAL", failed_node: "erp", failed_class: "rejected" });
    const only = await store.accepted("dead");
    await write([dead(only)]);
    expect(await store.run(only.runId)).toMatchObject({ state: "DEAD", open_tasks: 0 });
    expect((await store.letters()).filter((each) => each.run_id === only.runId)).toHaveLength(1);
  });

  it("writes nothing for a claim that is over", async () => {
    const { zombie, owner } = await claimedTwice("zombie");
    const [late] = await write([
      dead(zombie, { settlement: { effectKey: "zombie/erp", state: "REFUSED" }, milestone: "order.posted" }),
    ]);
    expect(late?.written).toBe(false);
    expect(await store.run(zombie.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 0 });
    expect((await store.letters()).filter((each) => each.run_id === zombie.runId)).toEqual([]);
    expect((await write([done(owner)]))[0]?.written).toBe(true);
  });

  it.each([0, 1])("tells two claims of one task in one group apart (order %i)", async (order) => {
    const { zombie, owner } = await claimedTwice(`twice ${order}`);
    const neighbour = await store.accepted(`neighbour ${order}`);
    const stale = dead(zombie);
    const good = done(owner, [effectOn(store, `twice/${order}`)]);
    const group = order === 0 ? [stale, good] : [good, stale];
    const written = await write([...group, done(neighbour)]);
    expect(written.map((each) => each.written)).toEqual(order === 0 ? [false, true, true] : [true, false, true]);
    expect(await store.run(owner.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 0 });
    expect((await store.tasksOf(owner.runId)).map((task) => task.state)).toEqual(["DONE", "CLAIMED"]);
    expect(await store.run(neighbour.runId)).toMatchObject({ state: "SUCCEEDED" });
  });

  it("gives one effect key to one task of a group; the other has to ask the ledger", async () => {
    const [one, two] = [await store.accepted("same 1"), await store.accepted("same 2")];
    const [a, b] = [effectOn(store, "same/erp"), effectOn(store, "same/erp")];
    const written = await write([done(one, [a]), done(two, [b])]);
    expect([a, b].filter((each) => written[0]?.intended.has(each.id))).toHaveLength(1);
  });

  it("only the owner of a ledger entry settles it", async () => {
    const [one, two] = [await store.accepted("owner 1"), await store.accepted("owner 2")];
    const [a, b] = [effectOn(store, "owner/erp"), effectOn(store, "owner/erp")];
    await write([done(one, [a])]);
    await write([done(two, [b])]);
    await write([
      done({ ...two, ...b, epoch: 1 } as ClaimedTask, [], { settlement: { effectKey: "owner/erp", state: "REFUSED" } }),
    ]);
    expect(await store.ledger("owner/erp")).toMatchObject({ state: "INTENDED", task_id: a.id });
  });

  it("a task to be tried again keeps its run open and is due after its wait", async () => {
    const task = await store.accepted("again");
    const reason = { code: "later", message: "Later." };
    await write([
      {
        ...done(task),
        end: { state: "READY", waitMs: 60_000, burned: true, evaluatorDied: true, class: "transient", reason },
      },
    ]);
    const [stored] = await store.tasksOf(task.runId);
    expect(stored).toMatchObject({ state: "READY", attempt: 1, evaluator_deaths: 1, class: "transient" });
    await expect(store.claim(task.id)).rejects.toThrow();
    expect(await store.run(task.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1 });
  });
});
