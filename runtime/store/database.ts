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
 * Opens a bounded pool. Errors of idle connections (a restarted server) are expected: the pool drops the connection
 * and the next query opens another.
 */
export function openDatabase(options: { url: string; connections: number; application: string }): OpenDatabase {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    application_name: options.application,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  pool.on("error", () => {});
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}
