import { sql } from "kysely";
import type { ClockReading } from "./clock.ts";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";
import type { Intent } from "./outcomes.ts";
import { storable } from "./recordset.ts";

/** A ledger row as the decision needs it. */
export interface LedgerRow {
  state: "INTENDED" | "CONFIRMED" | "REFUSED" | "IN_DOUBT";
  requestHash: string;
  taskId: string;
  /** When the request may last have left, in milliseconds since 1970 by the database's clock. */
  sentAt: number;
  /** When the last request left before that of which nobody learned what became of it. */
  unsureAt: number | null;
  /** When the first request was intended. */
  firstAt: number;
  heldByOther: boolean;
  otherDueInMs: number;
  /** True when the request that the row has is one of a newer version of the same document. */
  ofNewer: boolean;
  result: string | null;
}

/** The task that performs an effect. */
export interface Owner {
  id: string;
  epoch: number;
  runId: string;
  environment: string;
}

/** What the caller decides while the ledger's row is locked: take it over for sending or asking, or leave it. */
export type LedgerMove = "send" | "lookup" | "leave";

/**
 * Opens the ledger for one effect. A new key is written as intended and may be sent at once (`row` is null). For a
 * known one `decide` is asked with the row locked; `send` and `lookup` make the task its owner before the lock is let
 * go. Answers `lost` when the task is no longer the caller's: then nothing may be sent.
 */
export async function openLedger(
  db: Db,
  owner: Owner,
  intent: Intent,
  decide: (row: LedgerRow, clock: ClockReading) => LedgerMove,
): Promise<{ lost: true } | { lost: false; row: LedgerRow | null }> {
  const key = storable(intent.effectKey);
  return transact(db, "ledger.open", async (tx) => {
    const { rows: held } = await sql`
      select 1 from task where id = ${owner.id} and epoch = ${owner.epoch} and state = 'CLAIMED' for update`.execute(tx);
    if (held.length === 0) return { lost: true };
    const { rows: fresh } = await sql`
      insert into effect (effect_key, environment, connection_id, operation, document_key, mode, state, request_hash, task_id,
        run_id, epoch, sent_at, created_at)
      values (${key}, ${owner.environment}, ${intent.connectionId}, ${intent.operation}, ${storable(intent.documentKey)},
        ${intent.mode}, 'INTENDED', ${intent.requestHash}, ${owner.id}, ${owner.runId}, ${owner.epoch}, clock_now(), clock_now())
      on conflict do nothing returning 1`.execute(tx);
    if (fresh.length > 0) return { lost: false, row: null };
    // Locked first, read then: a statement that waits for the lock would show its new owner beside nobody's task.
    await sql`select 1 from effect where effect_key = ${key} for update`.execute(tx);
    const asked = performance.now();
    const { rows } = await sql<LedgerRow & { now: number }>`
      select e.state, e.request_hash as "requestHash", e.task_id as "taskId", e.result,
        extract(epoch from e.sent_at)::float8 * 1000 as "sentAt",
        extract(epoch from e.created_at)::float8 * 1000 as "firstAt",
        extract(epoch from e.unsure_at)::float8 * 1000 as "unsureAt", extract(epoch from clock_now())::float8 * 1000 as now,
        t.id is not null as "heldByOther",
        coalesce(greatest(0, extract(epoch from t.due_at - clock_now())), 0)::float8 * 1000 as "otherDueInMs",
        exists (select 1 from run o join run me on o.environment = me.environment and o.flow_id = me.flow_id
          and o.source_node = me.source_node and o.document_key = me.document_key
          where o.id = e.run_id and me.id = ${owner.runId} and o.document_rank > me.document_rank collate "C") as "ofNewer"
      from effect e left join task t on t.id = e.task_id and t.id <> ${owner.id} and (t.state = 'CLAIMED' or (t.state = 'READY'
        and exists (select 1 from connection c where c.id = t.connection_id and c.state = 'active')))
      where e.effect_key = ${key}`.execute(tx);
    const [found] = rows;
    if (!found) throw new Error(`The ledger has no row for ${key} although its key is taken.`);
    const { now, ...row } = found;
    const move = decide(row, { database: now, asked, answered: performance.now() });
    if (move === "send") {
      await sql`
        update effect set state = 'INTENDED', task_id = ${owner.id}, run_id = ${owner.runId}, epoch = ${owner.epoch},
          request_hash = ${intent.requestHash}, sent_at = clock_now(), settled_at = null,
          unsure_at = case when state = 'INTENDED' then sent_at else unsure_at end,
          revision = revision + case when request_hash = ${intent.requestHash} then 0 else 1 end
        where effect_key = ${key}`.execute(tx);
    } else if (move === "lookup") {
      await sql`
        update effect set task_id = ${owner.id}, run_id = ${owner.runId}, epoch = ${owner.epoch} where effect_key = ${key}`.execute(
        tx,
      );
    }
    return { lost: false, row };
  });
}

/** After a lookup found nothing: the request is about to leave (again). False when the task was lost meanwhile. */
export async function resendIntent(db: Db, owner: Owner, effectKey: string, requestHash: string): Promise<boolean> {
  const { rows } = await sql`
    update effect set state = 'INTENDED', sent_at = clock_now(), request_hash = ${requestHash}
    where effect_key = ${storable(effectKey)} and task_id = ${owner.id} and epoch = ${owner.epoch}
      and exists (select 1 from task where id = ${owner.id} and epoch = ${owner.epoch} and state = 'CLAIMED')
    returning 1`.execute(writing(db, "ledger.resend"));
  return rows.length > 0;
}
