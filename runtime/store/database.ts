import { Socket } from "node:net";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { ANSWER_WITHIN_MS } from "#runtime/settings.ts";
import { planSettings, preparing } from "./prepared.ts";
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
 * The server itself gives a statement up at this share of that time, so that one that is merely slow ends with its own
 * error and lets go of its locks, before its connection is broken.
 */
const STATEMENT_SHARE = 0.8;

/** An idle connection is closed at this share of it: silence of one that is in use must mean that nobody answers. */
const IDLE_SHARE = 0.6;

/**
 * Opens a bounded pool. No statement waits for ever: see `answerWithinMs`. Errors of idle connections (a restarted server) are expected: the pool drops the connection
 * and the next query opens another.
 */
export function openDatabase(options: {
  url: string;
  connections: number;
  application: string;
  /** Migrations wait for each other, and for their statements, as long as it takes. */
  patient?: boolean;
  /** How long the server may be silent; `ANSWER_WITHIN_MS` when absent. */
  answerWithinMs?: number;
  /** For the few statements that every order needs; see `prepared.ts`. */
  prepared?: boolean;
}): OpenDatabase {
  const withinMs = options.answerWithinMs ?? ANSWER_WITHIN_MS;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    application_name: options.application,
    connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, withinMs),
    idleTimeoutMillis: Math.round(withinMs * IDLE_SHARE),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...(options.patient
      ? {}
      : {
          lock_timeout: Math.min(LOCK_TIMEOUT_MS, Math.round(withinMs / 3)),
          statement_timeout: Math.round(withinMs * STATEMENT_SHARE),
          stream: () => impatientSocket(withinMs),
        }),
    keepAlive: true,
    ...(options.prepared ? { options: planSettings } : {}),
  });
  pool.on("error", () => {});
  // One in use has no listener of the pool: a connection that breaks between two statements would end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: options.prepared ? preparing(pool) : pool }) });
  return { db, pool, close: () => db.destroy() };
}

/**
 * A socket that breaks after `withinMs` without a byte in either direction. `query_timeout` of `pg` would not do: it
 * fails the query and leaves its connection in the pool, where the next one waits behind it.
 */
function impatientSocket(withinMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(withinMs, () => {
    const message = `PostgreSQL did not answer for ${withinMs} ms; the connection was given up.`;
    socket.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT", syscall: "read" }));
  });
  return socket;
}

/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention. */
const away = new Set(["08", "53", "57"]);

/** SQLSTATE of a statement that took too long: the database is there, and another statement may well go through. */
const STATEMENT_TIMEOUT = "57014";

/** SQLSTATE of a lock that was not had in time, and of a transaction ended because its process was frozen. */
const passing = new Set(["55P03", "25P03", STATEMENT_TIMEOUT]);

/** SQLSTATE of a disk that is full. */
const DISK_FULL = "53100";

/** Whether the database has no room for what was to be written. */
export const isDiskFull = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === DISK_FULL;

/** SQLSTATEs of a transaction that was ended for the sake of another: one of a deadlock, or of no order one after the other. */
const clashes = new Set(["40P01", "40001"]);

export const isClash = (error: unknown): boolean => error instanceof pg.DatabaseError && clashes.has(error.code ?? "");

/** Whether a transaction only has to be tried again: the database is away, a row was locked, or a deadlock was ended. */
export const isPassing = (error: unknown): boolean =>
  isDatabaseAway(error) ||
  (error instanceof pg.DatabaseError && (error.code?.startsWith("40") === true || passing.has(error.code ?? "")));

/** Whether an error says that the database cannot be spoken to now; every other statement would meet it as well. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error instanceof pg.DatabaseError) return away.has(code.slice(0, 2)) && code !== STATEMENT_TIMEOUT;
  if (/^(E[A-Z]{3,}|EAI_AGAIN)$/.test(code)) return "syscall" in error;
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/.test(
    error.message,
  );
}
