import { afterEach, expect, it } from "vitest";
import { openReaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { sqlPerformer } from "./sql.ts";
import {
  bigintColumn,
  decimalColumn,
  moneyColumn,
  nullDecimalColumn,
  startTdsServer,
  type TdsColumn,
  type TdsServer,
} from "./tdsServer.fixture.ts";

/** The real driver against tokens of its protocol. */

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function ask(columns: TdsColumn[], statement: string, values: unknown[] = [], method = "READ", timeoutMs = 5_000) {
  const server: TdsServer = await startTdsServer(columns);
  const performer = sqlPerformer(openReaches(["loopback"]));
  ended.push(() => performer.close(), server.close);
  const address = { dialect: "sqlServer", host: "127.0.0.1", port: server.port, database: "shop", user: "orderloom", tls: "off" };
  const system = { id: "c", name: "system", config: address, secrets: { password: "secret" }, reach: [] };
  const done = await performer.perform(system as unknown as OpenConnection, {
    transport: "sql",
    method,
    path: "",
    query: {},
    headers: {},
    timeoutMs,
    body: { statements: [{ statement, rows: [values] }] },
  });
  if (!done.ok) throw new Error(done.failure.reason.message);
  return { status: done.response.status, body: JSON.parse(done.response.body), server };
}

const exact = [
  decimalColumn("total", 1999n, 2),
  decimalColumn("refund", -12345678901299n, 2),
  decimalColumn("weight", 100n, 4, "numeric"),
  moneyColumn("fee", -83_266n),
  moneyColumn("most", 999_999_999_999_999n),
  bigintColumn("id", 9_223_372_036_854_775_807n),
  nullDecimalColumn("none"),
];

it("gives decimals, money and 64-bit integers as SQL Server has them, to the last digit", async () => {
  const { body } = await ask(exact, "select * from sale");
  expect(body.rows).toEqual([
    {
      total: "19.99",
      refund: "-123456789012.99",
      weight: "0.0100",
      fee: "-8.3266",
      most: "99999999999.9999",
      id: "9223372036854775807",
      none: null,
    },
  ]);
});

it.each([
  ["decimal", decimalColumn("total", 12_345_678_901_234_567n, 2)],
  ["decimal of 38 digits", decimalColumn("total", 10n ** 38n - 1n, 10)],
  ["money", moneyColumn("total", 9_223_372_036_854_775_807n)],
])("refuses a %s with more digits than the driver can read, and says what to do; nothing is applied", async (_, column) => {
  const { status, body, server } = await ask([column], "delete from sale output deleted.total", [], "WRITE");
  expect([status, body.code]).toEqual([422, "tooManyDigits"]);
  expect(body.message).toContain("cast(total as varchar(40))");
  expect(server.transactions).toEqual(["begin", "rollback"]);
});

it("sends values beside the statement, a fraction as a decimal of its own digits", async () => {
  const evil = "'; drop table sale --";
  const { server } = await ask([], "insert into sale values (@p1, @p2, @p3)", [evil, 1234567.89, "0.10"], "WRITE");
  const sent = server.asked.at(-1) as Buffer;
  const has = (text: string) => sent.includes(Buffer.from(text, "ucs2"));
  expect(has("@p2 decimal(9, 2)")).toBe(true);
  expect(sent.includes(Buffer.from([1, ...[0x15, 0xcd, 0x5b, 0x07]]))).toBe(true);
  expect([has("insert into sale values (@p1, @p2, @p3)"), has(evil), has("0.10")]).toEqual([true, true, true]);
  expect(has(`values (${evil}`)).toBe(false);
  expect(server.transactions).toEqual(["begin", "commit"]);
});

it("takes back a statement that takes too long, with nothing applied", async () => {
  const { status, server } = await ask([], "waitfor delay '00:01:00'; delete sale", [], "WRITE", 100);
  expect(status).toBe(504);
  expect(server.transactions).toEqual(["begin", "rollback"]);
});
