import { afterAll, beforeAll, expect, it } from "vitest";
import { keepToken, listTokens } from "./apiTokens.ts";
import { listAudit } from "./audit.ts";
import { changeEnvironment, listEnvironments, makeEnvironment, removeEnvironment } from "./environments.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

it("there are three at first, prod guarded by an approval", async () => {
  expect((await listEnvironments(store.db)).map(({ id, protection, protected: guarded }) => [id, protection, guarded])).toEqual([
    ["dev", "none", false],
    ["staging", "none", false],
    ["prod", "approval", true],
  ]);
});

it("one is made, changed and removed while nothing is in it; the audit tells from what to what", async () => {
  const { db } = store;
  const made = { id: "test", title: "Test", protection: "none" as const, position: 2, reach: ["private"] };
  const limits = { evaluatedAtOnce: null, acceptedPerSecond: null, payloadDays: null };
  expect(await makeEnvironment(db, made, "ada")).toEqual({ ...made, protected: false, limits });
  expect(await makeEnvironment(db, made, "ada")).toBeUndefined();
  expect(await changeEnvironment(db, "test", { protection: "checks" }, "ada")).toEqual({
    ...made,
    protection: "checks",
    protected: true,
    limits,
  });
  const limited = await changeEnvironment(db, "test", { limits: { evaluatedAtOnce: 2, payloadDays: 30 } }, "ada");
  expect(limited?.limits).toEqual({ evaluatedAtOnce: 2, acceptedPerSecond: null, payloadDays: 30 });
  const lifted = await changeEnvironment(db, "test", { limits: { evaluatedAtOnce: null } }, "ada");
  expect(lifted).toMatchObject({ protection: "checks", limits: { evaluatedAtOnce: null, payloadDays: 30 } });
  expect(await changeEnvironment(db, "nowhere", { title: "X" }, "ada")).toBeUndefined();
  expect(await removeEnvironment(db, "test", "bob")).toBe("removed");
  expect(await removeEnvironment(db, "test", "bob")).toBe("missing");
  expect(await removeEnvironment(db, "dev", "bob")).toBe("used");
  const { items } = await listAudit(db, { action: "environment", limit: 10 });
  const told = { title: "Test", protection: "checks", position: 2, reach: ["private"] };
  expect(items.map(({ action, actor, after }) => [action, actor, after])).toEqual([
    ["environment.removed", "bob", null],
    ["environment.changed", "ada", { ...told, limits: { ...limits, payloadDays: 30 } }],
    ["environment.changed", "ada", { ...told, limits: { ...limits, evaluatedAtOnce: 2, payloadDays: 30 } }],
    ["environment.changed", "ada", { ...told, limits }],
    ["environment.made", "ada", { ...told, protection: "none", limits }],
  ]);
});

it("incident: a token for an environment that was removed has no right in another of its name", async () => {
  const { db } = store;
  await makeEnvironment(db, { id: "uat", title: "UAT", protection: "none", position: 3, reach: [] }, "ada");
  const wish = { role: "operator" as const, days: 1 };
  await keepToken(db, "olt_uat", { ...wish, name: "ci", environments: ["uat"] }, "ada");
  await keepToken(db, "olt_both", { ...wish, name: "both", environments: ["dev", "uat"] }, "ada");
  expect(await removeEnvironment(db, "uat", "bob")).toBe("removed");
  const tokens = await listTokens(db);
  expect(tokens.map(({ name, state, environments }) => [name, state, environments])).toEqual([
    ["both", "active", ["dev"]],
    ["ci", "revoked", []],
  ]);
});

it("of the last two, two people can remove one alone", async () => {
  const { db } = store;
  expect(await removeEnvironment(db, "staging", "ada")).toBe("removed");
  const [dev] = await db.selectFrom("environment").selectAll().where("id", "=", "dev").execute();
  expect(dev).toBeDefined();
  const both = await Promise.all([removeEnvironment(db, "prod", "ada"), removeEnvironment(db, "dev", "bob")]);
  expect(both.sort()).toEqual(["removed", both.includes("last") ? "last" : "used"].sort());
});
