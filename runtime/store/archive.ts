import { sql, type Transaction } from "kysely";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { tellDraft } from "./draftSittings.ts";
import { transact } from "./durable.ts";
import type { NamedEnvironment } from "./environments.ts";
import type { Database } from "./tables.ts";

/** What is archived is deployed nowhere; whoever tries is told so. */
export class FlowArchived extends Error {
  override name = "FlowArchived";
  readonly flow: string;
  constructor(flow: string) {
    super(`The flow ${flow} is archived.`);
    this.flow = flow;
  }
}

export type ArchiveSet =
  | { ok: true; archivedAt: string | null }
  | { ok: false; why: "missing" }
  /** The environments that run it, or to which a promotion of it is open. */
  | { ok: false; why: "deployed" | "promoted"; environments: NamedEnvironment[] };

/** Puts a flow away, or brings it back. One that runs anywhere, or is on its way into an environment, cannot be put away. */
export async function setArchived(db: Db, flowId: string, archived: boolean, actor: string): Promise<ArchiveSet> {
  return transact(db, "flow.archive", async (tx): Promise<ArchiveSet> => {
    const row = await tx.selectFrom("flow").select("archived_at").where("id", "=", flowId).forUpdate().executeTakeFirst();
    if (!row) return { ok: false, why: "missing" };
    if ((row.archived_at !== null) === archived) return { ok: true, archivedAt: row.archived_at?.toISOString() ?? null };
    const held = archived ? await holding(tx, flowId) : undefined;
    if (held) return { ok: false, ...held };
    const { rows } = await sql<{ archived_at: Date | null }>`
      update flow set archived_at = ${archived ? sql`clock_now()` : null} where id = ${flowId} returning archived_at`.execute(tx);
    await tellDraft(tx, flowId);
    const change = { before: { archived: !archived }, after: { archived } };
    const action = archived ? "flow.archived" : "flow.restored";
    await audit(tx, { actor, action, environment: null, subject: flowId, detail: {}, ...change });
    return { ok: true, archivedAt: rows[0]?.archived_at?.toISOString() ?? null };
  });
}

async function holding(tx: Transaction<Database>, flowId: string) {
  const { rows: running } = await sql<NamedEnvironment>`
    select e.id, e.title from deployment d join environment e on e.id = d.environment
    where d.flow_id = ${flowId} and exists (select 1 from deployment_version v where v.deployment_id = d.id)
    order by e.position`.execute(tx);
  if (running.length > 0) return { why: "deployed" as const, environments: running };
  const { rows: open } = await sql<NamedEnvironment>`
    select e.id, e.title from promotion p join environment e on e.id = p.environment
    where p.flow_id = ${flowId} and p.state in ('requested', 'approved') order by e.position`.execute(tx);
  return open.length > 0 ? { why: "promoted" as const, environments: open } : undefined;
}

export async function archivedAt(db: Db, flowId: string): Promise<string | null> {
  const row = await db.selectFrom("flow").select("archived_at").where("id", "=", flowId).executeTakeFirst();
  return row?.archived_at?.toISOString() ?? null;
}

/** Holds the flow as it is until the transaction ends; throws where it is archived. */
export async function requireInUse(tx: Transaction<Database>, flowId: string): Promise<void> {
  const row = await tx.selectFrom("flow").select("archived_at").where("id", "=", flowId).forShare().executeTakeFirst();
  if (row?.archived_at) throw new FlowArchived(flowId);
}
