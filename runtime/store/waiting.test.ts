import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore, type Store } from "./store.fixture.ts";
import { dueEffects, unhintedSegments } from "./waiting.ts";

const MANY = 100_000;
/** Far more than it takes (a few milliseconds), far less than a walk through the backlog would. */
const SOON_MS = 150;

let store: Store;
beforeAll(async () => {
  store = await openStore();
  const insert = (connection: string | null) => sql`
    insert into task (id, run_id, environment, flow_id, version_id, kind, node_id, state, due_at, hint_at, queue, lane, priority,
      source, connection_id, created_at)
    select gen_random_uuid(), gen_random_uuid(), 'dev', case when n = 1 then 'small' else 'busy' end, gen_random_uuid(),
      ${connection === null ? "segment" : "effect"}, 'erp', 'READY', clock_now() - make_interval(secs => n), clock_now(), 'effect', 0,
      case when n = 2 then 5 else 0 end, 'shopify', ${connection}::uuid, clock_now()
    from generate_series(1, ${MANY}) n`;
  await insert(store.erp).execute(store.db);
  await insert(null).execute(store.db);
  await sql`analyze task`.execute(store.db);
}, 60_000);
afterAll(() => store.close());

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  await work();
  const begun = performance.now();
  const result = await work();
  return { ms: performance.now() - begun, result };
}

describe("with 100,000 tasks waiting", () => {
  it("finds what is due for a connection by flow, the highest priority first, at once", async () => {
    const { ms, result } = await timed(() => dueEffects(store.db, store.erp, 5, []));
    expect(result.map(({ flow, items }) => [flow, items.length])).toEqual([
      ["busy", 5],
      ["small", 1],
    ]);
    const first = await store.db
      .selectFrom("task")
      .select(["priority"])
      .where("id", "=", result[0]?.items[0] ?? "")
      .executeTakeFirst();
    expect(first?.priority).toBe(5);
    expect(ms).toBeLessThan(SOON_MS);
  });

  it("leaves out nodes whose operation takes no more for now", async () => {
    const some = await dueEffects(store.db, store.erp, 5, [{ flow: "small", node: "erp" }]);
    expect(some.map(({ flow }) => flow)).toEqual(["busy"]);
  });

  it("finds segments without a hint by environment and flow, and the room there is, at once", async () => {
    const { ms, result } = await timed(() => unhintedSegments(store.db, 256));
    expect(result).toHaveLength(1);
    expect(result[0]).toMatchObject({ environment: "dev", room: 256 });
    expect(result[0]?.waiting.map(({ flow, items }) => [flow, items.length])).toEqual([
      ["busy", 256],
      ["small", 1],
    ]);
    expect(ms).toBeLessThan(SOON_MS);
  });
});
