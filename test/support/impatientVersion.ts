import { Client } from "pg";
import type { Lock } from "#nodes/plan.ts";

/** What a test does not want to wait for, in milliseconds. */
export const impatient = { timeoutMs: 1_500, quietPeriodMs: 4_000, baseMs: 150 };

/**
 * Shortens time-outs, quiet periods and backoff in the version that the sandbox deployed, before anything has run. The
 * rules stay: a quiet period is longer than a time-out and the age an intent may have, together.
 */
export async function makeImpatient(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; lock: string }>("select id, lock from version");
    for (const { id, lock } of rows) {
      await client.query("update version set lock = $2 where id = $1", [id, JSON.stringify(shortened(JSON.parse(lock) as Lock))]);
    }
  } finally {
    await client.end();
  }
}

function shortened(lock: Lock): Lock {
  for (const connector of Object.values(lock.connectors)) {
    for (const operation of Object.values(connector.operations)) {
      if (operation.transport !== "http") continue;
      operation.request.timeoutMs = impatient.timeoutMs;
      if (operation.idempotency.lookup) operation.idempotency.lookup.request.timeoutMs = impatient.timeoutMs;
      if (operation.idempotency.quietPeriodMs) operation.idempotency.quietPeriodMs = impatient.quietPeriodMs;
    }
  }
  for (const manifest of Object.values(lock.manifests)) manifest.retry = { ...manifest.retry, baseMs: impatient.baseMs };
  return lock;
}
