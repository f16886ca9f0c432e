import { sql, type Transaction } from "kysely";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { sha256 } from "./ids.ts";
import { storable } from "./recordset.ts";
import type { Database } from "./tables.ts";

/** Who did what to which subject. */
export interface AuditEntry {
  actor: string;
  action: string;
  environment: string | null;
  subject: string;
  detail: Record<string, unknown>;
}

/** One lock for all writers of the chain; held until the caller's transaction ends. */
const CHAIN_LOCK = 7_400_001;

/** Appends to the audit; each entry holds the hash of the one before, so that a change or a gap shows. */
export async function audit(tx: Transaction<Database>, entry: AuditEntry): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`.execute(tx);
  const last = await tx.selectFrom("audit").select("hash").orderBy("seq", "desc").limit(1).executeTakeFirst();
  const previous = last?.hash ?? "";
  const detail = storable(canonicalJson(entry.detail));
  const { rows } = await sql<{ at: Date }>`select date_trunc('milliseconds', clock_now()) as at`.execute(tx);
  const at = (rows[0] as { at: Date }).at;
  const hash = sha256(
    [previous, at.toISOString(), entry.actor, entry.action, entry.environment ?? "", entry.subject, detail].join("\n"),
  );
  await tx
    .insertInto("audit")
    .values({
      at,
      actor: entry.actor,
      action: entry.action,
      environment: entry.environment,
      subject: entry.subject,
      detail,
      previous_hash: previous,
      hash,
    })
    .execute();
}
