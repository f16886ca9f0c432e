import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import type { KeptReview } from "#schemas/promotion.ts";
import { publishVersion, readDraft } from "./flows.ts";
import { openStore, type Store } from "./store.fixture.ts";

/** A review that found nothing. */
export const emptyReview: KeptReview = {
  checks: [],
  risks: [],
  diff: { environment: "dev", messages: 0, same: 0, differing: 0, unknown: 0, groups: [] },
};

/** A store with two more versions of the sandbox's flow, which differ in their names. */
export async function openStoreWithVersions(): Promise<Store> {
  const store = await openStore();
  const { catalog } = await builtCatalog();
  const draft = await readDraft(store.db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  for (const name of ["Two", "Three"])
    await publishVersion(store.db, { ...draft.flow, name }, makeLock(draft.flow, catalog), name, "ada");
  return store;
}
