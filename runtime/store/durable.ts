import { setTimeout as sleep } from "node:timers/promises";
import { type QueryExecutor, type QueryExecutorProvider, sql, type Transaction } from "kysely";
import { type CrashPoint, crashPoint, isArmed } from "#runtime/crashPoints.ts";
import { type Db, isClash } from "./database.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** Whoever clashes so often meets more than a neighbour: the caller is told. */
const TRIES = 4;

/** Two that clashed come back apart: after up to so many milliseconds more for each try. */
const APART_MS = 20;

/**
 * One transaction that writes; its point is `before` when everything is done and nothing committed. One that the server ended
 * for the sake of another has left nothing, and `work` is done anew: it may be called more than once. Within another one it
 * is a part of that: committed with it, or not at all.
 */
export async function transact<T>(db: Db, point: CrashPoint, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (isTransaction(db)) return work(db);
  for (let tries = 1; ; tries++) {
    try {
      return await transactOnce(db, point, work);
    } catch (error) {
      if (tries === TRIES || !isClash(error)) throw error;
      await sleep(Math.random() * tries * APART_MS);
    }
  }
}

const isTransaction = (db: Db): db is Tx => db.isTransaction;

async function transactOnce<T>(db: Db, point: CrashPoint, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (!isArmed(point)) return db.transaction().execute(work);
  let wrote = false;
  const done = await db.transaction().execute(async (tx) => {
    const result = await work(tx);
    // One that found nothing to do is no durable write: a crash would wait for nothing there.
    wrote = await hasWritten(tx);
    if (wrote) crashPoint(point, "before");
    return result;
  });
  if (wrote) crashPoint(point, "after");
  return done;
}

/** What a single statement that writes is executed on. Within a transaction it is part of that one's point. */
export const writing = (db: Db, point: CrashPoint): QueryExecutorProvider =>
  isArmed(point) && !db.isTransaction ? { getExecutor: () => asTransaction(db, point) } : db;

function asTransaction(db: Db, point: CrashPoint): QueryExecutor {
  const executor = db.getExecutor();
  const executeQuery: QueryExecutor["executeQuery"] = (query) =>
    transact(db, point, (tx) => tx.getExecutor().executeQuery(query));
  return new Proxy(executor, {
    get(target, name) {
      if (name === "executeQuery") return executeQuery;
      const own: unknown = Reflect.get(target, name, target);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

async function hasWritten(tx: Tx): Promise<boolean> {
  const { rows } = await sql`select 1 where pg_current_xact_id_if_assigned() is not null`.execute(tx);
  return rows.length > 0;
}
