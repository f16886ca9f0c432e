import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { type MariaDb, mariaDbMissing, startMariaDb } from "../../../test/support/mariadb.ts";
import { type SqlPerformer, sqlPerformer } from "./sql.ts";

const missing = mariaDbMissing();
if (missing !== undefined) console.log(`Skipped: SQL on a real MariaDB, because ${missing}.`);

let server: MariaDb;
let performer: SqlPerformer;

type Statement = [statement: string, ...rows: unknown[][]];

async function ask(method: "READ" | "WRITE", statements: Statement[], more: { onceUnder?: string; timeoutMs?: number } = {}) {
  const { port, database, user, password } = server;
  const config = { dialect: "mysql", host: "127.0.0.1", port, database, user, tls: "off" };
  const system = { id: "c", name: "system", config, secrets: { password }, reach: [] } as unknown as OpenConnection;
  const { onceUnder, timeoutMs = 5_000 } = more;
  const body = {
    statements: statements.map(([statement, ...rows]) => ({ statement, rows })),
    ...(onceUnder ? { onceUnder } : {}),
  };
  return performer.perform(system, { transport: "sql", method, path: "", query: {}, headers: {}, timeoutMs, body });
}

async function told(...asked: Parameters<typeof ask>): Promise<{ status: number; body: Record<string, unknown> }> {
  const done = await ask(...asked);
  if (!done.ok) throw new Error(done.failure.reason.message);
  return { status: done.response.status, body: JSON.parse(done.response.body) };
}

const read = async (statement: string, ...values: unknown[]): Promise<unknown> =>
  (await told("READ", [[statement, values]])).body.rows;

beforeAll(async () => {
  if (missing !== undefined) return;
  server = await startMariaDb();
  performer = sqlPerformer(openReaches(["loopback"]));
  const tables = [
    "create table sale (id varchar(40) primary key, total decimal(30, 10), number bigint, big bigint unsigned, at datetime(6), day date, data json, raw varbinary(8))",
    "create table orderloom_effect (effect_key varchar(700) primary key, done_at timestamp not null)",
  ];
  for (const table of tables) expect(await told("WRITE", [[table, []]])).toMatchObject({ status: 200 });
});
afterAll(async () => {
  await performer?.close();
  await server?.stop();
});

describe.skipIf(missing !== undefined)("a real MariaDB", () => {
  it("keeps decimals and 64-bit integers to the last digit, as value and as text", async () => {
    const row = ["exact", "12345678901234567890.0123456789", "-9223372036854775808", "18446744073709551615"];
    await told("WRITE", [["insert into sale (id, total, number, big) values (?, ?, ?, ?)", row]]);
    expect(await read("select id, total, number, big from sale where total = ? and number = ?", row[1], row[2])).toEqual([
      { id: row[0], total: row[1], number: row[2], big: row[3] },
    ]);
    expect(await read("select sum(total) as total, 0.1 + 0.2 as sum from sale")).toEqual([{ total: row[1], sum: "0.3" }]);
  });

  it("takes numbers as they are written, also where they become text", async () => {
    await told("WRITE", [["insert into sale (id, total, number) values (?, ?, ?)", [1234567.89, 19.99, 5_901_234_567_001]]]);
    expect(await read("select id, total, number from sale where total = ?", 19.99)).toEqual([
      { id: "1234567.89", total: "19.9900000000", number: "5901234567001" },
    ]);
  });

  it("gives times as they are written, bytes as Base64, and JSON without a lost digit", async () => {
    const written = ["times", "2026-11-20 10:00:00.123456", "2026-11-20", '{"a":[1,12345678901234567890.5]}'];
    await told("WRITE", [["insert into sale (id, at, day, data, raw) values (?, ?, ?, ?, x'00ff')", written]]);
    expect(await read("select at, day, data, raw from sale where id = 'times'")).toEqual([
      { at: written[1], day: written[2], data: { a: [1, "12345678901234567890.5"] }, raw: "AP8=" },
    ]);
  });

  it("takes a value for a value, whatever it looks like", async () => {
    const evil = "'; drop table sale; -- ? \\";
    await told("WRITE", [["insert into sale (id) values (?)", [evil]]]);
    expect(await read("select id from sale where id = ?", evil)).toEqual([{ id: evil }]);
  });

  it("reads by pages, as Rows changed does", async () => {
    const page = (offset: number) => read("select id from sale order by id limit 2 offset ?", offset);
    const all = (await read("select id from sale order by id")) as unknown[];
    expect([...((await page(0)) as []), ...((await page(2)) as [])]).toEqual(all);
  });

  it("writes all of an item, or nothing of it", async () => {
    const insert = "insert into sale (id) values (?)";
    expect(await told("WRITE", [[insert, ["all"], ["all"]]])).toMatchObject({
      status: 409,
      body: { code: expect.stringContaining("ER_DUP_ENTRY") },
    });
    expect(await read("select id from sale where id = 'all'")).toEqual([]);
  });

  it("does an effect under its key once, however often and at once it is sent, and after a power cut", async () => {
    const send = () =>
      told("WRITE", [["insert into sale (id) values (?)", ["once"]]], { onceUnder: "dev/w/sql.write/once/write" });
    const answers = await Promise.all(Array.from({ length: 8 }, send));
    expect(answers.filter(({ body }) => body.repeated === false)).toHaveLength(1);
    await server.kill();
    expect(await ask("WRITE", [["insert into sale (id) values ('lost')", []]])).toMatchObject({ ok: false, applied: "no" });
    await server.start();
    expect((await send()).body.repeated).toBe(true);
    expect(await read("select id from sale where id in ('once', 'lost')")).toEqual([{ id: "once" }]);
  });

  it("changes nothing more when an upsert is sent again", async () => {
    const upsert = "insert into sale (id, total) values (?, ?) on duplicate key update total = values(total)";
    for (const _ of [1, 2]) await told("WRITE", [[upsert, ["upsert", "7.10"]]]);
    expect(await read("select total from sale where id = 'upsert'")).toEqual([{ total: "7.1000000000" }]);
  });

  it.each([
    ["insert into nowhere values (1)", 400, "ER_NO_SUCH_TABLE"],
    ["insert into sale (id, total) values ('bad', 'many')", 422, "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD"],
    ["insert into sale (id) values (null)", 422, "ER_BAD_NULL_ERROR"],
  ])("says what is wrong with %s", async (statement, status, code) => {
    expect(await told("WRITE", [[statement, []]])).toMatchObject({ status, body: { code: expect.stringContaining(code) } });
  });

  it("lets a read write nothing", async () => {
    expect(await told("READ", [["delete from sale", []]])).toMatchObject({ status: 403 });
  });

  it("ends a statement that takes too long, with nothing applied", async () => {
    const started = Date.now();
    const slow: Statement[] = [
      ["insert into sale (id) values ('slow')", []],
      ["select sleep(20) from sale", []],
    ];
    expect(await told("WRITE", slow, { timeoutMs: 200 })).toMatchObject({ status: 504 });
    expect(await read("select id from sale where id = 'slow'")).toEqual([]);
    await Promise.all([1, 2].map(() => told("READ", [["select 1", []]])));
    expect(Date.now() - started).toBeLessThan(4_000);
  });
});
