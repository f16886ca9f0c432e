import type { Lock } from "#nodes/plan.ts";
import { query } from "./query.ts";

/** What a test does not want to wait for, in milliseconds. */
export const impatient = { timeoutMs: 1_500, quietPeriodMs: 4_000, baseMs: 150 };

/**
 * Shortens time-outs, quiet periods and backoff in the versions that there are, before anything has run, and takes their
 * rates away. The rules stay: a quiet period is longer than a time-out and the age an intent may have, together.
 */
export const makeImpatient = (databaseUrl: string): Promise<void> => changeLocks(databaseUrl, (lock) => shortened(unpaced(lock)));

/** Takes the rates away that the connectors keep to: hundreds of orders would take as long as at the systems themselves. */
export const makeUnpaced = (databaseUrl: string): Promise<void> => changeLocks(databaseUrl, unpaced);

async function changeLocks(databaseUrl: string, change: (lock: Lock) => Lock): Promise<void> {
  for (const { id, lock } of await query<{ id: string; lock: string }>(databaseUrl, "select id, lock from version"))
    await query(databaseUrl, "update version set lock = $2 where id = $1", [
      id,
      JSON.stringify(change(JSON.parse(lock) as Lock)),
    ]);
}

function unpaced(lock: Lock): Lock {
  for (const connector of Object.values(lock.connectors)) {
    delete connector.limits.rate;
    for (const operation of Object.values(connector.operations)) if ("rate" in operation) delete operation.rate;
  }
  return lock;
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
