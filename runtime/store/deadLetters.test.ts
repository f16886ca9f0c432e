import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelRun } from "./cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import { listDeadLetters, resolveDeadLetter, retryDeadLetter } from "./deadLetters.ts";
import { openLedger } from "./effects.ts";
import { INLINE_BYTES } from "./payloads.ts";
import { dead, done, effectOn, intentOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import type { ClaimedTask } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Parameters<typeof checkpoint>[1]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);
const letterOf = async (runId: string) => (await store.letters()).findLast((each) => each.run_id === runId)?.id ?? "";

/** An effect that ended as a dead letter in doubt, mode `none`; `owns` when its ledger row is its own. */
async function inDoubt(document: string, key: string): Promise<ClaimedTask> {
  const first = await store.accepted(document);
  const effect = effectOn(store, key, { intent: intentOn(store, key, { mode: "none" }) });
  await write([done(first, [effect])]);
  const task = { ...first, ...effect, epoch: 1 } as ClaimedTask;
  await write([dead(task, { settlement: { effectKey: key, state: "IN_DOUBT" } })]);
  return task;
}

describe("retrying a dead letter", () => {
  it("puts task and run back, with all attempts and the whole age limit, and ends as if nothing had been", async () => {
    const task = await store.accepted("retry");
    await write([
      dead(task, {
        attempt: { number: 1, startedAt: new Date(), outcome: "rejected", reason: null, request: null, response: null },
      }),
    ]);
    await store.pass(3 * 86_400);
    const closed = await retryDeadLetter(store.db, await letterOf(task.runId), "ada");
    expect(closed).toMatchObject({ ok: true, letter: { state: "retried", closedBy: "ada" }, hint: { id: task.id } });
    expect(await store.run(task.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 0, failed_node: null });
    const again = await store.claim(task.id);
    expect(again).toMatchObject({ attempt: 0 });
    expect(again.ageMs).toBeLessThan(60_000);
    await write([done(again)]);
    expect(await store.run(task.runId)).toMatchObject({ state: "SUCCEEDED", open_tasks: 0, dead_tasks: 0 });
    await store.pass(0);
  });

  it("counts once, however many people press at once", async () => {
    const task = await store.accepted("many");
    await write([dead(task)]);
    const letter = await letterOf(task.runId);
    const pressed = await Promise.all([1, 2, 3, 4].map((one) => retryDeadLetter(store.db, letter, `p${one}`)));
    expect(pressed.filter((each) => each.ok)).toHaveLength(1);
    expect(await store.run(task.runId)).toMatchObject({ open_tasks: 1, dead_tasks: 0 });
  });

  it("is refused once its run was cancelled, and the letter stays: else the sweep would end the task without one", async () => {
    const first = await store.accepted("cancelled");
    const [one, other] = [effectOn(store, "cancelled 1"), effectOn(store, "cancelled 2")];
    await write([done(first, [one, other])]);
    await write([dead({ ...first, ...one, epoch: 1 } as ClaimedTask)]);
    expect(await cancelRun(store.db, first.runId, "ada", null)).toEqual({ ok: true, waiting: 0, running: 1 });
    const letter = await letterOf(first.runId);
    expect(await retryDeadLetter(store.db, letter, "bob")).toMatchObject({
      ok: false,
      why: "cancelled",
      found: { state: "open" },
    });
    expect(await store.run(first.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 1 });
    await write([done({ ...first, ...other, epoch: 1 } as ClaimedTask)]);
    expect(await store.run(first.runId)).toMatchObject({ state: "CANCELLED", open_tasks: 0, dead_tasks: 1 });
    expect(await resolveDeadLetter(store.db, letter, "Not needed.", "bob")).toMatchObject({ ok: true });
  });

  it("edited twice leaves no payload of the first edit behind", async () => {
    const task = await store.accepted("edited");
    const large = (mark: string) => ({ input: JSON.stringify(mark.repeat(INLINE_BYTES)), call: null });
    const payloads = () => store.db.selectFrom("payload").select("body").execute();
    const before = (await payloads()).length;
    for (const mark of ["a", "b"]) {
      await write([dead({ ...task, epoch: (await store.tasksOf(task.runId))[0]?.epoch ?? 0 })]);
      await retryDeadLetter(store.db, await letterOf(task.runId), "ada", large(mark));
      await store.claim(task.id);
    }
    const after = await payloads();
    expect(after).toHaveLength(before + 1);
    expect(after.some(({ body }) => body?.includes("aaaa"))).toBe(false);
  });

  it("never leaves a run waiting for a task that is gone", async () => {
    const task = await store.accepted("gone");
    await write([dead(task)]);
    await store.db.deleteFrom("task").where("id", "=", task.id).execute();
    expect(await retryDeadLetter(store.db, await letterOf(task.runId), "ada")).toMatchObject({ ok: true, hint: null });
    expect(await store.run(task.runId)).toMatchObject({ state: "DEAD", open_tasks: 0 });
  });

  it("frees an effect in doubt, also one that another run left so", async () => {
    await inDoubt("doubt 1", "doubt");
    const second = await store.accepted("doubt 2");
    const effect = effectOn(store, "doubt", { inPlace: false });
    await write([done(second, [effect])]);
    const task = await store.claim(effect.id);
    // Parked: it saw the doubt, owns nothing and ends in a letter of its own.
    await openLedger(store.db, task, intentOn(store, "doubt", { mode: "none" }), () => "leave");
    await write([dead(task, { settlement: { effectKey: "doubt", state: "IN_DOUBT" } })]);
    await retryDeadLetter(store.db, await letterOf(second.runId), "ada");
    expect(await store.ledger("doubt")).toMatchObject({ state: "REFUSED" });
  });

  it("interleaves with checkpoints of the run's other tasks without losing a count", async () => {
    for (let round = 0; round < 10; round++) {
      const first = await store.accepted(`counts ${round}`);
      const [left, right] = [effectOn(store, `counts/${round}/1`), effectOn(store, `counts/${round}/2`)];
      await write([done(first, [left, right])]);
      await write([dead({ ...first, ...left, epoch: 1 } as ClaimedTask)]);
      const letter = await letterOf(first.runId);
      await Promise.all([
        retryDeadLetter(store.db, letter, "ada"),
        write([done({ ...first, ...right, epoch: 1 } as ClaimedTask)]),
      ]);
      expect(await store.run(first.runId)).toMatchObject({ state: "RUNNING", open_tasks: 1, dead_tasks: 0, leaf_tasks: 1 });
      await write([done(await store.claim(left.id))]);
      expect(await store.run(first.runId)).toMatchObject({ state: "SUCCEEDED", open_tasks: 0 });
    }
  });
});

describe("resolving and listing", () => {
  it("closes the letter with a note and leaves the task dead", async () => {
    const task = await store.accepted("resolve");
    await write([dead(task)]);
    const letter = await letterOf(task.runId);
    expect(await resolveDeadLetter(store.db, letter, "Done by hand.", "ada")).toMatchObject({
      ok: true,
      letter: { state: "resolved", note: "Done by hand." },
    });
    expect(await retryDeadLetter(store.db, letter, "ada")).toMatchObject({ ok: false, found: { state: "resolved" } });
    expect(await store.run(task.runId)).toMatchObject({ state: "DEAD" });
  });

  it("pages without gaps or repeats", async () => {
    const all = (await store.letters()).map((each) => each.id).reverse();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listDeadLetters(store.db, { limit: 3, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map((each) => each.id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(seen).toEqual(all);
  });
});
