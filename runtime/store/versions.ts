import { sql } from "kysely";
import type { VersionState, VersionSummary } from "#schemas/api.ts";
import { audit } from "./audit.ts";
import type { Db } from "./database.ts";
import { noteRestored } from "./draftEditors.ts";
import { tellDraft } from "./draftSittings.ts";
import { transact } from "./durable.ts";
import type { NamedEnvironment } from "./environments.ts";
import { readVersion, type Saved, saveDraft, summary } from "./flows.ts";

export type StateSet =
  | { ok: true; version: VersionSummary }
  | { ok: false; why: "missing" }
  /** It cannot be retired while environments run it, are about to, or may go back to it in one click. */
  | { ok: false; why: "deployed" | "promised"; environments: NamedEnvironment[] };

/** Says whether a version is to be used further; what it holds never changes. One that runs somewhere cannot be retired. */
export async function setVersionState(
  db: Db,
  flowId: string,
  number: number,
  state: VersionState,
  actor: string,
): Promise<StateSet> {
  return transact(db, "version.state", async (tx): Promise<StateSet> => {
    const row = await tx
      .selectFrom("version")
      .selectAll()
      .where("flow_id", "=", flowId)
      .where("number", "=", number)
      .forUpdate()
      .executeTakeFirst();
    if (!row) return { ok: false, why: "missing" };
    if (row.state === state) return { ok: true, version: summary(row) };
    const { rows: running } = await sql<NamedEnvironment>`
      select e.id, e.title from deployment_version dv join deployment d on d.id = dv.deployment_id join environment e on e.id = d.environment
      where dv.version_id = ${row.id} order by e.position`.execute(tx);
    if (state === "retired" && running.length > 0) return { ok: false, why: "deployed", environments: running };
    const { rows: promised } = await sql<NamedEnvironment>`
      select distinct e.id, e.title, e.position from promotion p join environment e on e.id = p.environment
      where p.version_id = ${row.id} and p.state in ('requested', 'approved') or p.base_id = ${row.id} and p.state in ('active', 'canary')
      order by e.position`.execute(tx);
    if (state === "retired" && promised.length > 0)
      return { ok: false, why: "promised", environments: promised.map(({ id, title }) => ({ id, title })) };
    const { rows } = await sql<typeof row>`
      update version set state = ${state}, state_at = clock_now(), state_by = ${actor} where id = ${row.id} returning *`.execute(
      tx,
    );
    const change = { before: { state: row.state }, after: { state } };
    await audit(tx, { actor, action: "version.stateSet", environment: null, subject: flowId, detail: { number }, ...change });
    return { ok: true, version: summary(rows[0] ?? row) };
  });
}

/** Makes the draft what a version is, over the revision named; undefined when there is no such version. */
export async function restoreVersion(
  db: Db,
  flowId: string,
  number: number,
  revision: number,
  actor: string,
): Promise<Saved | undefined> {
  const version = await readVersion(db, flowId, number);
  if (!version) return undefined;
  return transact(db, "flow.draft", async (tx) => {
    const saved = await saveDraft(tx, flowId, revision, version.flow, actor);
    if (!saved?.ok) return saved;
    await noteRestored(tx, flowId, number);
    await tellDraft(tx, flowId);
    const change = { before: { revision }, after: { revision: saved.revision, version: number } };
    await audit(tx, { actor, action: "version.restored", environment: null, subject: flowId, detail: { number }, ...change });
    return saved;
  });
}
