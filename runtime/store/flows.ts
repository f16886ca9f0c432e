import { type Selectable, sql, type Transaction } from "kysely";
import type { Lock } from "#nodes/plan.ts";
import type { VersionSummary } from "#schemas/api.ts";
import type { FileTexts } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { hashFlow, sha256Hex } from "#schemas/hash.ts";
import { type AuditEntry, audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { copyEditors, draftEditors, takeEditors } from "./draftEditors.ts";
import { sitOn, tellDraft } from "./draftSittings.ts";
import { transact } from "./durable.ts";
import { newId } from "./ids.ts";
import { copySamples } from "./samples.ts";
import type { Database } from "./tables.ts";

/** The editable state of a flow. */
export interface Draft {
  flow: Flow;
  revision: number;
  updatedAt: string;
  updatedBy: string;
}

export type Saved = { ok: true; revision: number } | { ok: false; current: Draft };

/** Whose samples a new flow has. */
export interface SamplesFrom {
  /** The ready flow whose samples it shares. */
  shared: string;
  /** The flow whose kept samples it begins with. */
  copied: string;
}

/** Makes a flow with its first draft, perhaps with the samples of another one; false when the id is taken. */
export async function createFlow(db: Db, flow: Flow, actor: string, samples: SamplesFrom | null = null): Promise<boolean> {
  return transact(db, "flow.create", async (tx) => {
    const { rows } = await sql`
      insert into flow (id, created_at, created_by, samples_of)
      values (${flow.id}, clock_now(), ${actor}, ${samples?.shared ?? null}) on conflict do nothing returning 1`.execute(tx);
    if (rows.length === 0) return false;
    await sql`
      insert into draft (flow_id, revision, body, updated_at, updated_by, editors)
      values (${flow.id}, 1, ${JSON.stringify(flow)}, clock_now(), ${actor}, array[${actor}::text])`.execute(tx);
    if (samples) await copySamples(tx, samples.copied, flow.id, actor);
    if (samples) await copyEditors(tx, samples.copied, flow.id);
    await audit(tx, { ...entry(actor, "flow.created", flow.id, {}), after: { name: flow.name, revision: 1 } });
    return true;
  });
}

/** The flow whose samples this one shares; null for one that shares none. */
export async function samplesShared(db: Db, flowId: string): Promise<string | null> {
  const row = await db.selectFrom("flow").select("samples_of").where("id", "=", flowId).executeTakeFirst();
  return row?.samples_of ?? null;
}

/** The draft of a flow, or undefined when there is no such flow. */
export async function readDraft(db: Db, flowId: string): Promise<Draft | undefined> {
  const row = await db.selectFrom("draft").selectAll().where("flow_id", "=", flowId).executeTakeFirst();
  return row && asDraft(row);
}

const asDraft = (row: Selectable<Database["draft"]>): Draft => ({
  flow: JSON.parse(row.body) as Flow,
  revision: row.revision,
  updatedAt: row.updated_at.toISOString(),
  updatedBy: row.updated_by,
});

/** Saves a draft over the revision the editor had; another editor's newer one is answered, never overwritten. */
export async function saveDraft(db: Db, flowId: string, revision: number, flow: Flow, actor: string): Promise<Saved | undefined> {
  return transact(db, "flow.draft", async (tx): Promise<Saved | undefined> => {
    const { rows } = await sql<Selectable<Database["draft"]> & { now: Date }>`
      select *, clock_now() as now from draft where flow_id = ${flowId} for update`.execute(tx);
    const [draft] = rows;
    if (!draft) return undefined;
    if (draft.revision !== revision) return { ok: false, current: asDraft(draft) };
    const { sitting, from } = await sitOn(tx, draft, actor, draft.now);
    await sql`
      update draft set body = ${JSON.stringify(flow)}, revision = revision + 1, updated_at = clock_now(), updated_by = ${actor},
        sitting = ${JSON.stringify(sitting)}, sitting_from = ${from},
        editors = array_remove(editors, ${actor}::text) || ${actor}::text where flow_id = ${flowId}`.execute(tx);
    return { ok: true, revision: revision + 1 };
  });
}

export type Published = { made: boolean; version: VersionSummary };

/**
 * Makes an immutable version; when there is one of the same flow with the same lock, that one is answered. It is tried on
 * the samples that it was last published with: they are no part of it, so that a sample can be mended.
 */
export async function publishVersion(
  db: Db,
  flow: Flow,
  lock: Lock,
  note: string,
  actor: string,
  samples: FileTexts | null = null,
): Promise<Published> {
  const hash = hashFlow(flow, lock);
  const texts = samples && JSON.stringify(samples);
  return transact(db, "flow.publish", async (tx) => {
    await sql`select 1 from flow where id = ${flow.id} for update`.execute(tx);
    await tellDraft(tx, flow.id);
    const same = await tx
      .selectFrom("version")
      .selectAll()
      .where("flow_id", "=", flow.id)
      .where("hash", "=", hash)
      .executeTakeFirst();
    if (same) {
      if (texts !== null && texts !== same.samples) await renewSamples(tx, same, texts, actor);
      return { made: false, version: summary(same) };
    }
    const before = await tx
      .selectFrom("version")
      .select(["number", "hash"])
      .where("flow_id", "=", flow.id)
      .orderBy("number", "desc")
      .limit(1)
      .executeTakeFirst();
    const { editors, restoredFrom } = await takeEditors(tx, flow, samples);
    const { rows } = await sql<SummaryRow>`
      insert into version (id, flow_id, number, hash, flow, lock, note, samples, samples_published, created_at, created_by,
        authors, restored_from)
      select ${newId()}, ${flow.id}, coalesce(max(number), 0) + 1, ${hash}, ${JSON.stringify(flow)}, ${JSON.stringify(lock)}, ${note},
        ${texts}, ${texts && sha256Hex(texts)}, clock_now(), ${actor}, ${editors}::text[], ${restoredFrom}::int[]
      from version where flow_id = ${flow.id}
      returning *`.execute(tx);
    const version = summary(rows[0] as SummaryRow);
    const change = { before: before ?? null, after: { number: version.number, hash } };
    await audit(tx, { ...entry(actor, "version.published", flow.id, { number: version.number, hash, note }), ...change });
    return { made: true, version };
  });
}

async function renewSamples(tx: Transaction<Database>, version: Selectable<Database["version"]>, texts: string, actor: string) {
  // What it is tried on is their work too, and of who wrote it: they do not approve it.
  const { editors } = await draftEditors(tx, version.flow_id);
  await sql`
    update version set samples = ${texts}, samples_at = clock_now(), samples_by = ${actor},
      authors = authors || ${actor}::text || ${editors}::text[]
    where id = ${version.id}`.execute(tx);
  const { number } = version;
  const sha256 = (text: string | null) => (text === null ? null : { samples: sha256Hex(text) });
  await audit(tx, {
    ...entry(actor, "version.samples", version.flow_id, { number }),
    before: sha256(version.samples),
    after: sha256(texts),
  });
}

/** What is known of a version's samples by their SHA-256. */
export interface SamplesStanding {
  /** As they are; null where it has none of its own. */
  now: string | null;
  /** When and by whom others were put in the place of those it was published with; null where they are the same. */
  exchanged: { at: string; by: string } | null;
}

export async function samplesStanding(db: Db, version: string): Promise<SamplesStanding> {
  const row = await db
    .selectFrom("version")
    .select(["samples", "samples_published", "samples_at", "samples_by"])
    .where("id", "=", version)
    .executeTakeFirstOrThrow();
  const now = row.samples === null ? null : sha256Hex(row.samples);
  const { samples_at: at, samples_by: by } = row;
  return { now, exchanged: at && now !== row.samples_published ? { at: at.toISOString(), by: by ?? "" } : null };
}

export const samplesHash = async (db: Db, version: string): Promise<string | null> => (await samplesStanding(db, version)).now;

/** The texts of the samples that a version was published with, by name; null where none were kept then. */
export async function versionSamples(db: Db, flowId: string, number: number): Promise<FileTexts | null> {
  const row = await db
    .selectFrom("version")
    .select("samples")
    .where("flow_id", "=", flowId)
    .where("number", "=", number)
    .executeTakeFirst();
  return row?.samples ? (JSON.parse(row.samples) as FileTexts) : null;
}

/** The samples that the versions of a flow were published with, by name; a list for each version that has some. */
export async function publishedSamples(db: Db, flowId: string): Promise<FileTexts[]> {
  const rows = await db
    .selectFrom("version")
    .select("samples")
    .where("flow_id", "=", flowId)
    .where("samples", "is not", null)
    .execute();
  return rows.map(({ samples }) => JSON.parse(samples ?? "{}") as FileTexts);
}

/** All versions of a flow, the newest first. */
export async function listVersions(db: Db, flowId: string): Promise<VersionSummary[]> {
  const rows = await db
    .selectFrom("version")
    .select(summaryColumns)
    .where("flow_id", "=", flowId)
    .orderBy("number", "desc")
    .execute();
  return rows.map(summary);
}

/** One version with its flow and lock, by number or the newest. */
export async function readVersion(
  db: Db,
  flowId: string,
  number: number | "latest",
): Promise<(VersionSummary & { id: string; flow: Flow; lock: Lock }) | undefined> {
  let query = db
    .selectFrom("version")
    .select([...summaryColumns, "id", "flow", "lock"])
    .where("flow_id", "=", flowId)
    .orderBy("number", "desc")
    .limit(1);
  if (number !== "latest") query = query.where("number", "=", number);
  const row = await query.executeTakeFirst();
  return row && { ...summary(row), id: row.id, flow: JSON.parse(row.flow) as Flow, lock: JSON.parse(row.lock) as Lock };
}

const summaryColumns = ["number", "hash", "note", "state", "state_at", "state_by", "created_at", "created_by"] as const;
type SummaryRow = Pick<Selectable<Database["version"]>, (typeof summaryColumns)[number]>;

/** What is told of a version in lists. */
export function summary(row: SummaryRow): VersionSummary {
  return {
    number: row.number,
    hash: row.hash,
    note: row.note,
    state: row.state,
    stateAt: row.state_at?.toISOString() ?? null,
    stateBy: row.state_by,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  };
}

const entry = (actor: string, action: string, subject: string, detail: Record<string, unknown>): AuditEntry => ({
  actor,
  action,
  subject,
  environment: null,
  detail,
});
