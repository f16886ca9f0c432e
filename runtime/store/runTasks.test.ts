import { afterAll, beforeAll, expect, it } from "vitest";
import type { Task } from "#schemas/run.ts";
import { checkpoint } from "./checkpoint.ts";
import { newId } from "./ids.ts";
import { readRun, SHOWN_WITH_RUN } from "./runs.ts";
import { listRunTasks, type TaskFilter } from "./runTasks.ts";
import { dead, done, effectOn, LEASE_MS, openStore, type Store } from "./store.fixture.ts";
import type { ClaimedTask } from "./tasks.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** A run whose first task makes so many others; answers its id and the others as a worker holds them. */
async function runOf(document: string, others: number): Promise<{ run: string; made: ClaimedTask[] }> {
  const first = await store.accepted(document);
  const plain = { kind: "segment", call: null, effectKey: null, connectionId: null, intent: null } as const;
  const made = Array.from({ length: others }, (_, place) =>
    effectOn(store, "", { ...plain, node: place % 2 === 0 ? "even" : "odd", port: "item", itemPath: `/split:${place}` }),
  );
  await checkpoint(store.db, [done(first, made)], "w1", LEASE_MS);
  return { run: first.runId, made: made.map((task) => ({ ...first, ...task, epoch: 1 }) as ClaimedTask) };
}

async function pages(filter: Omit<TaskFilter, "cursor">): Promise<{ sizes: number[]; items: Task[]; counts: number[] }> {
  const [sizes, counts, items]: [number[], number[], Task[]] = [[], [], []];
  let next: string | null | undefined;
  while (next !== null) {
    const page = await listRunTasks(store.db, { ...filter, ...(next ? { cursor: next } : {}) });
    sizes.push(page.items.length);
    counts.push(page.count);
    items.push(...page.items);
    next = page.next;
  }
  return { sizes, items, counts };
}

it("gives each task of a run on one page, the oldest first, and says on each how many there are", async () => {
  const { run, made } = await runOf("paged", 7);
  const { sizes, items, counts } = await pages({ run, limit: 3 });
  expect([sizes, counts]).toEqual([
    [3, 3, 2],
    [8, 8, 8],
  ]);
  expect(items.slice(1).map(({ id }) => id)).toEqual(made.map(({ id }) => id));
  expect((await pages({ run, limit: 4 })).sizes).toEqual([4, 4]);
});

it("narrows to one node, and counts that node's", async () => {
  const { run, made } = await runOf("narrowed", 7);
  const { items, counts } = await pages({ run, node: "odd", limit: 2 });
  expect(items.map(({ id }) => id)).toEqual(made.filter(({ node }) => node === "odd").map(({ id }) => id));
  expect(counts).toEqual([3, 3]);
  expect(await listRunTasks(store.db, { run, node: "nowhere", limit: 2 })).toEqual({ items: [], next: null, count: 0 });
});

it("shows the first of a large run's tasks and dead letters with the run, and how many there are", async () => {
  const { run, made } = await runOf("large", SHOWN_WITH_RUN + 20);
  const ended = made.map((task) => (task.node === "odd" ? dead(task) : done(task)));
  await checkpoint(store.db, ended, "w1", LEASE_MS);
  const detail = await readRun(store.db, run);
  expect([detail?.tasks.length, detail?.deadLetters.length]).toEqual([SHOWN_WITH_RUN, SHOWN_WITH_RUN / 2 + 10]);
  expect(detail?.counts).toEqual({ tasks: SHOWN_WITH_RUN + 21, deadLetters: SHOWN_WITH_RUN / 2 + 10 });
  expect(await readRun(store.db, newId())).toBeUndefined();
});
