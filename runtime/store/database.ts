import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Database } from "./tables.ts";

export type Db = Kysely<Database>;

export interface OpenDatabase {
  db: Db;
  pool: pg.Pool;
  close(): Promise<void>;
}

/** A connection that cannot be had within this is reported instead of waited for. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * A transaction of ours that pauses longer between two statements belongs to a frozen process. The server ends it: its
 * locks would keep every other worker from the same rows for as long as it is frozen.
 */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** A row that stays locked longer is tried again later, so that one stuck row does not hold up a group of others. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Opens a bounded pool. Errors of idle connections (a restarted server) are expected: the pool drops the connection
 * and the next query opens another.
 */
export function openDatabase(options: {
  url: string;
  connections: number;
  application: string;
  patient?: boolean;
}): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    application_name: options.application,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // Migrations wait for each other as long as it takes.
    ...(options.patient ? {} : { lock_timeout: LOCK_TIMEOUT_MS }),
    keepAlive: true,
  });
  pool.on("error", () => {});
  // One in use has no listener of the pool: a connection that breaks between two statements would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}

/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention. */
const away = new Set(["08", "53", "57"]);

/** SQLSTATE of a lock that was not had in time, and of a transaction ended because its process was frozen. */
const passing = new Set(["55P03", "25P03"]);

/** Whether a transaction only has to be tried again: the database is away, a row was locked, or a deadlock was ended. */
export const isPassing = (error: unknown): boolean =>
  isDatabaseAway(error) ||
  (error instanceof pg.DatabaseError && (error.code?.startsWith("40") === true || passing.has(error.code ?? "")));

/** Whether an error says that the database cannot be spoken to now; every other statement would meet it as well. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error instanceof pg.DatabaseError) return away.has(code.slice(0, 2));
  if (/^(E[A-Z]{3,}|EAI_AGAIN)$/.test(code)) return "syscall" in error;
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/.test(
    error.message,
  );
}
