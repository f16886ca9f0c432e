import { sql } from "kysely";
import type { KeepDays } from "#runtime/settings.ts";
import type { RetentionHeld } from "#schemas/environmentStatus.ts";
import type { Db } from "./database.ts";
import { writing } from "./durable.ts";
import { idsOf, type Month } from "./partitions.ts";

/** Passes are this far apart at least, however many schedulers there are: months end seldom, and a look costs little. */
const PASS_EVERY = sql.raw("interval '1 hour'");

/** Takes the pass that is due. False when another scheduler had it within the hour. */
export async function beginRetention(db: Db): Promise<boolean> {
  const { rows } = await sql`
    update retention set at = clock_now() where at < clock_now() - ${PASS_EVERY} returning 1`.execute(
    writing(db, "retention.begin"),
  );
  return rows.length > 0;
}

/** The moment `days` ago by the database's clock. */
export async function daysAgo(db: Db, days: number): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select clock_now() - make_interval(days => ${days}) as at`.execute(db);
  return (rows[0] as { at: Date }).at;
}

/**
 * What in a month is still open: then the month is kept whole. A run counts in every month in which it has tasks and in
 * that of its message, which a replay finds long before its own; a dead letter in the months of its task, run and message.
 */
export async function openIn(db: Db, month: Month): Promise<{ runs: number; deadLetters: number }> {
  const { from, to } = idsOf(month);
  const within = (column: string) => sql`${sql.ref(column)} >= ${from}::uuid and ${sql.ref(column)} < ${to}::uuid`;
  const { rows } = await sql<{ runs: number; letters: number }>`
    select (
      select count(*)::int from run r where r.state = 'RUNNING' and r.id < ${to}::uuid
        and (r.id >= ${from}::uuid or exists (select 1 from task t where t.run_id = r.id and ${within("t.id")}))
    ) + (
      select count(*)::int from run r where r.state = 'RUNNING' and r.id >= ${to}::uuid and ${within("r.message_id")}
    ) as runs, (
      select count(*)::int from dead_letter l where l.state = 'open'
        and ((${within("l.task_id")}) or (${within("l.run_id")}) or (${within("l.message_id")}))
    ) as letters`.execute(db);
  return { runs: rows[0]?.runs ?? 0, deadLetters: rows[0]?.letters ?? 0 };
}

/** Rows removed in one statement. */
const BATCH = 5_000;

/**
 * Removes what has outlived its time from the tables that have no months. Of the months that are held back nothing is
 * removed. An effect that is not settled stays, however old. Answers how many rows went, by table.
 */
export async function expireRows(
  db: Db,
  keep: KeepDays,
  held: readonly Month[],
  signal?: AbortSignal,
): Promise<Record<string, number>> {
  const notHeld = (column: string) =>
    sql.join(
      [
        sql`true`,
        ...held.map(
          (month) =>
            sql`not (${sql.ref(column)} >= ${idsOf(month).from}::uuid and ${sql.ref(column)} < ${idsOf(month).to}::uuid)`,
        ),
      ],
      sql` and `,
    );
  const before = (days: number) => sql`clock_now() - make_interval(days => ${days})`;
  const gone: Record<string, number> = {};
  const remove = async (table: string, days: number, where: ReturnType<typeof before>): Promise<void> => {
    if (days === 0) return;
    for (let last = BATCH; last === BATCH && !signal?.aborted; ) {
      const { rows } = await sql`
        delete from ${sql.table(table)} where ctid = any(array(select ctid from ${sql.table(table)} where ${where} limit ${BATCH}))
          and ${where} returning 1`.execute(writing(db, "retention.expire"));
      last = rows.length;
      gone[table] = (gone[table] ?? 0) + last;
    }
  };
  await remove("message_key", keep.keys, sql`received_at < ${before(keep.keys)} and ${notHeld("run_id")}`);
  await remove(
    "effect",
    keep.ledger,
    sql`state in ('CONFIRMED', 'REFUSED') and settled_at < ${before(keep.ledger)} and ${notHeld("run_id")}`,
  );
  await remove("dead_letter", keep.deadLetters, sql`state <> 'open' and closed_at < ${before(keep.deadLetters)}`);
  await remove("document", keep.keys, sql`updated_at < ${before(keep.keys)} and head_run is null and waiting = 0`);
  await remove(
    "scope",
    keep.runs,
    sql`created_at < ${before(keep.runs)} and not exists (select 1 from run where run.id = scope.run_id)`,
  );
  // A task of a month that is kept may be recomputed with any of them.
  for (const table of held.length === 0 ? ["reference_row", "reference_table"] : [])
    await remove(table, keep.runs, sql`ended_at < ${before(keep.runs)}`);
  return gone;
}

/** Notes what a pass had to keep, for people to see. */
export async function recordHeld(db: Db, held: readonly RetentionHeld[]): Promise<void> {
  await sql`update retention set held = ${JSON.stringify(held)}::jsonb`.execute(writing(db, "retention.note"));
}
