import { sql } from "kysely";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { quietQueues } from "#runtime/queue/quietQueues.fixture.ts";
import { readSettings } from "#runtime/settings.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { LEASE_MS, openStore, type Store } from "#runtime/store/store.fixture.ts";
import { clockWatch } from "./clockWatch.ts";
import { sweepOnce } from "./sweep.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

it("gives hints though one of its other steps fails, and says which failed", async () => {
  const [one] = await insertAccepted(store.db, [store.acceptable("hinted all the same")]);
  await sql`update task set hint_at = clock_now() where id = ${one?.taskId}`.execute(store.db);
  await sql`
    insert into gather (environment, flow_id, node_id, key, version_id, deployment_id, count, bytes, most_count, most_bytes,
      most_wait, due_at)
    values ('dev', 'x', 'x', 'x', gen_random_uuid(), gen_random_uuid(), 1, 1, 1, 1, '0', clock_now())`.execute(store.db);
  // A batch that can never leave.
  await sql
    .raw(`create function refuse() returns trigger language plpgsql as $$ begin raise 'no batch leaves'; end $$;
    create trigger refuse before update or delete on gather for each row execute function refuse()`)
    .execute(store.db);
  const hinted: string[] = [];
  const parts = {
    settings: readSettings({}),
    db: store.db,
    clock: clockWatch(LEASE_MS),
    log: pino({ level: "silent" }),
    queues: {
      ...quietQueues(() => Promise.reject(new Error("Nobody listens here."))),
      hint: async (_queue: unknown, _scope: unknown, hints: readonly { task: string }[]) =>
        void hinted.push(...hints.map(({ task }) => task)),
    },
  };
  await expect(sweepOnce(parts)).rejects.toThrow("no batch leaves");
  expect(hinted).toEqual([one?.taskId]);
});
