import { bundleOf, FilesDiffer, type LockedFlow } from "#nodes/bundle/bundleOf.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import type { Db } from "#runtime/store/database.ts";
import { listDeployments } from "#runtime/store/deployments.ts";
import { readDraft, readVersion } from "#runtime/store/flows.ts";
import type { Bundle, FileTexts } from "#schemas/bundle.ts";
import { ApiFailure } from "../errors.ts";
import { sampleTexts } from "../samples.ts";

export interface ExportWish {
  /** All flows without it. */
  flows: string[] | null;
  /** Newest versions, drafts, or what an environment runs. */
  of: "versions" | "drafts" | { environment: string };
}

/** Flows as files. A flow that was named has to be there; of all flows those that have no version, or do not run there, are left out. */
export async function exportBundle(db: Db, catalog: Catalog, { flows, of }: ExportWish): Promise<Bundle> {
  const known = (await db.selectFrom("flow").select("id").where("archived_at", "is", null).orderBy("id").execute()).map(
    ({ id }) => id,
  );
  const found = await Promise.all((flows ?? known).map((flow) => locked(db, catalog, flow, of)));
  const missing = (flows ?? []).filter((_flow, index) => !found[index]);
  if (missing.length > 0) throw new ApiFailure("notFound", { what: `${whatOf(of)} of flow ${missing.join(", ")}` });
  const exported = found.filter((each) => each !== undefined);
  const samples: Record<string, FileTexts> = {};
  for (const { flow, number } of exported) samples[flow.id] = await sampleTexts(db, flow.id, number);
  try {
    return bundleOf(exported, samples);
  } catch (error) {
    if (error instanceof FilesDiffer) throw new ApiFailure("exportDiffers", { detail: error.message });
    throw error;
  }
}

const whatOf = (of: ExportWish["of"]): string =>
  typeof of === "object" ? `a version in ${of.environment}` : of === "drafts" ? "a usable draft" : "a version";

/** A version with its number, or a draft without one. */
type Exported = LockedFlow & { number?: number };

async function locked(db: Db, catalog: Catalog, flow: string, of: ExportWish["of"]): Promise<Exported | undefined> {
  if (of === "versions") return readVersion(db, flow, "latest");
  if (of === "drafts") return lockedDraft(db, catalog, flow);
  const deployment = (await listDeployments(db, flow)).find(({ environment }) => environment === of.environment);
  // Of a canary what takes most of the messages.
  const [most] = [...(deployment?.versions ?? [])].sort((a, b) => b.weight - a.weight || a.number - b.number);
  return most && readVersion(db, flow, most.number);
}

async function lockedDraft(db: Db, catalog: Catalog, flow: string): Promise<LockedFlow | undefined> {
  const draft = await readDraft(db, flow);
  if (!draft) return undefined;
  try {
    return { flow: draft.flow, lock: makeLock(draft.flow, catalog) };
  } catch {
    // It uses what does not exist here: no file could say with what it is made.
    return undefined;
  }
}
