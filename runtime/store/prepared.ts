import { createHash } from "node:crypto";
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type pg from "pg";

/*
 * PostgreSQL plans a statement anew each time unless it is prepared, and planning one that touches partitioned tables
 * costs more than running it: without this, half of the time that an order took in the database.
 */

/**
 * One plan for each statement, kept for as long as its connection. Such a plan does not know how many rows it is given,
 * nor how large a table will be by then: joins over the index are right for every size, and fast for the groups of a few
 * dozen rows that these statements are for.
 */
export const planSettings =
  "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

/** Each text costs the server memory on each connection; whoever makes more of them has a text that is not constant. */
const MOST_TEXTS = 300;

interface Statement {
  name: string;
  text: string;
}

/** By the text as it is written; the names are the same on every connection. */
const statements = new Map<string, Statement>();

/**
 * PostgreSQL cannot inline `clock_now()`, and calls it for each row and column; as a query of its own within the
 * statement it is asked once.
 */
const timeOnce = (text: string): string => text.replaceAll("clock_now()", "(select clock_now())");

function statementOf(text: string): Statement | undefined {
  const known = statements.get(text);
  if (known || statements.size >= MOST_TEXTS) return known;
  const made = { name: `orderloom_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`, text: timeOnce(text) };
  statements.set(text, made);
  return made;
}

/** A pool whose connections prepare each statement that has parameters once, and then only name it. */
export function preparing(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client);
      if (known) return known;
      const made = preparingClient(client);
      clients.set(client, made);
      return made;
    },
    end: () => pool.end(),
  };
}

function preparingClient(client: pg.PoolClient): PostgresPoolClient {
  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== "string") throw new Error("The connections of hot statements have no cursors.");
    const statement = values.length > 0 ? statementOf(text) : undefined;
    return client.query({ ...(statement ?? { text }), values: [...values] });
  }
  return { query, release: () => client.release() };
}
