import { type RawBuilder, sql, type Transaction } from "kysely";
import type { Db } from "./database.ts";
import { newId } from "./ids.ts";
import { recordset } from "./recordset.ts";
import type { Database } from "./tables.ts";

/**
 * A text with more bytes stands in the payload table, and the row it belongs to names it. Orders are 2 to 20 kB, so
 * nearly all stand inline and cost no second read; what is larger would make every copy of its row, and each page of
 * the hot tables read for claiming, heavy.
 */
export const INLINE_BYTES = 65_536;

/** Whether a text stands apart from its row. Counts bytes only where characters alone do not tell. */
export const standsApart = (text: string): boolean =>
  text.length > INLINE_BYTES || (text.length > INLINE_BYTES / 3 && Buffer.byteLength(text) > INLINE_BYTES);

/** Puts large texts into the payload table. Answers the payload's id by the owner's; small texts have none. */
export async function insertPayloads(
  tx: Transaction<Database>,
  texts: readonly { owner: string; text: string }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = texts
    .filter(({ text }) => standsApart(text))
    .map(({ owner, text }) => ({ owner, id: newId(), body: text, bytes: Buffer.byteLength(text) }));
  if (rows.length === 0) return new Map();
  await sql`
    insert into payload (id, body, bytes, created_at) select id, body, bytes, clock_now()
    from json_to_recordset(${recordset(rows)}::json) as g(id uuid, body text, bytes int)`.execute(tx);
  return new Map(rows.map(({ owner, id }) => [owner, id]));
}

/** Large results of ended tasks go to the payload table. */
export async function keepResultsApart(
  tx: Transaction<Database>,
  results: { task: string; text: string | null }[],
): Promise<void> {
  const payloads = await insertPayloads(
    tx,
    results.flatMap(({ task, text }) => (text === null ? [] : [{ owner: task, text }])),
  );
  if (payloads.size === 0) return;
  await sql`
    update task set result = null, result_payload_id = g.payload
    from unnest(${[...payloads.keys()]}::uuid[], ${[...payloads.values()]}::uuid[]) as g(task, payload)
    where task.id = g.task`.execute(tx);
}

/**
 * The text of a column, wherever it stands. `row` is an alias, `column` and `payload` columns of it; for statements
 * that read a few rows. Null once it was purged.
 */
export const wholeText = (row: string, column: string, payload: string): RawBuilder<string | null> =>
  sql`(case when ${sql.ref(`${row}.${payload}`)} is null then ${sql.ref(`${row}.${column}`)}
    else (select p.body from payload p where p.id = ${sql.ref(`${row}.${payload}`)}) end)`;

/** Fills in the inputs that stand apart: in one further read, and only where there are any. */
export async function withPayloads<Row extends { input: string | null; payloadId: string | null }>(
  db: Db,
  rows: readonly Row[],
): Promise<Omit<Row, "payloadId">[]> {
  const ids = rows.flatMap(({ payloadId }) => payloadId ?? []);
  const found =
    ids.length === 0
      ? []
      : (await sql<{ id: string; body: string | null }>`select id, body from payload where id = any(${ids}::uuid[])`.execute(db))
          .rows;
  const bodies = new Map(found.map(({ id, body }) => [id, body]));
  return rows.map(({ payloadId, ...row }) => (payloadId === null ? row : { ...row, input: bodies.get(payloadId) ?? null }));
}
