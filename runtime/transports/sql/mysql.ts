import { connectWithin, type Reach } from "#runtime/reach/reach.ts";
import { CONNECT_TIMEOUT_MS, type Dialect, plainRow, type SqlSession, type SqlSettings, sqlValue } from "./session.ts";

/** MySQL 8 and MariaDB. */
export const mysql: Dialect = {
  port: 3306,
  note: "insert into orderloom_effect (effect_key, done_at) values (?, current_timestamp)",
  async open({ host, port, database, user, password, tls }: SqlSettings, reach: Reach): Promise<SqlSession> {
    const { createConnection } = await import("mysql2/promise");
    const connection = await createConnection({
      // Connected already; the name is what the certificate must fit.
      stream: await connectWithin(reach, { host, port }, CONNECT_TIMEOUT_MS),
      host,
      port,
      database,
      user,
      password,
      connectTimeout: CONNECT_TIMEOUT_MS,
      ...(tls === "off" ? {} : { ssl: { verifyIdentity: true } }),
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    });
    connection.on("error", () => {});
    const tell = async (statement: string): Promise<void> => {
      await connection.query(statement);
    };
    return {
      begin: (readOnly) => tell(readOnly ? "start transaction read only" : "start transaction"),
      async run(sql, values, timeout) {
        const [result] = await connection.execute({ sql, values: values.map(sqlValue) as string[], timeout });
        if (Array.isArray(result)) return { rows: result.map(plainRow), rowCount: result.length };
        return { rows: [], rowCount: result.affectedRows };
      },
      commit: () => tell("commit"),
      rollback: () => tell("rollback"),
      close: () => connection.end(),
    };
  },
};
