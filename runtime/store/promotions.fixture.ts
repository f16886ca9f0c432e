import { sql } from "kysely";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import type { KeptReview } from "#schemas/promotion.ts";
import { changeEnvironment } from "./environments.ts";
import { publishVersion, readDraft, readVersion, samplesHash } from "./flows.ts";
import { newId } from "./ids.ts";
import type { PromotionStep } from "./promotionSteps.ts";
import { type NewPromotion, requestPromotion } from "./promotions.ts";
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

/** A store with two more versions of the sandbox's flow, which differ in their names; who published them requests nothing. */
export async function openStoreWithVersions(): Promise<Store> {
  const store = await openStore();
  const { catalog } = await builtCatalog();
  const draft = await readDraft(store.db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  for (const name of ["Two", "Three"])
    await publishVersion(store.db, { ...draft.flow, name }, makeLock(draft.flow, catalog), name, "pia");
  return store;
}

/** A version of the sandbox's flow. */
export async function numbered({ db }: Store, number: number) {
  const version = await readVersion(db, sandboxFlow, number);
  if (!version) throw new Error(`no version ${number}`);
  return version;
}

/** As `runOnly`, and dev asks for the approval of a second person. */
export async function runGuarded(store: Store, number: number): Promise<void> {
  await runOnly(store, number);
  await changeEnvironment(store.db, "dev", { protection: "approval" }, "test");
}

/** Forgets the promotions: dev runs one version, which came directly. */
export async function runOnly(store: Store, number: number): Promise<void> {
  const { db, deployment } = store;
  const version_id = (await numbered(store, number)).id;
  await db.deleteFrom("promotion").execute();
  await db.deleteFrom("deployment_version").execute();
  await db.insertInto("deployment_version").values({ deployment_id: deployment.id, version_id, weight: 100 }).execute();
}

/** Requests the promotion of a version into dev, reviewed against version 1 as dev is now. */
export async function requestOf(store: Store, number: number, more: Partial<NewPromotion> = {}): Promise<PromotionStep> {
  const { id, hash } = await numbered(store, number);
  const baseId = (await numbered(store, 1)).id;
  const wish = { flow: sandboxFlow, environment: "dev", versionId: id, version: number, hash, baseId, slots: {}, note: "Now" };
  const rest = { acknowledged: [], review: emptyReview, activateAt: null, canary: null, operates: true };
  const found = { foundSlots: await foundSlots(store), samples: await samplesHash(store.db, id) };
  return requestPromotion(store.db, { ...wish, ...rest, ...found, ...more }, "ada");
}
