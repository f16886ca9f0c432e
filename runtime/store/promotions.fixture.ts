import { sql } from "kysely";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import type { KeptReview } from "#schemas/promotion.ts";
import { publishVersion, readDraft } from "./flows.ts";
import { newId } from "./ids.ts";
import { openStore, type Store } from "./store.fixture.ts";

/** A review that found nothing. */
export const emptyReview: KeptReview = {
  checks: [],
  risks: [],
  diff: { environment: "dev", messages: 0, same: 0, differing: 0, unknown: 0, groups: [] },
};

/** What the review of a promotion into dev finds the slots bound to. */
export async function foundSlots({ db, deployment }: Store): Promise<Record<string, string>> {
  const rows = await db.selectFrom("deployment_slot").selectAll().where("deployment_id", "=", deployment.id).execute();
  return Object.fromEntries(rows.map(({ slot, connection_id: connection }) => [slot, connection]));
}

/** Another connection to the system of this one, bound to nothing. */
export async function likeConnection({ db }: Store, of: string, name: string): Promise<string> {
  const id = newId();
  const other = JSON.stringify({ id, name, system_account: name });
  await sql`insert into connection select (jsonb_populate_record(c, ${other})).* from connection c where c.id = ${of}`.execute(
    db,
  );
  return id;
}

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
