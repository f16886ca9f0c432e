import { sql, type Transaction } from "kysely";
import type { FileTexts } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { flowHash } from "./draftChanges.ts";
import { keptSamples } from "./samples.ts";
import type { Database } from "./tables.ts";

type Tx = Transaction<Database>;

/** Notes that what the draft is made of is a version's work. */
export async function noteRestored(tx: Tx, flow: string, version: number): Promise<void> {
  await sql`
    update draft set restored_from = array_remove(restored_from, ${version}::int) || ${version}::int
    where flow_id = ${flow}`.execute(tx);
}

/** A copy is the work of everybody who made what was copied. */
export async function copyEditors(tx: Tx, from: string, to: string): Promise<void> {
  await sql`
    update draft set editors = array(
      select unnest(editors)
      union select unnest(other.editors) from draft other where other.flow_id = ${from}
      union select unnest(v.authors || v.created_by) from version v where v.flow_id = ${from})
    where flow_id = ${to}`.execute(tx);
}

export interface DraftEditors {
  editors: string[];
  /** Versions that it was restored from. */
  restoredFrom: number[];
}

/** Whose work a draft is with its samples, since the last version was made of it. */
export async function draftEditors(tx: Tx, flow: string): Promise<DraftEditors & { body: string | null }> {
  const draft = await tx
    .selectFrom("draft")
    .select(["body", "editors", "restored_from as restoredFrom"])
    .where("flow_id", "=", flow)
    .executeTakeFirst();
  return draft ?? { editors: [], restoredFrom: [], body: null };
}

/** The same, for what is published of it. They begin anew, but for what was saved or kept since that was read. */
export async function takeEditors(tx: Tx, flow: Flow, samples: FileTexts | null): Promise<DraftEditors> {
  const { body, ...taken } = await draftEditors(tx, flow.id);
  const isWhole = body !== null && flowHash(JSON.parse(body) as Flow) === flowHash(flow);
  const kept = samples && Object.entries(await keptSamples(tx, flow.id));
  if (isWhole && (kept === null || kept.every(([name, { body }]) => samples?.[name] === body)))
    await sql`update draft set editors = '{}', restored_from = '{}' where flow_id = ${flow.id}`.execute(tx);
  return taken;
}
