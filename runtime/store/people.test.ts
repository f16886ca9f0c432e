import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuditRow, auditFault } from "#schemas/audit.ts";
import type { Grant } from "#schemas/people.ts";
import { createDatabase, type TestDatabase } from "../../test/support/database.ts";
import { auditChain, auditHead } from "./audit.ts";
import { type OpenDatabase, openDatabase } from "./database.ts";
import { personVouchedFor } from "./identities.ts";
import { changePerson, isSetUp, listPeople, makeFirstAdmin, makePerson } from "./people.ts";

let database: TestDatabase;
let opened: OpenDatabase;
beforeAll(async () => {
  database = await createDatabase();
  opened = openDatabase({ url: database.url, connections: 8, application: "orderloom test" });
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

const everywhere = (role: Grant["role"]): Grant => ({ environment: null, role });
const made = (name: string, grants: Grant[]) => ({ name, title: name, password: null, grants });

describe("people", () => {
  it("have one first admin, however many try at once", async () => {
    const { db } = opened;
    expect(await isSetUp(db)).toBe(false);
    expect(await makePerson(db, made("early", []), "local")).toEqual({ ok: false, why: "notSetUp" });
    const tries = await Promise.all(["ada", "bob", "cy"].map((name) => makeFirstAdmin(db, made(name, []), "local")));
    expect(tries.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await isSetUp(db)).toBe(true);
  });

  it("always keep an admin everywhere, however many are changed at once", async () => {
    const { db } = opened;
    for (const name of ["dan", "eva"]) await makePerson(db, made(name, [everywhere("admin")]), "ada");
    expect(await makePerson(db, made("dan", []), "ada")).toEqual({ ok: false, why: "nameTaken" });
    const all = await listPeople(db);
    const changes = await Promise.all(
      all.map(({ id }, index) =>
        changePerson(db, id, index === 0 ? { state: "disabled" } : { grants: [everywhere("viewer")] }, "ada"),
      ),
    );
    expect(changes.map((change) => (change.ok ? "ok" : change.why)).sort()).toEqual(["lastAdmin", "ok", "ok"]);
    const left = (await listPeople(db)).filter(({ state, grants }) => state === "active" && grants[0]?.role === "admin");
    expect(left).toHaveLength(1);
  });
});

describe("accounts", () => {
  const sameAs = async () => Object.fromEntries((await listPeople(opened.db)).map(({ name, sameAs: other }) => [name, other]));

  it("are said to be of one person by an admin, with all that were of either, and by themselves again", async () => {
    const { db } = opened;
    for (const name of ["uma", "uma.mail", "uma.old", "vic"]) await makePerson(db, made(name, []), "ada");
    const ids = new Map((await listPeople(db)).map(({ id, name }) => [name, id]));
    const say = (name: string, other: string | null) => changePerson(db, ids.get(name) ?? "", { sameAs: other }, "ada");
    for (const other of ["uma", "nobody"]) expect(await say("uma", other)).toEqual({ ok: false, why: "noOther" });
    expect(await say("uma.old", "uma.mail")).toMatchObject({ ok: true, person: { sameAs: "uma.mail" } });
    // Whichever of them is named, in either direction, and said twice: one group.
    for (const [name, other] of [
      ["uma.mail", "uma"],
      ["uma", "uma.old"],
    ] as const)
      expect((await say(name, other)).ok).toBe(true);
    expect(await sameAs()).toMatchObject({ uma: null, "uma.mail": "uma", "uma.old": "uma", vic: null });
    expect((await say("uma.old", null)).ok).toBe(true);
    expect(await sameAs()).toMatchObject({ "uma.mail": "uma", "uma.old": null });
  });

  it("from a provider are of whom the name or the verified address here is, and may do nothing by that", async () => {
    const { db } = opened;
    const who = { issuer: "https://id.example", title: "Uma", grants: null };
    const come = (subject: string, name: string, called: string[]) =>
      personVouchedFor(db, { ...who, subject, name, called }, ["local"]);
    await makePerson(db, made("uma@example.com", [everywhere("operator")]), "ada");
    expect(await come("1", "vic", ["vic"])).toMatchObject({ name: "vic-2", sameAs: "vic", grants: [] });
    expect(await come("2", "um", ["um", "uma@example.com"])).toMatchObject({ name: "um", sameAs: "uma@example.com", grants: [] });
    expect(await come("3", "wes", ["wes"])).toMatchObject({ name: "wes", sameAs: null });
    // Once an admin has said otherwise, that stands.
    const vic = (await listPeople(db)).find(({ name }) => name === "vic-2");
    expect((await changePerson(db, vic?.id ?? "", { sameAs: null }, "ada")).ok).toBe(true);
    expect(await come("1", "vic", ["vic"])).toMatchObject({ name: "vic-2", sameAs: null });
  });
});

describe("the audit", () => {
  const chain = async (): Promise<AuditRow[]> => {
    const rows: AuditRow[] = [];
    for await (const piece of auditChain(opened.db)) rows.push(...piece);
    return rows;
  };
  const faultOf = (rows: AuditRow[]): string | undefined =>
    rows.map((row, index) => auditFault(rows[index - 1] ?? null, row)).find((fault) => fault !== undefined);

  it("is one chain, also of many who write at once, and says what was before and after", async () => {
    const { db } = opened;
    const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    await Promise.all(names.map((name) => makePerson(db, made(name, [everywhere("viewer")]), "ada")));
    const rows = await chain();
    expect(rows.length).toBeGreaterThanOrEqual(25);
    expect(faultOf(rows)).toBeUndefined();
    expect(await auditHead(db)).toMatchObject({ seq: rows.at(-1)?.seq, hash: rows.at(-1)?.hash });
    expect(rows.find(({ action }) => action === "person.changed")).toMatchObject({
      before: { grants: [everywhere("admin")] },
      after: expect.anything(),
    });
  });

  it.each([
    ["changed", "update audit set actor = 'eve' where seq = 7", /^Entry 7 was changed/],
    ["changed in what was before", `update audit set before = '{"x": 1}' where seq = 7`, /^Entry 7 was changed/],
    ["taken away", "delete from audit where seq = 7", /does not follow entry 6/],
    [
      "moved",
      `insert into audit overriding system value select (jsonb_populate_record(a, '{"seq": 900000}')).* from audit a where seq = 7;
       delete from audit where seq = 7`,
      /does not follow entry 6/,
    ],
    [
      "put in",
      `insert into audit overriding system value select (jsonb_populate_record(a, '{"seq": 900000}')).* from audit a where seq = 7`,
      /^Entry 900000 does not follow entry/,
    ],
    ["taken away from the beginning", "delete from audit where seq = 1", /is not the first/],
  ])("shows an entry that was %s", async (_how, statement, fault) => {
    await opened.db
      .transaction()
      .execute(async (tx) => {
        await sql.raw(statement).execute(tx);
        const rows: AuditRow[] = [];
        for await (const piece of auditChain(tx)) rows.push(...piece);
        expect(faultOf(rows)).toMatch(fault);
        throw new Error("undone");
      })
      .catch((error: Error) => expect(error.message).toBe("undone"));
    expect(faultOf(await chain())).toBeUndefined();
  });
});
