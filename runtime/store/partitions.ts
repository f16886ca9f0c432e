import { sql } from "kysely";
import type { Db } from "./database.ts";
import { transact, writing } from "./durable.ts";

/** Tables whose rows are kept by month of their UUIDv7 id. */
export const partitionedTables = ["message", "payload", "run", "task", "attempt"] as const;

/** Months prepared ahead, so that a server that runs for a quarter without a restart still has room. */
const MONTHS_AHEAD = 3;

/** The smallest UUIDv7 of a moment: 48 bits of milliseconds, then zeros. */
export function firstIdAt(moment: Date): string {
  const hex = moment.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** A calendar month in UTC, as `2026_01`: the end of its partitions' names. */
export type Month = string;

const monthOf = (moment: Date): Month => `${moment.getUTCFullYear()}_${String(moment.getUTCMonth() + 1).padStart(2, "0")}`;

/** The ids that arose in a month: from the first, below the second. */
export function idsOf(month: Month): { from: string; to: string } {
  const [year = "", number = ""] = month.split("_");
  const start = new Date(Date.UTC(Number(year), Number(number) - 1, 1));
  return { from: firstIdAt(start), to: firstIdAt(monthStart(start, 1)) };
}

/** The first moment of the month `offset` months from `moment`, in UTC. */
export const monthStart = (moment: Date, offset: number): Date =>
  new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + offset, 1));

/** One lock for all processes that start at once. */
const PARTITIONS_LOCK = 7_400_002;

/**
 * Creates the monthly partitions from this month on; those that exist stay as they are. A month whose rows are in the
 * default partition already (nobody prepared it in time) stays there whole: they cannot be moved under way.
 */
export async function ensurePartitions(db: Db, now: Date): Promise<void> {
  if (await arePrepared(db, now)) return;
  await transact(db, "month.prepare", async (tx) => {
    await sql`select pg_advisory_xact_lock(${PARTITIONS_LOCK})`.execute(tx);
    for (let offset = 0; offset <= MONTHS_AHEAD; offset++) {
      const start = monthStart(now, offset);
      const [from, to] = [firstIdAt(start), firstIdAt(monthStart(now, offset + 1))];
      const month = monthOf(start);
      for (const table of partitionedTables) {
        const { rows } = await sql<{ settled: boolean }>`
          select to_regclass(${`${table}_${month}`}) is not null
            or exists (select 1 from ${sql.table(`${table}_default`)} where id >= ${from}::uuid and id < ${to}::uuid) as settled
          `.execute(tx);
        if (rows[0]?.settled) continue;
        await sql
          .raw(`create table ${table}_${month} partition of ${table} for values from ('${from}') to ('${to}')`)
          .execute(tx);
      }
    }
  });
}

/** Nearly every start finds all of them, by one statement. */
async function arePrepared(db: Db, now: Date): Promise<boolean> {
  const months = Array.from({ length: MONTHS_AHEAD + 1 }, (_, offset) => monthOf(monthStart(now, offset)));
  const names = partitionedTables.flatMap((table) => months.map((month) => `${table}_${month}`));
  const { rows } = await sql<{ all: boolean }>`
    select bool_and(to_regclass(name) is not null) as all from unnest(${names}::text[]) as name
    `.execute(db);
  return rows[0]?.all === true;
}

/** The months that have rows or partitions and ended before `moment`, the oldest first. */
export async function monthsBefore(db: Db, moment: Date): Promise<Month[]> {
  const end = monthStart(moment, 0);
  const names = sql.join(partitionedTables.map((table) => sql`${table}`));
  const { rows } = await sql<{ month: string }>`
    select distinct substring(c.relname from '\\d{4}_\\d{2}$') as month from pg_inherits i
    join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where p.relname in (${names}) and p.relnamespace = current_schema()::regnamespace and c.relname ~ '_\\d{4}_\\d{2}$'`.execute(
    db,
  );
  const months = new Set(rows.map((row) => row.month));
  for (const table of partitionedTables) {
    for (const month of await monthsInDefault(db, table, end)) months.add(month);
  }
  return [...months].filter((month) => idsOf(month).to <= firstIdAt(end)).sort();
}

/** Months of rows for which no partition was there in time; they are passed over one by one, by index. */
async function monthsInDefault(db: Db, table: string, end: Date): Promise<Month[]> {
  const months: Month[] = [];
  for (let from = "00000000-0000-0000-0000-000000000000"; ; ) {
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.table(`${table}_default`)} where id >= ${from}::uuid and id < ${firstIdAt(end)}::uuid
      order by id limit 1`.execute(db);
    const id = rows[0]?.id;
    if (id === undefined) return months;
    const month = monthOf(new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)));
    months.push(month);
    from = idsOf(month).to;
  }
}

/** A drop waits this long for readers of the table, while whoever comes after waits behind it; then a later pass tries. */
const DROP_LOCK_TIMEOUT = "2s";

/** Rows of the default partition deleted in one statement. */
const DELETE_BATCH = 5_000;

/**
 * Removes all rows of a month. One transaction for each table: none that holds one of them waits for another. Tasks go
 * before runs and messages, so that what is left of a pass that was cut short is found again by the next.
 */
export async function dropMonth(db: Db, month: Month): Promise<void> {
  const { from, to } = idsOf(month);
  for (const table of ["attempt", "task", "payload", "run", "message"] satisfies (typeof partitionedTables)[number][]) {
    await transact(db, "month.drop", async (tx) => {
      await sql.raw(`set local lock_timeout = '${DROP_LOCK_TIMEOUT}'`).execute(tx);
      await sql`select pg_advisory_xact_lock(${PARTITIONS_LOCK})`.execute(tx);
      await sql.raw(`drop table if exists ${table}_${month}`).execute(tx);
    });
    for (let deleted = true; deleted; ) {
      const { rows } = await sql`
        delete from ${sql.table(`${table}_default`)} where id in (
          select id from ${sql.table(`${table}_default`)} where id >= ${from}::uuid and id < ${to}::uuid limit ${DELETE_BATCH})
        returning 1`.execute(writing(db, "month.empty"));
      deleted = rows.length === DELETE_BATCH;
    }
  }
}
