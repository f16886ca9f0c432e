import { connectWithin, type Reach } from "#runtime/reach/reach.ts";
import { CONNECT_TIMEOUT_MS, type Dialect, plainRow, type SqlSession, type SqlSettings, sqlValue } from "./session.ts";

/** Microsoft SQL Server. It knows no transaction that only reads. */
export const sqlServer: Dialect = {
  port: 1433,
  note: "insert into orderloom_effect (effect_key, done_at) values (@p1, sysutcdatetime())",
  async open({ host, port, database, user, password, tls }: SqlSettings, reach: Reach): Promise<SqlSession> {
    const { default: mssql } = await import("mssql");
    const pool = new mssql.ConnectionPool({
      server: host,
      port,
      database,
      user,
      password,
      connectionTimeout: CONNECT_TIMEOUT_MS,
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
        for (const [index, value] of values.entries()) request.input(`p${index + 1}`, sqlValue(value));
        const limit = setTimeout(() => request.cancel(), timeoutMs);
        try {
          const { recordset, rowsAffected } = await request.query<Record<string, unknown>>(statement);
          return { rows: (recordset ?? []).map(plainRow), rowCount: rowsAffected.at(-1) ?? 0 };
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
