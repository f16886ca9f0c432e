import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { keepToken, revokeToken } from "./apiTokens.ts";
import { changeEnvironment } from "./environments.ts";
import { publishVersion } from "./flows.ts";
import { newId } from "./ids.ts";
import { type ChangeOfPerson, changePerson, listPeople, makeFirstAdmin, makePerson } from "./people.ts";
import { activateDuePromotion } from "./promotionActivation.ts";
import { listPromotions } from "./promotionList.ts";
import { numbered, openStoreWithVersions, requestOf, runGuarded, runOnly } from "./promotions.fixture.ts";
import { approvePromotion, type NewPromotion, rollBackPromotion } from "./promotions.ts";
import { listFlows } from "./status.ts";
import { lockWaits, type Store } from "./store.fixture.ts";

/** What is looked at again when a promotion is activated, and that two who do so at once come one after the other. */

let store: Store;
beforeAll(async () => {
  store = await openStoreWithVersions();
});
afterAll(() => store.close());
beforeEach(() => runGuarded(store, 1));

const bob = (hash: string) => ({ actor: "bob", person: true, signIn: true, hash });

async function requested(number: number, more: Partial<NewPromotion> = {}) {
  const step = await requestOf(store, number, more);
  if (!step.ok) throw new Error(step.why);
  return step.promotion;
}

it("who waits for the environment holds no promotion that another would need who has it", async () => {
  const { db } = store;
  const first = await requested(2);
  expect(await approvePromotion(db, first.id, bob(first.hash))).toMatchObject({ ok: true, promotion: { state: "active" } });
  const next = await requested(3, { baseId: (await numbered(store, 2)).id });
  const steps = await db.transaction().execute(async (tx) => {
    await sql`select 1 from environment where id = 'dev' for update`.execute(tx);
    const begun = [approvePromotion(db, next.id, bob(next.hash)), rollBackPromotion(db, first.id, "", "bob")];
    await lockWaits(store, begun.length);
    const free = await tx.selectFrom("promotion").select("id").forUpdate().skipLocked().execute();
    expect(free.map(({ id }) => id).sort()).toEqual([first.id, next.id].sort());
    return begun;
  });
  // One of the two came first, and nothing is left of what the other wanted.
  expect((await Promise.all(steps)).filter(({ ok }) => ok)).toHaveLength(1);
});

const HOURS = 24;

/** What becomes of a promotion that was approved for tomorrow, and of which something changes before. */
async function scheduled(number: number, actor: string, meanwhile: () => Promise<unknown>, more: Partial<NewPromotion> = {}) {
  const { db } = store;
  const activateAt = new Date(Date.now() + HOURS * 3_600_000).toISOString();
  const { id, hash } = await requested(number, { ...more, activateAt });
  const approver = { actor, person: !actor.startsWith("token:"), signIn: true, hash };
  expect(await approvePromotion(db, id, approver)).toMatchObject({ ok: true, promotion: { state: "approved" } });
  await meanwhile();
  await store.pass(2 * HOURS * 3_600);
  expect(await activateDuePromotion(db)).toBe(true);
  await store.pass(0);
  const [first] = await listPromotions(db, sandboxFlow, "dev");
  // Told in the list of flows and to Prometheus, until another one is begun.
  const failed = first?.state === "failed" ? [{ environment: "dev", version: number, reason: first.reason }] : [];
  expect((await listFlows(db, new Date()))[0]?.failedPromotions).toEqual(failed);
  await runOnly(store, 1);
  return { state: first?.state, reason: first?.reason };
}

it("a sample that is mended after the approval does not keep what was approved from running", async () => {
  const { flow, lock } = await numbered(store, 2);
  const mended = () => publishVersion(store.db, flow, lock, "", "ann", { late: "{}" });
  expect(await scheduled(2, "bob", mended)).toMatchObject({ state: "active" });
});

it("is not activated when its time comes, where who approved it may not do that any more", async () => {
  const { db } = store;
  const grants = [{ environment: "dev", role: "operator" as const }];
  await makeFirstAdmin(db, { name: "root", title: "Root", password: null }, "test");
  for (const name of ["olga", "otto"]) await makePerson(db, { name, title: name, password: null, grants }, "root");
  const ids = new Map((await listPeople(db)).map(({ name, id }) => [name, id]));
  const change = (change: ChangeOfPerson) => changePerson(db, ids.get("olga") ?? "", change, "root");
  const gone = { state: "failed", reason: expect.stringContaining("may not operate") };
  expect(await scheduled(2, "olga", () => change({ state: "disabled" }))).toEqual(gone);
  await change({ state: "active" });
  expect(await scheduled(2, "olga", () => change({ grants: [{ environment: "dev", role: "viewer" }] }))).toEqual(gone);
  await change({ grants });
  expect(await scheduled(2, "olga", async () => undefined)).toMatchObject({ state: "active" });
  // Nor where it turns out that it was an author.
  await makePerson(db, { name: "pia", title: "Pia", password: null, grants }, "root");
  expect(await scheduled(2, "olga", () => change({ sameAs: "pia" }))).toMatchObject({
    reason: expect.stringContaining("authors"),
  });
});

it("nor where a token approved it that was revoked since, or whose maker may not do that any more; that it has expired does not matter", async () => {
  const { db } = store;
  await changeEnvironment(db, "dev", { protection: "checks" }, "test");
  const by = { name: "deploy", role: "operator" as const, environments: ["dev"], days: 1 };
  const make = async (name: string) => {
    const kept = await keepToken(db, `olt_${newId()}`, { ...by, name }, "otto");
    return kept.ok ? kept.token.id : "";
  };
  const otto = (await listPeople(db)).find(({ name }) => name === "otto")?.id ?? "";
  const later = { operates: false };
  const first = await make("ci");
  const gone = { state: "failed", reason: expect.stringContaining("may not operate") };
  // Another one of its name is another.
  const exchange = async () => {
    await revokeToken(db, first, "root");
    await make("ci");
  };
  expect(await scheduled(3, "token:ci", exchange, later)).toEqual(gone);
  expect(await scheduled(3, "token:ci", async () => undefined, later)).toMatchObject({ state: "active" });
  expect(await scheduled(3, "token:ci", () => changePerson(db, otto, { state: "disabled" }, "root"), later)).toEqual(gone);
});

it("is not requested for a time that is long past: it would run now what was meant for later", async () => {
  const ago = (minutes: number) => ({ activateAt: new Date(Date.now() - minutes * 60_000).toISOString() });
  for (const protection of ["none", "approval"] as const) {
    await changeEnvironment(store.db, "dev", { protection }, "test");
    expect(await requestOf(store, 2, { activateAt: "2025-01-01T00:00:00Z" })).toEqual({ ok: false, why: "past" });
    expect(await requestOf(store, 2, ago(60))).toEqual({ ok: false, why: "past" });
  }
  // One may have chosen it a moment ago.
  expect(await requested(2, ago(1))).toMatchObject({ state: "requested" });
});
