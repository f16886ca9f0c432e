import type { TypeCastField } from "mysql2";
import { connectWithin, type Reach } from "#runtime/reach/reach.ts";
import { parseJson } from "#schemas/json.ts";
import { CONNECT_TIMEOUT_MS, type Dialect, plainRow, type SqlSession, type SqlSettings, sqlValue } from "./session.ts";
import { CLIENT_TIMEOUT } from "./sqlError.ts";

/** The server ends a statement itself; a server that is gone is given up so much later. */
const SILENT_MS = 2_000;

/**
 * How long a statement may take, as each of the two says it. What stands between the marks is read by MariaDB alone, and by
 * MySQL alone (MariaDB passes over the numbers of MySQL 5.7). MySQL ends only what reads by that.
 */
const limitOf = (ms: number): string =>
  `set session /*M! max_statement_time = ${ms / 1000} */ /*!50708 max_execution_time = ${Math.ceil(ms)} */`;

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
      typeCast: (field: TypeCastField, next: () => unknown) =>
        field.type === "JSON" || field.extendedFormat === "json" ? jsonOf(field.string()) : next(),
    });
    connection.on("error", () => {});
    const tell = async (statement: string): Promise<void> => {
      await connection.query(statement);
    };
    let limitMs = 0;
    return {
      async begin(readOnly, timeoutMs) {
        if (timeoutMs !== limitMs) await tell(limitOf(timeoutMs));
        limitMs = timeoutMs;
        await tell(readOnly ? "start transaction read only" : "start transaction");
      },
      async run(sql, values, timeoutMs) {
        const [result] = await connection
          .execute({ sql, values: values.map(sqlValue) as string[], timeout: timeoutMs + SILENT_MS })
          .catch((error: { code?: string }) => {
            // It waits for the answer still, and so would all that is asked after it.
            if (error.code === CLIENT_TIMEOUT) connection.destroy();
            throw error;
          });
        if (Array.isArray(result)) return { rows: result.map(plainRow), rowCount: result.length };
        return { rows: [], rowCount: result.affectedRows };
      },
      commit: () => tell("commit"),
      rollback: () => tell("rollback"),
      close: () => connection.end(),
    };
  },
};

/** Numbers that a double cannot hold stay as they are written in it. */
const jsonOf = (text: string | null): unknown => (text === null ? null : parseJson(text));
