import type { Reach } from "#runtime/reach/reach.ts";

/** What a connection of the `sql` connector holds. */
export interface SqlSettings {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** `verify` takes only a server whose certificate fits its name. */
  tls: "verify" | "off";
}

export interface SqlRows {
  /** Plain JSON: numbers that a double cannot hold, and times, are text. */
  rows: Record<string, unknown>[];
  /** How many rows were read or changed. */
  rowCount: number;
}

/** One connection to a database, with one transaction at a time. Methods throw what the driver throws. */
export interface SqlSession {
  /** A transaction that may only read cannot write, where the database knows such. */
  begin(readOnly: boolean, timeoutMs: number): Promise<void>;
  run(statement: string, values: readonly unknown[], timeoutMs: number): Promise<SqlRows>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  close(): Promise<void>;
}

/** A kind of database. */
export interface Dialect {
  port: number;
  open(settings: SqlSettings, reach: Reach): Promise<SqlSession>;
  /** Notes an effect's key in the same transaction; refused by the primary key where it is there. */
  note: string;
}

/** A server that cannot be reached within this is tried again later. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** What a column holds, as JSON has it: bytes as Base64, the rest as it writes itself. */
export const plainRow = (row: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? value.toString("base64") : value]),
  );

/** Objects go as their JSON text, which every database takes for a JSON column. */
export const sqlValue = (value: unknown): unknown =>
  value === undefined ? null : typeof value === "object" && value !== null ? JSON.stringify(value) : value;
