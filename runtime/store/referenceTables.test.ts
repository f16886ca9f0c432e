import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GivenRow } from "#schemas/referenceTable.ts";
import { changeRows, fitTable } from "#schemas/tableRows.ts";
import { listAudit } from "./audit.ts";
import { makeEnvironment, removeEnvironment } from "./environments.ts";
import { listTables, readTable, tableRevision, writeTable } from "./referenceTables.ts";
import { expireRows } from "./retention.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const columns = [
  { name: "sku", type: "text" as const },
  { name: "item", type: "text" as const },
];

const put = (name: string, rows: GivenRow[], more: { revision?: number | null; environment?: string } = {}) =>
  writeTable(
    store.db,
    {
      environment: more.environment ?? "dev",
      name,
      revision: more.revision,
      become: () => {
        const fitted = fitTable({ columns, key: ["sku"], rows });
        if (!fitted.ok) throw new Error(fitted.faults.join(" "));
        return { ok: true as const, content: fitted.content };
      },
    },
    "ada",
  );

it("each change has a revision, and what stood at an earlier one is read as it was", async () => {
  const first = await put(
    "items",
    [
      { sku: "a", item: "1" },
      { sku: "b", item: "2" },
    ],
    { revision: null },
  );
  expect(first).toMatchObject({ ok: true, revision: 1, changes: { added: 2 } });
  const second = await put(
    "items",
    [
      { sku: "a", item: "9" },
      { sku: "c", item: "3" },
    ],
    { revision: 1 },
  );
  expect(second).toMatchObject({ ok: true, revision: 2, changes: { added: 1, changed: 1, removed: 1, same: 0 } });
  const then = await readTable(store.db, "dev", "items", 1);
  expect(then?.rows).toEqual([
    { sku: "a", item: "1" },
    { sku: "b", item: "2" },
  ]);
  expect((await readTable(store.db, "dev", "items"))?.rows).toEqual([
    { sku: "a", item: "9" },
    { sku: "c", item: "3" },
  ]);
  expect(await listTables(store.db, "dev")).toMatchObject([{ name: "items", rows: 2, revision: 2, changedBy: "ada" }]);
});

it("only rows that differ are written, and what says nothing new makes no revision", async () => {
  const rows = [
    { sku: "a", item: "9" },
    { sku: "c", item: "4" },
  ];
  expect(await put("items", rows)).toMatchObject({ ok: true, revision: 3 });
  const { rows: standing } = await sql<{ from: number }>`
    select from_revision as from from reference_row where environment = 'dev' and table_name = 'items' and to_revision is null
    order by key`.execute(store.db);
  expect(standing.map(({ from }) => from)).toEqual([2, 3]);
  expect(await put("items", rows)).toMatchObject({ ok: true, revision: 3, changes: { same: 2 } });
  expect(await tableRevision(store.db, "dev")).toBe(3);
});

it("a change made on an older revision is refused, and of two at once one wins", async () => {
  expect(await put("items", [], { revision: 1 })).toEqual({ ok: false, why: "stale", revision: 3 });
  expect(await put("items", [], { revision: null })).toEqual({ ok: false, why: "stale", revision: 3 });
  const both = await Promise.all(["x", "y"].map((sku) => put("items", [{ sku }], { revision: 3 })));
  expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
});

it("a table goes, comes back, and its past stays", async () => {
  const before = await tableRevision(store.db, "dev");
  const removed = await writeTable(
    store.db,
    { environment: "dev", name: "items", revision: undefined, become: () => ({ ok: true, content: undefined }) },
    "bob",
  );
  expect(removed).toMatchObject({ ok: true, revision: null });
  expect(await readTable(store.db, "dev", "items")).toBeUndefined();
  expect((await readTable(store.db, "dev", "items", before))?.rows).toHaveLength(1);
  await put("items", [{ sku: "z" }]);
  const { items } = await listAudit(store.db, { action: "table", limit: 2 });
  expect(items).toMatchObject([
    { action: "table.made", actor: "ada", subject: "items", environment: "dev", before: null, after: { rows: 1 } },
    { action: "table.removed", actor: "bob", before: { rows: 1 }, after: null, detail: { removed: 1 } },
  ]);
});

it("what changes rows sees what stands, and may refuse", async () => {
  const done = await writeTable(
    store.db,
    {
      environment: "dev",
      name: "items",
      revision: undefined,
      become: (standing) => {
        const changed = standing && changeRows(standing, { upsert: [{ sku: "y", item: "1" }], remove: [{ sku: "z" }] });
        return changed?.ok ? { ok: true, content: changed.content } : { ok: false, refusal: "no" };
      },
    },
    "ada",
  );
  expect(done).toMatchObject({ ok: true, changes: { added: 1, removed: 1 } });
  const refused = {
    environment: "dev",
    name: "items",
    revision: undefined,
    become: () => ({ ok: false as const, refusal: "no" }),
  };
  expect(await writeTable(store.db, refused, "ada")).toEqual({ ok: false, why: "refused", refusal: "no" });
});

it("what has ended is kept as long as runs, unless a month is held back", async () => {
  const keep = { keys: 0, ledger: 0, deadLetters: 0, runs: 30 } as Parameters<typeof expireRows>[1];
  await sql`update reference_row set ended_at = clock_now() - interval '31 days' where ended_at is not null`.execute(store.db);
  expect((await expireRows(store.db, keep, ["2026_01"])).reference_row).toBeUndefined();
  expect((await expireRows(store.db, keep, [])).reference_row).toBeGreaterThan(0);
  expect((await readTable(store.db, "dev", "items"))?.rows).toEqual([{ sku: "y", item: "1" }]);
});

it("an environment with a table is not removed; one whose tables are gone is", async () => {
  await makeEnvironment(store.db, { id: "test", title: "Test", protection: "none", position: 9 }, "ada");
  await put("items", [{ sku: "a" }], { environment: "test" });
  expect(await removeEnvironment(store.db, "test", "ada")).toBe("used");
  const gone = {
    environment: "test",
    name: "items",
    revision: undefined,
    become: () => ({ ok: true as const, content: undefined }),
  };
  await writeTable(store.db, gone, "ada");
  expect(await removeEnvironment(store.db, "test", "ada")).toBe("removed");
});
