import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { releaseBatch } from "./batches.ts";
import { cancelRun } from "./cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import { done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";

let store: Store;
let passed = 0;
let items = 0;
beforeAll(async () => {
  store = await openStore();
});
beforeEach(async () => {
  await store.db.deleteFrom("message").where("source_node", "=", "gather").execute();
  await store.db.deleteFrom("gather").execute();
  await store.db.deleteFrom("task").where("node_id", "=", "gather").execute();
});
afterAll(() => store.close());

interface Limits {
  count: number;
  bytes: number;
  waitMs: number;
}

/** An item of a run of its own reaches the node; answers its run. */
async function arrives(limits: Limits, input: string): Promise<string> {
  const first = await store.accepted(`item ${items++}`);
  const item = effectOn(store, "", {
    ...{ kind: "control", node: "gather", port: "in", call: null, effectKey: null, connectionId: null, intent: null },
    ...{ inPlace: false, input, due: "never", meet: { act: "batch", key: "", ...limits } },
  });
  await checkpoint(store.db, [done(first, [item])], "w1", LEASE_MS);
  return first.runId;
}

const pass = async (seconds: number): Promise<void> => {
  passed += seconds;
  await store.pass(passed);
};

/** What the sweep lets go now, batch by batch. */
async function leaves(): Promise<unknown[][]> {
  const known = await batches();
  while (await releaseBatch(store.db));
  return (await batches()).slice(known.length);
}

async function batches(): Promise<unknown[][]> {
  const rows = await store.db.selectFrom("message").select("body").where("source_node", "=", "gather").orderBy("id").execute();
  return rows.map(({ body }) => JSON.parse(body ?? "null") as unknown[]);
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, place) => from + place);

describe("what stays behind when a full batch leaves", () => {
  it("waits until its own oldest item has waited long enough", async () => {
    const limits = { count: 3, bytes: 1_000_000, waitMs: 60_000 };
    await arrives(limits, "1");
    await arrives(limits, "2");
    await pass(40);
    for (const each of [3, 4, 5]) await arrives(limits, String(each));
    expect(await leaves()).toEqual([[1, 2, 3]]);
    await pass(30);
    expect(await leaves()).toEqual([]);
    await pass(31);
    expect(await leaves()).toEqual([[4, 5]]);
    expect(await store.db.selectFrom("gather").selectAll().execute()).toEqual([]);
  });

  it("leaves at once when it is a full batch itself, by count or by bytes, and as soon as it has become one", async () => {
    const byCount = { count: 2, bytes: 1_000_000, waitMs: 60_000 };
    for (const each of numbers(1, 5)) await arrives(byCount, String(each));
    expect(await leaves()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    await arrives(byCount, "6");
    expect(await leaves()).toEqual([[5, 6]]);
    const byBytes = { count: 100, bytes: 19, waitMs: 60_000 };
    const text = (place: number) => `item ${place}..`;
    for (const each of numbers(1, 4)) await arrives(byBytes, JSON.stringify(text(each)));
    expect(await leaves()).toEqual([[text(1)], [text(2)], [text(3)]]);
    await pass(60);
    expect(await leaves()).toEqual([[text(4)]]);
  });

  it("is not taken for more than it is when runs were cancelled while their items waited", async () => {
    const limits = { count: 3, bytes: 1_000_000, waitMs: 60_000 };
    await arrives(limits, "1");
    for (const each of [2, 3]) await cancelRun(store.db, await arrives(limits, String(each)), "ada", null);
    for (const each of [4, 5, 6]) await arrives(limits, String(each));
    expect(await leaves()).toEqual([[1, 4, 5]]);
    await pass(30);
    await arrives(limits, "7");
    expect(await leaves()).toEqual([]);
    await pass(31);
    expect(await leaves()).toEqual([[6, 7]]);
  });
});

const MINUTE = 60;

it("lets each item go once, in order, none later than its time and no batch larger than it may be", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.record({ arrive: fc.nat(6), pass: fc.nat(30) }), { minLength: 1, maxLength: 8 }),
      async (count, steps) => {
        await store.db.deleteFrom("message").where("source_node", "=", "gather").execute();
        const limits = { count, bytes: 1_000_000, waitMs: 20 * MINUTE * 1_000 };
        const arrivedAt: number[] = [];
        const gone: number[] = [];
        for (const step of steps) {
          for (let each = 0; each < step.arrive; each++) {
            await arrives(limits, String(arrivedAt.length));
            arrivedAt.push(passed);
          }
          const left = (await leaves()) as number[][];
          for (const batch of left) expect(batch.length).toBeLessThanOrEqual(count);
          // One that is not full leaves because the time of its oldest item is over.
          for (const batch of left.filter(({ length }) => length < count)) {
            expect(passed - (arrivedAt[batch[0] as number] ?? 0)).toBeGreaterThanOrEqual(20 * MINUTE);
          }
          gone.push(...left.flat());
          expect(gone).toEqual(gone.map((_, place) => place));
          const waiting = arrivedAt.slice(gone.length);
          expect(waiting.length).toBeLessThan(count);
          for (const at of waiting) expect(passed - at).toBeLessThanOrEqual(20 * MINUTE);
          await pass(step.pass * MINUTE);
        }
        await pass(20 * MINUTE);
        gone.push(...((await leaves()) as number[][]).flat());
        expect(gone).toHaveLength(arrivedAt.length);
      },
    ),
    { numRuns: 15 },
  );
});
