import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { cuttableProxy } from "../../test/support/cuttableProxy.ts";
import { createDatabase, type TestDatabase } from "../../test/support/database.ts";
import { until } from "../../test/support/until.ts";
import { isDatabaseAway, isPassing, openDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const open = (url: string) => openDatabase({ url, connections: 2, application: "orderloom test" });
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a database that goes away", () => {
  it("between two statements of a transaction fails that transaction and nothing else", async () => {
    const { db, close } = open(database.url);
    const error = await errorOf(
      db.transaction().execute(async (tx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        const pid = rows[0]?.pid ?? 0;
        await sql`select pg_terminate_backend(${pid})`.execute(db);
        await until(async () => {
          const found = await sql`select 1 from pg_stat_activity where pid = ${pid}`.execute(db);
          return found.rows.length === 0;
        });
        await sql`select 1`.execute(tx);
      }),
    );
    expect([error, isDatabaseAway(error)]).toEqual([expect.any(Error), true]);
    await sql`select 1`.execute(db);
    await close();
  });

  it("is told from a statement that is at fault, and from a deadlock", async () => {
    const away = open(`postgres://nobody@127.0.0.1:${await freePort()}/none`);
    expect(isDatabaseAway(await errorOf(sql`select 1`.execute(away.db)))).toBe(true);
    await away.close();
    const { db, close } = open(database.url);
    expect(isPassing(await errorOf(sql`select 1 / 0`.execute(db)))).toBe(false);
    expect(isPassing(await errorOf(sql`insert into environment (id, title, position) values ('dev', '', 0)`.execute(db)))).toBe(
      false,
    );
    const deadlock = await errorOf(sql`do $$ begin raise exception 'x' using errcode = '40P01'; end $$`.execute(db));
    expect([isDatabaseAway(deadlock), isPassing(deadlock)]).toEqual([false, true]);
    await close();
  });
});

describe("a database that hangs", () => {
  const WITHIN_MS = 600;
  const behindProxy = async () => {
    const direct = new URL(database.url);
    const proxy = await cuttableProxy({ host: direct.hostname, port: Number(direct.port) });
    const via = new URL(direct);
    via.hostname = "127.0.0.1";
    via.port = `${proxy.port}`;
    const opened = openDatabase({ url: via.href, connections: 2, application: "orderloom test", answerWithinMs: WITHIN_MS });
    return { proxy, ...opened };
  };

  it.each(["both", "answers"] as const)(
    "is given up in bounded time (%s swallowed), and used again when it answers",
    async (what) => {
      const { proxy, db, close } = await behindProxy();
      await sql`select 1`.execute(db);
      proxy.freeze(what);
      const begun = performance.now();
      // More than there are connections: those that wait for one are bounded too.
      const errors = await Promise.all([1, 2, 3, 4].map(() => errorOf(sql`select 1`.execute(db))));
      const inTransaction = await errorOf(db.transaction().execute((tx) => sql`select 1`.execute(tx)));
      expect([...errors, inTransaction].map(isDatabaseAway)).toEqual([true, true, true, true, true]);
      expect(performance.now() - begun).toBeLessThan(WITHIN_MS * 6);
      proxy.thaw();
      await until(() => sql`select 1`.execute(db).then(() => true), { what: "the database to be used again" });
      await close();
      await proxy.close();
    },
  );

  it("is told from a statement that is slow, which the server ends and which leaves its connection whole", async () => {
    const { proxy, db, pool, close } = await behindProxy();
    const error = await errorOf(sql`select pg_sleep(5)`.execute(db));
    expect([isDatabaseAway(error), isPassing(error)]).toEqual([false, true]);
    await sql`select 1`.execute(db);
    expect(pool.totalCount).toBe(1);
    await close();
    await proxy.close();
  });
});

it("ends a transaction whose process is frozen, so that others get its rows", async () => {
  const frozen = open(database.url);
  const other = open(database.url);
  const client = await frozen.pool.connect();
  await client.query("begin");
  await client.query("update clock set shift = shift");
  // From here on the first says nothing more, as a stopped process would.
  const begun = performance.now();
  let tries = 0;
  await until(
    async () => {
      tries++;
      return other.pool.query("update clock set shift = shift").then(
        () => true,
        (error: unknown) => {
          if (!isPassing(error)) throw error;
          return false;
        },
      );
    },
    { timeoutMs: 20_000, what: "the row to be free" },
  );
  expect(tries).toBeGreaterThan(0);
  expect(performance.now() - begun).toBeLessThan(12_000);
  await expect(client.query("commit")).rejects.toSatisfy(isPassing);
  client.release(true);
  await Promise.all([frozen.close(), other.close()]);
});
