import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { advanceRuns } from "./advance.ts";
import { lockWaits, openStore, type Store } from "./store.fixture.ts";

/** What a planner may be without, so that it joins in every way it may choose when tables grow and statistics change. */
const without = [
  [],
  ["enable_hashjoin", "enable_mergejoin"],
  ["enable_nestloop"],
  ["enable_nestloop", "enable_hashjoin"],
  ["enable_indexscan", "enable_seqscan"],
  ["enable_hashjoin", "enable_mergejoin", "enable_material"],
];

describe("counting a run on", () => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store.close());

  it.each(without.map((off) => ({ off, name: off.join(" ") || "nothing" })))(
    "loses nothing to another that changes the run meanwhile, planned without $name",
    async ({ off }) => {
      const { runId } = await store.accepted(`counts ${off.join()}`);
      let counted: Promise<void> = Promise.resolve();
      await store.db.transaction().execute(async (tx) => {
        await sql`update run set open_tasks = open_tasks + 5 where id = ${runId}`.execute(tx);
        counted = store.db.transaction().execute(async (second) => {
          for (const setting of off) await sql`select set_config(${setting}, 'off', true)`.execute(second);
          const step = { run: runId, open: 2, dead: 0, leaf: 1, node: null, class: null, response: null, parked: false };
          await advanceRuns(second, [step]);
        });
        await lockWaits(store, 1);
      });
      await counted;
      expect(await store.run(runId)).toMatchObject({ open_tasks: 8, leaf_tasks: 1 });
    },
  );
});
