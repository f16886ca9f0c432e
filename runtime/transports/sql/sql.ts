import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { OutOfReach, type Reaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { TooManyDigits } from "./exactDecimal.ts";
import { mysql } from "./mysql.ts";
import { postgresql } from "./postgresql.ts";
import type { Dialect, SqlRows, SqlSession, SqlSettings } from "./session.ts";
import { idleSessions } from "./sessions.ts";
import { sqlCode, sqlStatus } from "./sqlError.ts";
import { sqlServer } from "./sqlServer.ts";

const dialects: Readonly<Record<string, Dialect>> = { postgresql, mysql, sqlServer };

/** More rows at once are no documents of a flow: read them in pages. */
const MOST_ROWS = 10_000;

/** What a rendered request to a database holds. */
interface SqlBody {
  statements: { statement: string; rows: unknown[][] }[];
  /** The key under which the whole is done once. */
  onceUnder?: string;
}

export interface SqlPerformer {
  perform(connection: OpenConnection, request: RenderedRequest): Promise<Performed>;
  close(): Promise<void>;
}

/** Asks and tells databases. A request that writes is one transaction: before its commit nothing is done. */
export function sqlPerformer(reaches: Reaches): SqlPerformer {
  const sessions = idleSessions();
  return {
    async perform(connection, request) {
      const [dialect, settings] = settingsOf(connection);
      const key = JSON.stringify([connection.id, settings, connection.reach, dialect.port]);
      const asked = { readOnly: request.method === "READ", timeoutMs: request.timeoutMs };
      let session: SqlSession | undefined;
      let committing = false;
      try {
        session = await sessions.begun(key, () => dialect.open(settings, reaches.of(connection.reach)), asked);
        const body = request.body as SqlBody;
        const repeated = body.onceUnder !== undefined && !(await noted(session, dialect, body.onceUnder, request.timeoutMs));
        const done = repeated ? { rows: [], rowCount: 0 } : await runAll(session, body, request.timeoutMs);
        committing = !asked.readOnly;
        await session.commit();
        sessions.keep(key, session);
        return { ok: true, response: answer(200, { ...done, repeated }) };
      } catch (error) {
        if (session) await discard(session);
        return failed(error, connection.name, committing);
      }
    },
    close: () => sessions.close(),
  };
}

/** A key as it begins: so much of it stands in the table for people to read. */
const READABLE = 600;

/**
 * What is noted of a key: databases compare texts by rules of their own (SQL Server and MySQL take `a` for `A`, and blanks at the end
 * for none), and hold only so much. What is told apart is its hash.
 */
export const notedKey = (key: string): string => `${key.replace(/[^ -~]/g, "?").slice(0, READABLE)}#${sha256(key)}`;

/** Whether the effect is new: its key is noted in the same transaction. Waits for another that does the same. */
async function noted(session: SqlSession, { note }: Dialect, key: string, timeoutMs: number): Promise<boolean> {
  try {
    await session.run(note, [notedKey(key)], timeoutMs);
    return true;
  } catch (error) {
    if (sqlStatus(error) !== 409) throw error;
    // PostgreSQL ends a transaction at the first fault.
    await session.rollback();
    await session.begin(false, timeoutMs);
    return false;
  }
}

async function runAll(session: SqlSession, { statements }: SqlBody, timeoutMs: number): Promise<SqlRows> {
  let last: SqlRows = { rows: [], rowCount: 0 };
  for (const { statement, rows } of statements) {
    let rowCount = 0;
    for (const values of rows) {
      last = await session.run(statement, values, timeoutMs);
      rowCount += last.rowCount;
    }
    last = { rows: last.rows, rowCount };
  }
  if (last.rows.length > MOST_ROWS) throw new TooManyRows(last.rows.length);
  return last;
}

class TooManyRows extends Error {
  constructor(count: number) {
    super(`The statement gives ${count} rows, more than the ${MOST_ROWS} that are read at once; limit it.`);
  }
}

/** Its transaction may stand open still; the database ends it with the connection. */
const discard = (session: SqlSession): Promise<void> =>
  session
    .rollback()
    .catch(() => {})
    .then(() => session.close())
    .catch(() => {});

const answer = (status: number, body: unknown): RawResponse => ({
  status,
  headers: {},
  body: JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
});

function failed(error: unknown, name: string, committing: boolean): Performed {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof TooManyRows) return answered(413, { code: "tooManyRows", message });
  if (error instanceof TooManyDigits) return answered(422, { code: "tooManyDigits", message });
  if (error instanceof OutOfReach) {
    const { code, hint } = error;
    return { ok: false, failure: { class: "auth", reason: { code, message, hint } }, applied: "no" };
  }
  const status = sqlStatus(error);
  if (status !== undefined && !committing) return answered(status, { code: sqlCode(error), message });
  const code = sqlCode(error);
  const [reason, said] = committing
    ? [
        "connectionLost",
        `The connection to ${name} broke (${code}) while it was to commit; the statements may have been applied.`,
      ]
    : ["notReached", `The connection ${name} could not be worked with (${code}): ${message}`];
  return {
    ok: false,
    failure: { class: "transient", reason: { code: reason, message: said } },
    applied: committing ? "maybe" : "no",
  };
}

const answered = (status: number, body: unknown): Performed => ({ ok: true, response: answer(status, body) });

function settingsOf({ config, secrets }: OpenConnection): [Dialect, SqlSettings] {
  const text = (name: string): string => (typeof config[name] === "string" ? config[name] : "");
  const dialect = dialects[text("dialect")] ?? postgresql;
  return [
    dialect,
    {
      host: text("host"),
      port: typeof config.port === "number" ? config.port : dialect.port,
      database: text("database"),
      user: text("user"),
      password: secrets.password ?? "",
      tls: config.tls === "off" ? "off" : "verify",
    },
  ];
}
