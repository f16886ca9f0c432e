import { type RawBuilder, type Selectable, type SqlBool, sql, type Transaction } from "kysely";
import { AUDIT_FORMAT, type AuditHead, type AuditRow, auditHash } from "#schemas/audit.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Db } from "./database.ts";
import { type Origin, originNow } from "./origin.ts";
import { storable } from "./recordset.ts";
import type { Database } from "./tables.ts";

/** Who did what to which subject; `before` and `after` where something was changed, secrets as fingerprints. */
export interface AuditEntry {
  actor: string;
  action: string;
  environment: string | null;
  subject: string;
  detail: Record<string, unknown>;
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
  /** Where it came from, when that was another request than the one that tells of it. */
  origin?: Origin | null;
}

/** One lock for all writers of the chain; held until the caller's transaction ends. */
const CHAIN_LOCK = 7_400_001;

/** Appends to the audit; each entry holds the hash of the one before, so that a change or a gap shows. */
export async function audit(tx: Transaction<Database>, entry: AuditEntry): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`.execute(tx);
  const last = await tx.selectFrom("audit").select("hash").orderBy("seq", "desc").limit(1).executeTakeFirst();
  const { rows } = await sql<{ at: Date }>`select date_trunc('milliseconds', clock_now()) as at`.execute(tx);
  const from = entry.origin === undefined ? originNow() : entry.origin;
  const at = (rows[0] as { at: Date }).at;
  const said = {
    actor: entry.actor,
    action: entry.action,
    environment: entry.environment,
    subject: storable(entry.subject),
    detail: held(entry.detail),
    before: held(entry.before ?? null),
    after: held(entry.after ?? null),
    address: from?.address ?? null,
    agent: from ? storable(from.agent) : null,
    format: AUDIT_FORMAT,
  };
  const previousHash = last?.hash ?? "";
  await tx
    .insertInto("audit")
    .values({
      ...said,
      at,
      detail: canonicalJson(said.detail),
      before: said.before === null ? null : canonicalJson(said.before),
      after: said.after === null ? null : canonicalJson(said.after),
      previous_hash: previousHash,
      hash: auditHash({ ...said, at: at.toISOString(), previousHash }),
    })
    .execute();
}

/** As the database will give it back: what it cannot hold is replaced before the hash is made, not after. */
const held = (value: unknown): unknown =>
  JSON.parse(canonicalJson(value), (_key, inner: unknown) => (typeof inner === "string" ? storable(inner) : inner));

export interface AuditFilter {
  environment?: string;
  actor?: string;
  /** An action, or the part before its dot: `deadLetter`. */
  action?: string;
  subject?: string;
  since?: string;
  until?: string;
  limit: number;
  /** Entries before this number. */
  cursor?: number;
}

/** One page of the audit, the newest first. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<{ items: AuditRow[]; next: string | null }> {
  const rows = await db
    .selectFrom("audit")
    .selectAll()
    .where(fitting(filter))
    .orderBy("seq", "desc")
    .limit(filter.limit + 1)
    .execute();
  const items = rows.slice(0, filter.limit).map(shown);
  return { items, next: rows.length > filter.limit ? String(items.at(-1)?.seq) : null };
}

function fitting(filter: Omit<AuditFilter, "limit">): RawBuilder<SqlBool> {
  const where = [sql<SqlBool>`true`];
  if (filter.environment) where.push(sql`environment = ${filter.environment}`);
  if (filter.actor) where.push(sql`actor = ${filter.actor}`);
  if (filter.action) where.push(sql`(action = ${filter.action} or starts_with(action, ${`${filter.action}.`}))`);
  if (filter.subject) where.push(sql`subject = ${filter.subject}`);
  if (filter.since) where.push(sql`at >= ${filter.since}::timestamptz`);
  if (filter.until) where.push(sql`at < ${filter.until}::timestamptz`);
  if (filter.cursor !== undefined) where.push(sql`seq < ${filter.cursor}`);
  return sql.join<SqlBool>(where, sql` and `);
}

/** Rows of the audit that one read takes; an export of years passes through in pieces of this. */
const PIECE = 500;

/** The whole chain from its beginning, piece by piece. */
export const auditChain = (db: Db): AsyncGenerator<AuditRow[]> => auditEntries(db, {});

/** Entries that fit, the oldest first, piece by piece. */
export async function* auditEntries(db: Db, filter: Omit<AuditFilter, "limit" | "cursor">): AsyncGenerator<AuditRow[]> {
  for (let after = "0"; ; ) {
    const rows = await db
      .selectFrom("audit")
      .selectAll()
      .where(fitting(filter))
      .where("seq", ">", after)
      .orderBy("seq")
      .limit(PIECE)
      .execute();
    if (rows.length > 0) yield rows.map(shown);
    if (rows.length < PIECE) return;
    after = rows.at(-1)?.seq ?? after;
  }
}

export async function auditHead(db: Db): Promise<AuditHead> {
  const last = await db.selectFrom("audit").select(["seq", "at", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst();
  return last ? { seq: Number(last.seq), at: last.at.toISOString(), hash: last.hash } : { seq: 0, at: null, hash: "" };
}

const shown = ({ seq, at, previous_hash, ...row }: Selectable<Database["audit"]>): AuditRow => ({
  ...row,
  seq: Number(seq),
  at: at.toISOString(),
  previousHash: previous_hash,
});
