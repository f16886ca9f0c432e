import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BackendFactory,
  type PgPool,
  type PostgresConnectionOptions,
  PostgresQueueBackend,
  runMigrations,
  withBackend,
} from "bullmq";
import { Pool, type PoolClient } from "pg";
import { type HintBackend, queueOptions, workerOptions } from "./backend.ts";
import type { Hint } from "./hint.ts";
import type { Report } from "./report.ts";
import { SharedConnection } from "./sharedConnection.ts";

/** A listening connection, one for adding while workers fetch, and one to spare. */
const smallestPool = 3;

/** Connections say goodbye to the server; when that is gone, this is enough. */
const closeWithinMs = 1_000;

/**
 * BullMQ on PostgreSQL, everything of this process on one pool and one listening connection: pools of their own for
 * each queue and worker exhaust the server's connections, and then jobs that ran are marked failed.
 */
export async function openPostgresBackend(databaseUrl: string, poolSize: number, report: Report): Promise<HintBackend> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: Math.max(smallestPool, poolSize),
    // Hints need no fsync: one that is lost is given again by the sweep.
    options: "-c search_path=bullmq -c synchronous_commit=off",
    // A frozen process must not keep others from the rows of the queue.
    idle_in_transaction_session_timeout: 5_000,
    application_name: "orderloom-queue",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on("error", (error) => report(error, "postgres"));
  const open = new Set<PoolClient>();
  pool.on("connect", (client) => {
    open.add(client);
    client.once("end", () => open.delete(client));
    client.setMaxListeners(0);
    // One in use has no listener of the pool: a connection that breaks between two statements would end the process.
    client.on("error", (error) => report(error, "postgres"));
  });
  await migrate(pool);

  // The same methods, declared with other generics.
  const bullPool = pool as unknown as PgPool;
  const connection = new SharedConnection(bullPool);
  connection.setMaxListeners(0);
  await connection.waitUntilReady();
  const factory: BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> = (name, options) =>
    new PostgresQueueBackend(connection, name, options);
  const { Queue, Worker } = withBackend(factory);
  return {
    queue: (name) => new Queue(name, { ...queueOptions, connection: bullPool }),
    worker: (name, concurrency, process) =>
      new Worker<Hint>(name, process, { ...workerOptions(concurrency), connection: bullPool }),
    assertReachable() {},
    async ping() {
      await pool.query("select 1");
    },
    async close() {
      await connection.closeForGood();
      // The pool's end is the start of the clients' end: the database must not go before they have gone.
      const left = [...open].map((client) => once(client, "end").catch(() => undefined));
      await pool.end();
      await Promise.race([Promise.all(left), sleep(closeWithinMs, undefined, { ref: false })]);
    },
  };
}

async function migrate(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}
