import { type CustomTypesConfig, type QueryConfig, types } from "pg";
import { addressWithin, type Reach } from "#runtime/reach/reach.ts";
import { parseJson } from "#schemas/json.ts";
import { CONNECT_TIMEOUT_MS, type Dialect, plainRow, type SqlSession, type SqlSettings, sqlValue } from "./session.ts";

/** Days and times without a zone stay as they are written: as a `Date` they would move by the server's own zone. */
const asWritten: readonly number[] = [types.builtins.DATE, types.builtins.TIMESTAMP];
/** Numbers that a double cannot hold stay as they are written in it. */
const json: readonly number[] = [types.builtins.JSON, types.builtins.JSONB];
const columnTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    asWritten.includes(oid)
      ? (text: string) => text
      : json.includes(oid)
        ? parseJson
        : types.getTypeParser(oid, format as "text")) as never,
};

export const postgresql: Dialect = {
  port: 5432,
  note: "insert into orderloom_effect (effect_key, done_at) values ($1, now())",
  async open(settings: SqlSettings, reach: Reach): Promise<SqlSession> {
    const { host, port, database, user, password, tls } = settings;
    const { Client } = await import("pg");
    const client = new Client({
      host: await addressWithin(reach, { host, port }),
      port,
      database,
      user,
      password,
      ssl: tls === "off" ? false : { servername: host },
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: "orderloom",
    });
    // What breaks shows in the statement under way; an idle connection must not end the process.
    client.on("error", () => {});
    await client.connect();
    const tell = async (statement: string): Promise<void> => {
      await client.query(statement);
    };
    return {
      begin: (readOnly, timeoutMs) =>
        tell(`begin${readOnly ? " read only" : ""}; set local statement_timeout = ${Math.ceil(timeoutMs)}`),
      async run(statement, values) {
        // A list is an array of PostgreSQL's, for `= any($1)`.
        const given = values.map((value) => (Array.isArray(value) ? value : sqlValue(value)));
        const query: QueryConfig = { text: statement, values: given, types: columnTypes };
        const { rows, rowCount } = await client.query<Record<string, unknown>>(query);
        return { rows: rows.map(plainRow), rowCount: rowCount ?? 0 };
      },
      commit: () => tell("commit"),
      rollback: () => tell("rollback"),
      close: () => client.end(),
    };
  },
};
