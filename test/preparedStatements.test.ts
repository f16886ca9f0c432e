import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

// A process of its own: the texts that are prepared are counted for the whole process.
it("prepares a statement once for a connection, with a plan of its own that asks for the time once", async () => {
  await store.db.connection().execute(async (db) => {
    const ask = async (number: number) =>
      (await sql<{ number: number; now: Date }>`select ${number}::int as number, clock_now() as now`.execute(db)).rows[0];
    expect([(await ask(1))?.number, (await ask(2))?.number]).toEqual([1, 2]);
    expect((await ask(3))?.now).toBeInstanceOf(Date);
    const { rows } = await sql`
      select generic_plans::int as generic, custom_plans::int as custom from pg_prepared_statements
      where statement = 'select $1::int as number, (select clock_now()) as now'`.execute(db);
    expect(rows).toEqual([{ generic: 3, custom: 0 }]);
  });
});
