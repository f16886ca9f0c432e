import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { type SqlPerformer, sqlPerformer } from "#runtime/transports/sql/sql.ts";

/**
 * A real SQL Server, in a database that the user may make tables in: what its protocol, played, cannot show. The tables that are
 * made are taken away again, but for `orderloom_effect`, which is asked for by that name.
 */

const given = process.env.ORDERLOOM_TEST_SQLSERVER;
const missing =
  process.env.ORDERLOOM_TEST_OPT_IN !== "on"
    ? "it is opt-in"
    : given === undefined
      ? "ORDERLOOM_TEST_SQLSERVER gives no address, such as mssql://user:password@host:1433/database?tls=off"
      : undefined;
if (missing !== undefined) console.log(`Skipped: a real SQL Server, because ${missing}.`);

type Statement = [string, ...unknown[][]];
type Told = { status: number; body: Record<string, unknown> };

const table = `orderloom_test_${randomUUID().slice(0, 8)}`;
const keys = `orderloom/${table}/`;
let performer: SqlPerformer;
let system: OpenConnection;

async function told(method: "READ" | "WRITE", statements: Statement[], onceUnder?: string, timeoutMs = 15_000): Promise<Told> {
  const body = {
    statements: statements.map(([statement, ...rows]) => ({ statement, rows: rows.length === 0 ? [[]] : rows })),
    ...(onceUnder === undefined ? {} : { onceUnder }),
  };
  const done = await performer.perform(system, { transport: "sql", method, path: "", query: {}, headers: {}, timeoutMs, body });
  if (!done.ok) throw new Error(done.failure.reason.message);
  return { status: done.response.status, body: JSON.parse(done.response.body) };
}

const read = async (statement: string, ...values: unknown[]) => (await told("READ", [[statement, values]])).body.rows;
const count = async (id: string) =>
  ((await read(`select count(*) as n from ${table} where id = @p1`, id)) as [{ n: number }])[0].n;

beforeAll(async () => {
  if (missing !== undefined || given === undefined) return;
  const { hostname, port, username, password, pathname, searchParams } = new URL(given);
  performer = sqlPerformer(openReaches(["loopback", "private"]));
  const config = {
    dialect: "sqlServer",
    host: hostname,
    port: Number(port || 1433),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    tls: searchParams.get("tls") === "off" ? "off" : "verify",
  };
  const secrets = { password: decodeURIComponent(password) };
  system = { id: "c", name: "system", config, secrets, reach: [] } as unknown as OpenConnection;
  const columns =
    "total decimal(12, 2), fee money, placed datetime2, day date, paid bit, buyer nvarchar(80), number bigint, share float";
  await told("WRITE", [[`create table ${table} (id varchar(40) primary key, ${columns})`]]);
  const note = "create table orderloom_effect (effect_key varchar(700) primary key, done_at datetime2 not null)";
  await told("WRITE", [[`if object_id('orderloom_effect') is null ${note}`]]);
});
afterAll(async () => {
  if (missing !== undefined) return;
  await told("WRITE", [[`drop table ${table}`], ["delete from orderloom_effect where effect_key like @p1", [`${keys}%`]]]);
  await performer.close();
});

describe.skipIf(missing !== undefined)("a real SQL Server", () => {
  it("keeps decimals, money, times, bits and letters as they were given", async () => {
    const names = "id, total, fee, placed, day, paid, buyer, number, share";
    const row = [
      "types",
      "1234567890.10",
      "19.9900",
      "2026-03-29T01:30:00.1230000",
      "2026-03-29",
      true,
      "Ærø 東京 🚚",
      "9223372036854775807",
      0.25,
    ];
    const insert = `insert into ${table} (${names}) values (@p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)`;
    expect(await told("WRITE", [[insert, row]])).toMatchObject({ status: 200, body: { rowCount: 1, repeated: false } });
    const [back] = (await read(`select ${names} from ${table} where id = @p1`, "types")) as [Record<string, unknown>];
    expect(back).toMatchObject({
      total: "1234567890.10",
      fee: "19.9900",
      paid: true,
      buyer: "Ærø 東京 🚚",
      number: "9223372036854775807",
      share: 0.25,
    });
    expect([back.placed, back.day].map((time) => new Date(String(time)).toISOString())).toEqual([
      "2026-03-29T01:30:00.123Z",
      "2026-03-29T00:00:00.000Z",
    ]);
  });

  it("takes fractions to the last digit, and tells one that is too long by the name of its column", async () => {
    await told("WRITE", [[`insert into ${table} (id, total) values (@p1, @p2)`, ["fraction", 1234567.89]]]);
    expect(await read(`select total from ${table} where id = @p1`, "fraction")).toEqual([{ total: "1234567.89" }]);
    const long = await told("READ", [["select cast('12345678901234567890.12' as decimal(38, 2)) as total"]]);
    expect([long.status, long.body.code]).toEqual([422, "tooManyDigits"]);
    const asText = "select cast(cast('12345678901234567890.12' as decimal(38, 2)) as varchar(40)) as total";
    expect(await read(asText)).toEqual([{ total: "12345678901234567890.12" }]);
  });

  it("takes a value for what it is, whatever it looks like", async () => {
    const evil = `'; drop table ${table}; --`;
    await told("WRITE", [[`insert into ${table} (id, buyer) values (@p1, @p2)`, ["evil", evil]]]);
    expect(await read(`select buyer from ${table} where buyer = @p1`, evil)).toEqual([{ buyer: evil }]);
    expect(await count("types")).toBe(1);
  });

  it("does an effect once under its key, however often and at once it comes, and tells keys apart by every letter", async () => {
    const send = (key: string, id: string) => told("WRITE", [[`insert into ${table} (id) values (@p1)`, [id]]], key);
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(`${keys}SO-1/write`, "once")));
    expect(answers.filter(({ body }) => body.repeated === false)).toHaveLength(1);
    expect(await count("once")).toBe(1);
    // Most servers take these for one text.
    for (const [place, key] of ["so-1/write", "SO-1/write ", "SÖ-1/write", "SØ-1/write"].entries()) {
      expect((await send(`${keys}${key}`, `other-${place}`)).body).toMatchObject({ repeated: false });
    }
    expect((await send(`${keys}${"x".repeat(2_000)}`, "long")).body).toMatchObject({ repeated: false });
  });

  it("does all of an item or nothing, and says what kind of fault it was", async () => {
    const insert = `insert into ${table} (id, total) values (@p1, @p2)`;
    expect((await told("WRITE", [[insert, ["half", "1"], ["once", "1"]]])).status).toBe(409);
    expect(await count("half")).toBe(0);
    expect((await told("WRITE", [[insert, ["text", "no number"]]])).status).toBe(422);
    expect((await told("WRITE", [["insert into no_such_table values (1)"]])).status).toBe(400);
    const slow = await told("WRITE", [[insert, ["slow", "1"]], ["waitfor delay '00:00:20'"]], undefined, 500);
    expect([slow.status, await count("slow")]).toEqual([504, 0]);
  });

  it("finds by its key what an answer that never came had written, and writes over it by an upsert", async () => {
    const upsert = `merge ${table} with (holdlock) as t using (select @p1 as id, @p2 as total) as s on t.id = s.id
      when matched then update set total = s.total when not matched then insert (id, total) values (s.id, s.total);`;
    for (const total of ["7.10", "7.20"]) await told("WRITE", [[upsert, ["upsert", total]]]);
    expect(await read(`select id, total from ${table} where id = @p1`, "upsert")).toEqual([{ id: "upsert", total: "7.20" }]);
    expect(await read(`select id from ${table} where id = @p1`, "never sent")).toEqual([]);
  });
});
