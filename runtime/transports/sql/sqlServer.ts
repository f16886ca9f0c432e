import type { IColumnMetadata, ISqlType } from "mssql";
import { connectWithin, type Reach } from "#runtime/reach/reach.ts";
import { decimalPlaces, exactDecimal, TooManyDigits } from "./exactDecimal.ts";
import { CONNECT_TIMEOUT_MS, type Dialect, plainRow, type SqlSession, type SqlSettings, sqlValue } from "./session.ts";

/** Microsoft SQL Server. It knows no transaction that only reads. */
export const sqlServer: Dialect = {
  port: 1433,
  note: "insert into orderloom_effect (effect_key, done_at) values (@p1, sysutcdatetime())",
  async open({ host, port, database, user, password, tls }: SqlSettings, reach: Reach): Promise<SqlSession> {
    // The driver takes what is behind a backslash for an instance, and would ask the host for its port past `reach`.
    if (/[\\,;\s]/.test(host)) throw new Error(`"${host}" is no name of a server; give its port in the field of its own.`);
    const { default: mssql } = await import("mssql");
    const pool = new mssql.ConnectionPool({
      server: host,
      port,
      database,
      user,
      password,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // Each statement has a limit of its own, below.
      requestTimeout: 0,
      // A transaction lives on one connection.
      pool: { min: 1, max: 1 },
      options: {
        encrypt: tls !== "off",
        trustServerCertificate: false,
        connector: () => connectWithin(reach, { host, port }, CONNECT_TIMEOUT_MS),
      } as object,
    });
    pool.on("error", () => {});
    await pool.connect();
    let transaction = new mssql.Transaction(pool);
    return {
      async begin() {
        transaction = new mssql.Transaction(pool);
        await transaction.begin();
      },
      async run(statement, values, timeoutMs) {
        const request = new mssql.Request(transaction);
        for (const [index, value] of values.entries()) {
          const [name, places] = [`p${index + 1}`, typeof value === "number" ? fractionPlaces(value) : undefined];
          if (places) request.input(name, mssql.Decimal(places.precision, places.scale), value);
          else request.input(name, sqlValue(value));
        }
        const limit = setTimeout(() => request.cancel(), timeoutMs);
        try {
          const { recordset, rowsAffected } = await request.query<Record<string, unknown>>(statement);
          const scaled = recordset ? scales(recordset.columns, mssql) : [];
          const rows = (recordset ?? []).map((row) => plainRow(exactRow(row, scaled)));
          return { rows, rowCount: rowsAffected.at(-1) ?? 0 };
        } finally {
          clearTimeout(limit);
        }
      },
      commit: () => transaction.commit(),
      rollback: () => transaction.rollback(),
      close: () => pool.close(),
    };
  },
};

/** A fraction goes as a decimal: of a float, a column of text would keep six digits. */
const fractionPlaces = (value: number) => (Number.isInteger(value) ? undefined : decimalPlaces(value));

/** Both kinds of money have four places, which their columns do not tell. */
const MONEY_SCALE = 4;

type Types = Record<"Decimal" | "Numeric" | "Money" | "SmallMoney", unknown>;

/** The columns that the driver reads as doubles although they are exact, with their decimal places. */
function scales(columns: IColumnMetadata, { Decimal, Numeric, Money, SmallMoney }: Types): [name: string, scale: number][] {
  const scaleOf = ({ type, scale }: { type: (() => ISqlType) | ISqlType; scale?: number | undefined }): number | undefined =>
    type === Decimal || type === Numeric ? (scale ?? 0) : type === Money || type === SmallMoney ? MONEY_SCALE : undefined;
  return Object.entries(columns).flatMap(([name, column]) => {
    const scale = scaleOf(column);
    return scale === undefined ? [] : [[name, scale]];
  });
}

function exactRow(row: Record<string, unknown>, scaled: readonly [string, number][]): Record<string, unknown> {
  const exact = { ...row };
  for (const [name, scale] of scaled) {
    const value = row[name];
    if (typeof value !== "number") continue;
    const text = exactDecimal(value, scale);
    if (text === undefined) throw new TooManyDigits(name);
    exact[name] = text;
  }
  return exact;
}
