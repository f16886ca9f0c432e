import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { listAudit } from "./audit.ts";
import { findConnection, openConnections, putConnection } from "./connections.ts";
import { createFlow, listVersions, publishVersion, readDraft, saveDraft } from "./flows.ts";
import { newId } from "./ids.ts";
import { openKeyRing } from "./keyRing.ts";
import { ensurePartitions, firstIdAt, monthStart } from "./partitions.ts";
import { secretBox } from "./secrets.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe("flows", () => {
  it("publishing the same twice makes one version, also at once; a change makes the next", async () => {
    const { catalog } = await builtCatalog();
    const draft = await readDraft(store.db, sandboxFlow);
    if (!draft) throw new Error("no draft");
    const lock = makeLock(draft.flow, catalog);
    const same = await Promise.all([1, 2, 3].map(() => publishVersion(store.db, draft.flow, lock, "", "ada")));
    expect(same.map((each) => [each.made, each.version.number])).toEqual(Array(3).fill([false, 1]));
    const node = { ...draft.flow.nodes[0], name: "Changed" } as (typeof draft.flow.nodes)[number];
    const changed = { ...draft.flow, nodes: [node, ...draft.flow.nodes.slice(1)] };
    const next = await Promise.all([1, 2, 3].map(() => publishVersion(store.db, changed, lock, "", "ada")));
    expect(next.filter((each) => each.made)).toHaveLength(1);
    expect((await listVersions(store.db, sandboxFlow)).map((each) => each.number)).toEqual([2, 1]);
  });

  it("never overwrites a newer draft, and says whose it is", async () => {
    const draft = await readDraft(store.db, sandboxFlow);
    if (!draft) throw new Error("no draft");
    const { flow, revision } = draft;
    expect(await saveDraft(store.db, sandboxFlow, revision, flow, "ada")).toEqual({ ok: true, revision: revision + 1 });
    expect(await saveDraft(store.db, sandboxFlow, revision, flow, "bob")).toMatchObject({
      ok: false,
      current: { updatedBy: "ada" },
    });
    expect(await saveDraft(store.db, "no-such-flow", 1, flow, "bob")).toBeUndefined();
    expect(await createFlow(store.db, flow, "bob")).toBe(false);
  });
});

describe("connections", () => {
  const input = (name: string, secrets: Record<string, string>) => ({
    environment: "dev",
    name,
    connector: "netsuite",
    connectorVersion: "1.0.0",
    systemAccount: "A",
    config: {},
    secrets,
    sandbox: false,
  });

  it("keep secrets sealed, add to them, and show their names only", async () => {
    const id = await putConnection(store.db, store.box, input("sealed", { token: "canary-1" }), "ada");
    expect(await putConnection(store.db, store.box, input("sealed", { other: "canary-2" }), "ada")).toBe(id);
    expect((await openConnections(store.db, store.box, [id]))[0]?.secrets).toEqual({ token: "canary-1", other: "canary-2" });
    const shown = await findConnection(store.db, "dev", "sealed");
    expect(shown?.secretNames).toEqual(["other", "token"]);
    expect(JSON.stringify(shown)).not.toContain("canary");
    const { rows } = await sql<{ found: number }>`
      select count(*)::int as found from connection where encode(secrets, 'escape') like '%canary%'`.execute(store.db);
    expect(rows[0]?.found).toBe(0);
    await expect(openConnections(store.db, secretBox(openKeyRing("", randomBytes(32).toString("hex"))), [id])).rejects.toThrow(
      /another key/,
    );
  });

  it("are told to the audit with fingerprints in the place of secrets, and only when something changed", async () => {
    const put = (secrets: Record<string, string>) => putConnection(store.db, store.box, input("told", secrets), "ada");
    for (const secrets of [{ token: "canary-3" }, { token: "canary-3" }, { token: "canary-4" }]) await put(secrets);
    const { items } = await listAudit(store.db, { subject: "told", limit: 10 });
    expect(items.map(({ action }) => action)).toEqual(["connection.changed", "connection.made"]);
    const mark = (of: string) => ({ secrets: { token: store.box.fingerprint(of) } });
    expect(items[0]).toMatchObject({ before: mark("canary-3"), after: mark("canary-4"), actor: "ada" });
    expect(JSON.stringify(items)).not.toContain("canary");
  });

  it("are looked at as they are when nobody else changes them, before they become another", async () => {
    await putConnection(store.db, store.box, input("checked", { token: "canary-5" }), "ada");
    const seen: string[][] = [];
    const put = (name: string) =>
      putConnection(store.db, store.box, { ...input("checked", {}), config: { name } }, "eve", ({ secretNames, config }) => {
        seen.push([...secretNames, String(config.name)]);
        if (config.name !== undefined) throw new Error("Somebody was here before.");
      });
    const done = await Promise.allSettled([put("one"), put("two")]);
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(seen.map(([token]) => token)).toEqual(["token", "token"]);
    expect(seen[0]?.[1]).toBe("undefined");
    expect(["one", "two"]).toContain(seen[1]?.[1]);
  });

  it("made by two at once are one, with secrets that open", async () => {
    const ids = await Promise.all(
      Array.from({ length: 5 }, (_, index) => putConnection(store.db, store.box, input("twins", { [`s${index}`]: "x" }), "ada")),
    );
    expect(new Set(ids).size).toBe(1);
    const [opened] = await openConnections(store.db, store.box, [ids[0] ?? ""]);
    expect(Object.keys(opened?.secrets ?? {}).sort()).toEqual(["s0", "s1", "s2", "s3", "s4"]);
  });
});

describe("partitions", () => {
  it("firstIdAt is the least id of its moment", () => {
    const before = firstIdAt(new Date(Date.now() - 1));
    const id = newId();
    expect(before < id && id < firstIdAt(new Date(Date.now() + 2))).toBe(true);
    expect(firstIdAt(new Date("2026-01-01T00:00:00Z"))).toBe("019b76da-a800-0000-0000-000000000000");
    expect(monthStart(new Date("2026-12-31T23:59:59Z"), 1).toISOString()).toBe("2027-01-01T00:00:00.000Z");
  });

  it("can be prepared by several at once, again, and after rows came before their month", async () => {
    const later = new Date("2031-01-15T00:00:00Z");
    const early = firstIdAt(new Date("2031-02-03T00:00:00Z"));
    await sql`insert into payload (id, body, bytes, created_at) values (${early}, 'x', 1, now())`.execute(store.db);
    await Promise.all([1, 2, 3].map(() => ensurePartitions(store.db, later)));
    await ensurePartitions(store.db, later);
    const { rows } = await sql<{ name: string | null }>`
      select to_regclass(n)::text as name from unnest(array['task_2031_02', 'payload_2031_01', 'payload_2031_02']) n`.execute(
      store.db,
    );
    expect(rows.map((each) => each.name)).toEqual(["task_2031_02", "payload_2031_01", null]);
    const kept = await sql`select body from payload where id = ${early}`.execute(store.db);
    expect(kept.rows).toEqual([{ body: "x" }]);
  });
});
