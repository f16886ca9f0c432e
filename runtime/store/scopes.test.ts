import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpoint } from "./checkpoint.ts";
import { closeScope, reopenScope } from "./controls.ts";
import { retryDeadLetter } from "./deadLetters.ts";
import { newId } from "./ids.ts";
import type { NewTask, Outcome } from "./outcomes.ts";
import { dead, done, effectOn, LEASE_MS, lockWaits, openStore, type Store } from "./store.fixture.ts";
import { type ClaimedTask, releaseTasks } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const write = (outcomes: Outcome[]) => checkpoint(store.db, outcomes, "w1", LEASE_MS);
const scopeOf = (id: string) =>
  store.db.selectFrom("scope").select(["open", "dead", "fired_at"]).where("id", "=", id).executeTakeFirstOrThrow();
const plain = { effectKey: null, connectionId: null, intent: null, call: null };

/** A document split into items that a worker holds, with a join that waits for them. */
async function split(document: string, count: number): Promise<{ scope: string; join: NewTask; items: ClaimedTask[] }> {
  const first = await store.accepted(document);
  const join = effectOn(store, "", { ...plain, kind: "control", node: "join", inPlace: false, joins: true, due: "never" });
  const scope = join.id;
  const items = Array.from({ length: count }, (_, place) =>
    effectOn(store, "", { ...plain, kind: "segment", node: "split", port: "item", itemPath: `/split:${place}`, scopeId: scope }),
  );
  const made = done(first, [join, ...items]);
  const scopes = [{ id: scope, split: "split", join: "join", joinTask: join.id, expected: count }];
  await write([{ ...made, end: { ...made.end, scopes } as Outcome["end"] }]);
  return { scope, join, items: items.map((item) => ({ ...first, ...item, scopeId: scope, epoch: 1 }) as ClaimedTask) };
}

/** An item that has reached the join. */
const arrives = (item: ClaimedTask): Outcome =>
  done(item, [
    {
      ...effectOn(store, "", { ...plain, kind: "control", node: "join", port: "in", inPlace: false }),
      id: newId(),
      itemPath: item.itemPath,
      input: JSON.stringify(item.itemPath),
      arrived: true,
    },
  ]);

describe("a join", () => {
  it("is opened again by nobody who has lost it: what comes later is a dead letter and not lost", async () => {
    const { scope, join, items } = await split("lost join", 1);
    await store.db
      .updateTable("task")
      .set({ due_at: new Date(0) })
      .where("id", "=", join.id)
      .execute();
    const zombie = await store.claim(join.id);
    await closeScope(store.db, join.id, zombie.epoch);
    await releaseTasks(store.db, [zombie]);
    const owner = await store.claim(join.id);
    await closeScope(store.db, join.id, owner.epoch);
    await write([done(owner)]);
    await reopenScope(store.db, join.id, zombie.epoch);
    await write([arrives(items[0] as ClaimedTask)]);
    expect(await scopeOf(scope)).toMatchObject({ open: 0, dead: 1 });
    expect((await store.letters()).findLast((each) => each.run_id === owner.runId)?.reason).toMatchObject({ code: "join.late" });
  });
});

describe("groups of checkpoints", () => {
  it("that touch the same joins in different ways never wait for each other", async () => {
    const [one, other] = [await split("crossing 1", 2), await split("crossing 2", 2)];
    const [a, b] = [one.items as [ClaimedTask, ClaimedTask], other.items as [ClaimedTask, ClaimedTask]];
    const effect = effectOn(store, "crossing/erp");
    const undone = new Error("undone");
    let written: Promise<unknown>[] = [];
    await store.db
      .transaction()
      .execute(async (tx) => {
        // The first group stops here, between its arrival and counting the scopes on.
        await sql`insert into effect (effect_key, environment, connection_id, operation, document_key, mode, state, request_hash,
            task_id, run_id, epoch, sent_at, created_at)
          values (${effect.effectKey}, 'dev', ${store.erp}, 'x', 'x', 'natural', 'INTENDED', 'x', ${a[0].id}, ${a[0].runId}, 1,
            now(), now())`.execute(tx);
        const first = write([arrives(b[0]), done(a[0], [effect])]);
        await lockWaits(store, 1);
        const second = write([arrives(a[1]), dead(b[1])]);
        await lockWaits(store, 2);
        written = [first, second];
        throw undone;
      })
      .catch((error: unknown) => {
        if (error !== undone) throw error;
      });
    expect(await Promise.allSettled(written)).toMatchObject([{ status: "fulfilled" }, { status: "fulfilled" }]);
  });
});

describe("a dead letter of a split's item", () => {
  it("counts for its join again when it is retried, so that the join waits for it and misses nothing", async () => {
    const { scope, join, items } = await split("retried item", 2);
    const [good, bad] = items as [ClaimedTask, ClaimedTask];
    await write([arrives(good)]);
    await write([dead(bad)]);
    expect(await scopeOf(scope)).toMatchObject({ open: 0, dead: 1 });
    // The join found an item missing and is a dead letter as well.
    const claimed = await store.claim(join.id);
    expect(await closeScope(store.db, join.id, claimed.epoch)).toMatchObject({ dead: 1, open: 0 });
    await reopenScope(store.db, join.id, claimed.epoch);
    await write([dead(claimed)]);
    const letter = (task: string) => store.letters().then((all) => all.findLast((each) => each.task_id === task)?.id ?? "");
    await retryDeadLetter(store.db, await letter(bad.id), "ada");
    expect(await scopeOf(scope)).toMatchObject({ open: 1, dead: 0 });
    await write([arrives(await store.claim(bad.id))]);
    expect(await scopeOf(scope)).toMatchObject({ open: 0, dead: 0 });
    await retryDeadLetter(store.db, await letter(join.id), "ada");
    const again = await store.claim(join.id);
    const gathered = await closeScope(store.db, join.id, again.epoch);
    expect(gathered).toMatchObject({ expected: 2, dead: 0, open: 0, items: ['"/split:0"', '"/split:1"'] });
  });
});
