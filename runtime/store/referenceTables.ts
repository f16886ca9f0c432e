import { sql, type Transaction } from "kysely";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import {
  type Cell,
  MOST_TABLES,
  type TableChanges,
  type TableColumn,
  type TableContent,
  type TableRow,
  type TableSummary,
} from "#schemas/referenceTable.ts";
import { rowsByKey, tableChanges, tableHash } from "#schemas/tableRows.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import { lockEnvironment } from "./environments.ts";
import { recordset } from "./recordset.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** A table as it stands, or stood: `revision` is the one that made it so. */
export interface KeptTable extends TableContent {
  name: string;
  revision: number;
  hash: string;
}

interface Row {
  name: string;
  title: string;
  columns: TableColumn[];
  key: string[];
  rows: number;
  revision: number;
  hash: string;
  changedAt: Date;
  changedBy: string;
}

const columns = sql`
  name, title, columns, key, row_count as rows, from_revision as revision, hash, changed_at as "changedAt",
  changed_by as "changedBy"`;

/** The tables of an environment without their rows, and without what flows use them. */
export async function listTables(db: Db, environment: string): Promise<Omit<TableSummary, "flows">[]> {
  const { rows } = await sql<Row>`
    select ${columns} from reference_table where environment = ${environment} and to_revision is null order by name`.execute(db);
  return rows.map(({ changedAt, ...row }) => ({ ...row, changedAt: changedAt.toISOString() }));
}

/** A table with its rows: as it stands, or as it stood at a revision of its environment. */
export async function readTable(db: Db, environment: string, name: string, at?: number): Promise<KeptTable | undefined> {
  const then = at ?? STANDING;
  const stood = sql`from_revision <= ${then} and (to_revision is null or to_revision > ${then})`;
  const { rows } = await sql<Row>`
    select ${columns} from reference_table where environment = ${environment} and name = ${name} and ${stood}`.execute(db);
  const [found] = rows;
  if (!found) return undefined;
  const { rows: cells } = await sql<{ cells: string }>`
    select cells from reference_row where environment = ${environment} and table_name = ${name} and ${stood}
    order by key collate "C"`.execute(db);
  const { title, key, revision, hash } = found;
  const content = cells.map((row) => JSON.parse(row.cells) as TableRow);
  return { name, title, columns: found.columns, key, rows: content, revision, hash };
}

/** Later than every revision: what stands now. */
const STANDING = 2_147_483_647;

/** The revision that the tables of an environment are at. */
export async function tableRevision(db: Db, environment: string): Promise<number> {
  const row = await db.selectFrom("environment").select("table_revision").where("id", "=", environment).executeTakeFirst();
  return row?.table_revision ?? 0;
}

/** By name: the revision that made a table what it was at a revision of its environment. */
export async function tableRevisionAt(
  db: Db,
  environment: string,
  names: readonly string[],
  at: number,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; revision: number }>`
    select name, from_revision as revision from reference_table
    where environment = ${environment} and name = any(${names}::text[]) and from_revision <= ${at}
      and (to_revision is null or to_revision > ${at})`.execute(db);
  return new Map(rows.map(({ name, revision }) => [name, revision]));
}

export type TableWritten<Refusal> =
  | { ok: true; revision: number | null; changes: TableChanges }
  /** Somebody changed it since the revision that the change was made on. */
  | { ok: false; why: "stale"; revision: number | null }
  | { ok: false; why: "missing" | "tooMany" }
  | { ok: false; why: "refused"; refusal: Refusal };

/** What a table is to become: undefined where it goes. */
export type NewContent<Refusal> = { ok: true; content: TableContent | undefined } | { ok: false; refusal: Refusal };

export interface TableWrite<Refusal> {
  environment: string;
  name: string;
  /** The revision that the change was made on; null for a table that is new; undefined for any. */
  revision: number | null | undefined;
  /** Made of what stands; called with the environment's tables locked, within the transaction that locks them. */
  become(standing: KeptTable | undefined, tx: Tx): NewContent<Refusal> | Promise<NewContent<Refusal>>;
}

/**
 * Makes, changes or removes a table, in one step with its place in the audit. What says nothing new makes no revision. One
 * write at a time in an environment: each has a revision of its own.
 */
export async function writeTable<Refusal>(db: Db, write: TableWrite<Refusal>, actor: string): Promise<TableWritten<Refusal>> {
  const { environment, name } = write;
  return transact(db, "table.put", async (tx): Promise<TableWritten<Refusal>> => {
    await lockEnvironment(tx, environment);
    const standing = await readTable(tx, environment, name);
    const at = standing?.revision ?? null;
    if (write.revision !== undefined && write.revision !== at) return { ok: false, why: "stale", revision: at };
    const made = await write.become(standing, tx);
    if (!made.ok) return { ok: false, why: "refused", refusal: made.refusal };
    const { content } = made;
    const changes = tableChanges(standing, content);
    if (!content && !standing) return { ok: false, why: "missing" };
    if (!standing && (await isFull(tx, environment))) return { ok: false, why: "tooMany" };
    if (standing && content && isSame(standing, content)) return { ok: true, revision: at, changes };
    const revision = await nextRevision(tx, environment);
    await endTable(tx, environment, name, revision);
    if (content) await beginTable(tx, { environment, name, revision, actor }, content);
    await writeRows(tx, { environment, name, revision }, standing, content);
    const action = !standing ? "table.made" : content ? "table.changed" : "table.removed";
    const told = { revision, added: changes.added, changed: changes.changed, removed: changes.removed, rows: changes.examples };
    await audit(tx, { actor, action, environment, subject: name, detail: told, before: form(standing), after: form(content) });
    return { ok: true, revision: content ? revision : null, changes };
  });
}

const isSame = (a: TableContent, b: TableContent): boolean =>
  a.title === b.title && canonicalJson(a.columns) === canonicalJson(b.columns) && tableHash(a) === tableHash(b);

/** What the audit tells of a table: its form, and of how many rows; the rows that changed stand beside it. */
const form = (content: TableContent | undefined) =>
  content
    ? { title: content.title, columns: content.columns, key: content.key, rows: content.rows.length, hash: tableHash(content) }
    : null;

async function isFull(tx: Tx, environment: string): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from reference_table where environment = ${environment} and to_revision is null`.execute(tx);
  return (rows[0]?.count ?? 0) >= MOST_TABLES;
}

async function nextRevision(tx: Tx, environment: string): Promise<number> {
  const { rows } = await sql<{ revision: number }>`
    update environment set table_revision = table_revision + 1 where id = ${environment}
    returning table_revision as revision`.execute(tx);
  return (rows[0] as { revision: number }).revision;
}

async function endTable(tx: Tx, environment: string, name: string, revision: number): Promise<void> {
  await sql`
    update reference_table set to_revision = ${revision}, ended_at = clock_now()
    where environment = ${environment} and name = ${name} and to_revision is null`.execute(tx);
}

interface Place {
  environment: string;
  name: string;
  revision: number;
}

async function beginTable(tx: Tx, { environment, name, revision, actor }: Place & { actor: string }, content: TableContent) {
  await sql`
    insert into reference_table (environment, name, from_revision, title, columns, key, row_count, hash, changed_at, changed_by)
    values (${environment}, ${name}, ${revision}, ${content.title}, ${JSON.stringify(content.columns)}::jsonb,
      ${content.key}, ${content.rows.length}, ${tableHash(content)}, clock_now(), ${actor})`.execute(tx);
}

const cellsByKey = (content: TableContent | undefined): Map<string, string> =>
  new Map([...rowsByKey(content)].map(([key, row]) => [key, canonicalJson(row as Record<string, Cell>)]));

/** Only what changes is written: a table of thousands of rows of which one differs costs one. */
async function writeRows(tx: Tx, { environment, name, revision }: Place, before?: TableContent, after?: TableContent) {
  const [old, now] = [cellsByKey(before), cellsByKey(after)];
  const gone = [...old].filter(([key, cells]) => now.get(key) !== cells).map(([key]) => key);
  const come = [...now].filter(([key, cells]) => old.get(key) !== cells).map(([key, cells]) => ({ key, cells }));
  if (gone.length > 0)
    await sql`
      update reference_row set to_revision = ${revision}, ended_at = clock_now()
      where environment = ${environment} and table_name = ${name} and to_revision is null and key = any(${gone}::text[])`.execute(
      tx,
    );
  if (come.length > 0)
    await sql`
      insert into reference_row (environment, table_name, key, from_revision, cells)
      select ${environment}, ${name}, key, ${revision}::int, cells
      from json_to_recordset(${recordset(come)}::json) as g(key text, cells text)`.execute(tx);
}
