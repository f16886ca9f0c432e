import { type Selectable, sql, type Transaction } from "kysely";
import type { FileTexts } from "#schemas/bundle.ts";
import { sha256Hex } from "#schemas/hash.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { transact } from "./durable.ts";
import type { Database } from "./tables.ts";

/** A sample that is kept with a flow, as its file's text. */
export interface KeptSample {
  body: string;
  /** 1 when it came, one more with each change. */
  revision: number;
  updatedAt: string;
  updatedBy: string;
  /** It is as files said when they were last pushed; false when somebody kept it here since. */
  pushed: boolean;
}

/** The samples that are kept with a flow, by name and in its order. */
export async function keptSamples(db: Db, flow: string): Promise<Record<string, KeptSample>> {
  const rows = await db.selectFrom("flow_sample").selectAll().where("flow_id", "=", flow).orderBy("name").execute();
  return Object.fromEntries(rows.map((row) => [row.name, told(row)]));
}

const told = (row: Selectable<Database["flow_sample"]>): KeptSample => ({
  body: row.body,
  revision: row.revision,
  updatedAt: row.updated_at.toISOString(),
  updatedBy: row.updated_by,
  pushed: row.pushed,
});

/** Of one flow; a sample is a file of it, and no flow needs more of them than people look through. */
export interface SampleLimits {
  samplesPerFlow: number;
}

export type SampleKept =
  | { ok: true; revision: number }
  | { ok: false; why: "missing" | "full" }
  | { ok: false; why: "conflict"; current: KeptSample | undefined };

export interface SampleChange {
  flow: string;
  name: string;
  body: string;
  /** The one the editor had; 0 for a new sample. */
  revision: number;
}

/** Keeps a sample with a flow over the revision that its editor had; another's newer one is answered, never overwritten. */
export async function keepSample(db: Db, change: SampleChange, limits: SampleLimits, actor: string): Promise<SampleKept> {
  const { flow, name, body, revision } = change;
  return transact(db, "flow.samples", async (tx): Promise<SampleKept> => {
    if (!(await holdFlow(tx, flow))) return { ok: false, why: "missing" };
    const samples = await keptSamples(tx, flow);
    const current = samples[name];
    if ((current?.revision ?? 0) !== revision) return { ok: false, why: "conflict", current };
    if (!current && Object.keys(samples).length >= limits.samplesPerFlow) return { ok: false, why: "full" };
    await write(tx, flow, { [name]: body }, false, actor);
    return { ok: true, revision: revision + 1 };
  });
}

/** Samples of files, as they are to be kept with a flow. */
export interface PushedSamples {
  /** All of them, by name. */
  texts: FileTexts;
  /** The revisions that were there when it was looked what they would change; 0 for none. */
  seen: Readonly<Record<string, number>>;
}

export type SamplesPushed = { ok: true } | { ok: false; why: "full" } | { ok: false; why: "conflict"; name: string };

/** Keeps the samples of files with a flow, over those of their names: all of them or none. What somebody kept meanwhile is not overwritten. */
export async function keepSamples(
  db: Db,
  flow: string,
  { texts, seen }: PushedSamples,
  limits: SampleLimits,
  actor: string,
): Promise<SamplesPushed> {
  return transact(db, "flow.samples", async (tx): Promise<SamplesPushed> => {
    await holdFlow(tx, flow);
    const current = await keptSamples(tx, flow);
    const changed = Object.entries(texts).filter(([name, body]) => current[name]?.body !== body);
    const moved = changed.find(([name]) => (current[name]?.revision ?? 0) !== (seen[name] ?? 0));
    if (moved) return { ok: false, why: "conflict", name: moved[0] };
    if (new Set([...Object.keys(current), ...Object.keys(texts)]).size > limits.samplesPerFlow) return { ok: false, why: "full" };
    await write(tx, flow, Object.fromEntries(changed), true, actor);
    const names = Object.keys(texts);
    await sql`update flow_sample set pushed = true where flow_id = ${flow} and name = any(${names}) and not pushed`.execute(tx);
    return { ok: true };
  });
}

/** Takes a sample away; false when none of this name is kept with the flow. */
export async function removeSample(db: Db, flow: string, name: string, actor: string): Promise<boolean> {
  return transact(db, "flow.samples", async (tx) => {
    const { rows } = await sql<{ body: string }>`
      delete from flow_sample where flow_id = ${flow} and name = ${name} returning body`.execute(tx);
    if (!rows[0]) return false;
    await noteEditor(tx, flow, actor);
    await note(tx, { action: "sample.removed", flow, name, before: rows[0].body, actor });
    return true;
  });
}

/** Notes that somebody sends a sample to a flow, before it leaves: what comes of it looks as if a system had sent it. */
export async function tellSent(
  db: Db,
  { environment, flow, sample }: { environment: string; flow: string; sample: string },
  actor: string,
): Promise<void> {
  await transact(db, "flow.samples", (tx) =>
    audit(tx, { actor, action: "sample.sent", environment, subject: flow, detail: { sample } }),
  );
}

/** A copy of a flow begins with what is kept with the other one. */
export async function copySamples(tx: Transaction<Database>, from: string, to: string, actor: string): Promise<void> {
  await sql`
    insert into flow_sample (flow_id, name, body, revision, updated_at, updated_by)
    select ${to}, name, body, 1, clock_now(), ${actor} from flow_sample where flow_id = ${from}`.execute(tx);
}

/** What a flow is tried on is a part of the work on it: who wrote it does not approve the version that is published with it. */
async function noteEditor(tx: Transaction<Database>, flow: string, actor: string): Promise<void> {
  await sql`
    update draft set editors = array_remove(editors, ${actor}::text) || ${actor}::text where flow_id = ${flow}`.execute(tx);
}

/** Two who add a sample to a flow wait for each other, so that its limit holds. */
async function holdFlow(tx: Transaction<Database>, flow: string): Promise<boolean> {
  return (await tx.selectFrom("flow").select("id").where("id", "=", flow).forUpdate().executeTakeFirst()) !== undefined;
}

async function write(tx: Transaction<Database>, flow: string, samples: FileTexts, pushed: boolean, actor: string): Promise<void> {
  if (Object.keys(samples).length > 0) await noteEditor(tx, flow, actor);
  for (const [name, body] of Object.entries(samples)) {
    await sql`
      insert into flow_sample (flow_id, name, body, revision, updated_at, updated_by, pushed)
      values (${flow}, ${name}, ${body}, 1, clock_now(), ${actor}, ${pushed})
      on conflict (flow_id, name) do update set body = excluded.body, revision = flow_sample.revision + 1,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by, pushed = excluded.pushed`.execute(tx);
    await note(tx, { action: "sample.kept", flow, name, after: body, actor });
  }
}

interface Noted {
  action: "sample.kept" | "sample.removed";
  flow: string;
  name: string;
  before?: string;
  after?: string;
  actor: string;
}

/** The audit tells samples by their hash: a message of a customer is not for it to keep. */
async function note(tx: Transaction<Database>, { action, flow, name, before, after, actor }: Noted): Promise<void> {
  const hash = (body: string | undefined) => (body === undefined ? null : { sha256: sha256Hex(body) });
  const detail = { sample: name };
  await audit(tx, { actor, action, environment: null, subject: flow, detail, before: hash(before), after: hash(after) });
}
