import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import type { FileTexts } from "#schemas/bundle.ts";
import { keepToken } from "./apiTokens.ts";
import { listAudit } from "./audit.ts";
import { listDeployments } from "./deployments.ts";
import { changeEnvironment } from "./environments.ts";
import { createFlow, publishVersion, readDraft, saveDraft } from "./flows.ts";
import { changePerson, listPeople, makeFirstAdmin, makePerson } from "./people.ts";
import { lineageOf } from "./promotionAuthors.ts";
import { numbered, openStoreWithVersions, requestOf, runOnly } from "./promotions.fixture.ts";
import { approvePromotion, withdrawPromotion } from "./promotions.ts";
import { keepSample, removeSample } from "./samples.ts";
import type { Store } from "./store.fixture.ts";
import { restoreVersion } from "./versions.ts";

/** Whose work a promotion brings, none of whom approves it. */

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
  await changeEnvironment(store.db, "dev", { protection: "approval" }, "test");
});
afterAll(() => store.close());
beforeEach(() => runOnly(store, 1));

const running = async () => (await listDeployments(store.db, sandboxFlow))[0]?.versions.map(({ number }) => number);
const by = (actor: string, hash: string) => ({ actor, person: true, signIn: true, hash });

async function requested(number: number, base = 1) {
  const step = await requestOf(store, number, { baseId: (await numbered(store, base)).id });
  if (!step.ok) throw new Error(step.why);
  return step.promotion;
}

/** True where the approval counts, else why it does not; then it is as if nobody had asked. */
async function decided(number: number, actor: string, base = 1): Promise<boolean | string> {
  const { id, hash } = await requested(number, base);
  const step = await approvePromotion(store.db, id, by(actor, hash));
  if (!step.ok) await withdrawPromotion(store.db, id, "Over", "ada");
  return step.ok || step.why;
}

/** A version of the draft as these saved it one after another. */
async function publish(
  name: string,
  editors: readonly string[],
  publisher = "paul",
  samples: FileTexts | null = null,
): Promise<number> {
  const { db } = store;
  const { flow, lock } = await numbered(store, 1);
  for (const editor of editors) {
    const draft = await readDraft(db, sandboxFlow);
    await saveDraft(db, sandboxFlow, draft?.revision ?? 0, { ...flow, name: `${name} ${editor}` }, editor);
  }
  const draft = await readDraft(db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  return (await publishVersion(db, draft.flow, lock, "", publisher, samples)).version.number;
}

it("the authors are who saved its draft, and who made the token that did, under every account of theirs", async () => {
  const { db } = store;
  await keepToken(db, "olt_of_tom", { name: "ci", role: "analyst", environments: null, days: 1 }, "tom");
  const first = await publish("First", ["dora", "token:ci"]);
  expect([await decided(first, "dora"), await decided(first, "tom"), await decided(first, "paul")]).toEqual([
    "own",
    "own",
    "own",
  ]);
  // Another account is no other person, neither of who drew nor of who made the token that did.
  await makeFirstAdmin(db, { name: "dora", title: "Dora", password: null }, "test");
  for (const name of ["dora.mail", "tom", "tom.mail"])
    await makePerson(db, { name, title: name, password: null, grants: [] }, "test");
  const second = await publish("Second", ["dora", "token:ci"]);
  for (const { id, name } of await listPeople(db))
    if (name.endsWith(".mail")) await changePerson(db, id, { sameAs: name.replace(".mail", "") }, "test");
  expect([await decided(second, "dora.mail"), await decided(second, "tom.mail")]).toEqual(["own", "own"]);
});

it("the authors are those of every version since the one that runs: what another only renamed is still of who changed it", async () => {
  const changed = await publish("Elsewhere", ["mallory"], "mallory");
  const renamed = await publish("Renamed", ["carol"], "carol");
  expect([await decided(renamed, "carol"), await decided(renamed, "mallory"), await running()]).toEqual(["own", "own", [1]]);
  // What runs already was another's to approve.
  await runOnly(store, changed);
  expect(await decided(renamed, "mallory", changed)).toBe(true);
});

it("the authors of a version older than what runs are those since the one before it that ran there", async () => {
  const changed = await publish("Changed", ["mallory"], "mallory");
  const renamed = await publish("Named", ["carol"], "carol");
  const mended = await publish("Mended", ["dave"], "dave");
  await runOnly(store, mended);
  expect(await decided(renamed, "mallory", mended)).toBe("own");
  await runOnly(store, 1);
  expect(await decided(changed, "bob")).toBe(true);
  expect(await decided(mended, "bob", changed)).toBe(true);
  expect([await decided(renamed, "carol", mended), await decided(renamed, "mallory", mended)]).toEqual(["own", true]);
});

it("what a draft was restored from is still of who made that, also where another changed and published it", async () => {
  const { db } = store;
  const drawn = await publish("Drawn", ["mallory"], "mallory");
  const without = await publish("Without", ["carol"], "carol");
  await runOnly(store, without);
  const { revision = 0 } = (await readDraft(db, sandboxFlow)) ?? {};
  expect(await restoreVersion(db, sandboxFlow, drawn, revision, "carol")).toMatchObject({ ok: true });
  // Published as it is it is that version again; the draft stays one that began with it.
  const { flow, lock } = await numbered(store, drawn);
  expect(await publishVersion(db, flow, lock, "", "carol")).toMatchObject({ made: false, version: { number: drawn } });
  const again = await publish("Again", ["carol"], "carol");
  const later = await publish("Later", ["dave"], "dave");
  for (const number of [again, later]) expect(await decided(number, "mallory", without)).toBe("own");
  await runOnly(store, again);
  expect(await decided(later, "mallory", again)).toBe(true);
});

it("who wrote or took away a sample is an author of the version published next; one kept since waits for the one after", async () => {
  const { db } = store;
  const keep = (name: string, body: string, actor: string) =>
    keepSample(db, { flow: sandboxFlow, name, body, revision: 0 }, { samplesPerFlow: 9 }, actor);
  await keep("gift", "1", "sam");
  await keep("refund", "1", "sue");
  expect(await removeSample(db, sandboxFlow, "refund", "rob")).toBe(true);
  const tried = await publish("Tried", ["carol"], "carol", { gift: "1" });
  for (const actor of ["sam", "sue", "rob"]) expect(await decided(tried, actor)).toBe("own");
  await runOnly(store, tried);
  await keep("late", "1", "lea");
  // Read before the last one was kept.
  await publish("Read before", ["carol"], "carol", { gift: "1" });
  const next = await publish("Next", ["carol"], "carol", { gift: "1", late: "1" });
  await runOnly(store, next - 1);
  expect([await decided(next, "lea", next - 1), await decided(next, "sam", next - 1)]).toEqual(["own", true]);
});

it("a copy is the work of who made what was copied", async () => {
  const { db } = store;
  await publish("Original", ["mallory"], "paul");
  const draft = await readDraft(db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  const copy = { ...draft.flow, id: "copied" };
  expect(await createFlow(db, copy, "carol", { shared: sandboxFlow, copied: sandboxFlow })).toBe(true);
  await publishVersion(db, copy, (await numbered(store, 1)).lock, "", "carol");
  const { versions } = await lineageOf(db, "copied");
  expect(versions[0]?.authors).toEqual(expect.arrayContaining(["carol", "mallory", "paul"]));
});

it("authors that do not say who they were are told to whoever approves, and kept with the approval", async () => {
  const { db } = store;
  await publish("Pushed", ["local"], "token");
  const last = await publish("Looked at", ["carol"], "carol");
  const { id, hash, unnamed } = await requested(last);
  expect(unnamed).toEqual(["local", "token"]);
  expect(await approvePromotion(db, id, by("bob", hash))).toMatchObject({ ok: true, promotion: { state: "active", unnamed } });
  const { items } = await listAudit(db, { action: "promotion.approved", limit: 1 });
  expect(items[0]?.detail).toMatchObject({ promotion: id, alone: false, unnamed: ["local", "token"] });
  await runOnly(store, last);
  expect(await requested(await publish("Named all", ["carol"], "carol"), last)).toMatchObject({ unnamed: [] });
});
