import { afterAll, beforeAll, expect, it } from "vitest";
import type { Grant } from "#schemas/people.ts";
import { createDatabase, type TestDatabase } from "../../test/support/database.ts";
import { keepToken, listTokens, revokeToken, tokenOwner } from "./apiTokens.ts";
import { type OpenDatabase, openDatabase } from "./database.ts";
import { newId } from "./ids.ts";
import { type ChangeOfPerson, changePerson, listPeople, makeFirstAdmin, makePerson } from "./people.ts";

let database: TestDatabase;
let opened: OpenDatabase;
beforeAll(async () => {
  database = await createDatabase();
  opened = openDatabase({ url: database.url, connections: 4, application: "orderloom test" });
  await makeFirstAdmin(opened.db, { name: "root", title: "Root", password: null }, "test");
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const everywhere = (role: Grant["role"]): Grant => ({ environment: null, role });

async function make(name: string, actor: string, days = 1): Promise<{ token: string; id: string }> {
  const token = `olt_${newId()}`;
  const kept = await keepToken(opened.db, token, { name, role: "admin", environments: null, days }, actor);
  if (!kept.ok) throw new Error(kept.why);
  return { token, id: kept.token.id };
}

const inForce = (...tokens: { token: string }[]) =>
  Promise.all(tokens.map(async ({ token }) => (await tokenOwner(opened.db, token)) !== undefined));

it("a token is in force while who made it may do what it grants, and what it made with it", async () => {
  const { db } = opened;
  await makePerson(db, { name: "leo", title: "Leo", password: null, grants: [everywhere("admin")] }, "root");
  const leo = (await listPeople(db)).find(({ name }) => name === "leo")?.id ?? "";
  const change = (wish: ChangeOfPerson) => changePerson(db, leo, wish, "root");
  const [first, others] = [await make("first", "leo", 2), await make("others", "root")];
  const second = await make("second", "token:first");
  expect(await inForce(first, second, others)).toEqual([true, true, true]);
  const less: [ChangeOfPerson, ChangeOfPerson][] = [
    [{ state: "disabled" }, { state: "active" }],
    [{ grants: [everywhere("operator"), everywhere("analyst")] }, { grants: [everywhere("admin")] }],
    [{ grants: [{ environment: "dev", role: "admin" }] }, { grants: [everywhere("admin")] }],
  ];
  for (const [taken, given] of less) {
    await change(taken);
    expect(await inForce(first, second, others)).toEqual([false, false, true]);
    const states = Object.fromEntries((await listTokens(db)).map(({ name, state }) => [name, state]));
    expect(states).toEqual({ first: "suspended", second: "suspended", others: "active" });
    await change(given);
    expect(await inForce(first, second)).toEqual([true, true]);
  }
  await revokeToken(db, first.id, "root");
  // Another one of its name has made nothing.
  expect(await inForce(await make("first", "root"), second)).toEqual([true, false]);
});

it("a token makes none that would be there longer than it is", async () => {
  const { db } = opened;
  await make("short", "root", 3);
  const wish = { role: "viewer" as const, environments: null };
  const longer = await keepToken(db, "olt_longer", { ...wish, name: "longer", days: 4 }, "token:short");
  expect(longer).toEqual({ ok: false, why: "outlives", until: expect.stringMatching(/Z$/) });
  expect(await keepToken(db, "olt_brief", { ...wish, name: "brief", days: 2 }, "token:short")).toMatchObject({ ok: true });
  expect(await keepToken(db, "olt_again", { ...wish, name: "brief", days: 2 }, "root")).toEqual({ ok: false, why: "taken" });
});
