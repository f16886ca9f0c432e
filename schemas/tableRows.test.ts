import fc from "fast-check";
import { expect, it } from "vitest";
import type { GivenRow, TableContent } from "./referenceTable.ts";
import { changeRows, fitRow, fitTable, rowKey, tableChanges, tableHash } from "./tableRows.ts";
import { faultOfUse } from "./tableUses.ts";

const shape = {
  columns: [
    { name: "sku", type: "text" as const },
    { name: "factor", type: "decimal" as const },
    { name: "active", type: "boolean" as const },
    { name: "since", type: "date" as const, required: true },
  ],
  key: ["sku"],
};

const contentOf = (rows: GivenRow[]): TableContent => {
  const fitted = fitTable({ ...shape, rows });
  if (!fitted.ok) throw new Error(fitted.faults.join(" "));
  return fitted.content;
};

it("cells become what their column holds, and empty ones nothing", () => {
  expect(fitRow(shape, { sku: " A-1 ", factor: 1.5, active: "TRUE", since: "2026-02-28" })).toEqual({
    ok: true,
    row: { sku: "A-1", factor: "1.5", active: true, since: "2026-02-28" },
  });
  expect(fitRow(shape, { sku: 12, factor: "", active: null, since: "2026-01-01" })).toEqual({
    ok: true,
    row: { sku: "12", since: "2026-01-01" },
  });
});

it.each([
  [{ sku: "", since: "2026-01-01" }, "sku is empty"],
  [{ sku: "a" }, "since is empty"],
  [{ sku: "a", since: "2026-02-30" }, "since is no day such as 2026-03-01"],
  [{ sku: "a", since: "2026-01-01", factor: "1,5" }, "factor is no decimal number"],
  [{ sku: "a", since: "2026-01-01", active: "yes" }, "active is neither true nor false"],
  [{ sku: "a\u0000", since: "2026-01-01" }, "sku is text with control characters"],
  [{ sku: "a".repeat(121), since: "2026-01-01" }, "sku is longer than 120 characters"],
  [{ sku: "a", since: "2026-01-01", price: 1 }, "there is no column price"],
])("a row that does not fit says why: %j", (row: GivenRow, fault) => {
  expect(fitRow(shape, row)).toEqual({ ok: false, fault });
});

it("two rows of one key, and forms that contradict themselves, are refused", () => {
  const since = "2026-01-01";
  expect(
    fitTable({
      ...shape,
      rows: [
        { sku: "a", since },
        { sku: "b", since },
        { sku: "a ", since },
      ],
    }),
  ).toEqual({
    ok: false,
    faults: ["Row 1 and row 3 have the same key, a."],
  });
  expect(fitTable({ columns: [{ name: "constructor", type: "text" }], key: ["sku"], rows: [] })).toEqual({
    ok: false,
    faults: ["No column may be called constructor.", "The key names the column sku, which the table does not have."],
  });
});

it("decimals that are equal are one key, however they are written", () => {
  const byFactor = { columns: shape.columns, key: ["factor"] };
  expect(rowKey(byFactor, { factor: "1.50" })).toBe(rowKey(byFactor, { factor: 1.5 }));
  expect(rowKey(byFactor, { factor: "100" })).toBe('["100"]');
  expect(rowKey(byFactor, { factor: "" })).toBeUndefined();
});

const rows = fc.uniqueArray(
  fc.record({
    sku: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    factor: fc.integer({ min: 0, max: 3 }),
    since: fc.constant("2026-01-01"),
  }),
  { selector: ({ sku }) => sku },
);

it("what a change adds, changes and removes leads from one table to the other, and the order of rows does not count", () => {
  fc.assert(
    fc.property(rows, rows, (old, now) => {
      const [before, after] = [contentOf(old), contentOf(now)];
      const { added, changed, removed, same, examples } = tableChanges(before, after);
      expect(before.rows.length + added - removed).toBe(after.rows.length);
      expect(added + changed + same).toBe(after.rows.length);
      const led = changeRows(before, {
        upsert: examples.flatMap(({ after: is }) => (is ? [is] : [])),
        remove: examples.flatMap(({ before: was, after: is }) => (was && !is ? [was] : [])),
      });
      expect(led).toEqual({ ok: true, content: after });
      expect(tableHash(contentOf([...now].reverse()))).toBe(tableHash(after));
      expect(tableHash(before) === tableHash(after)).toBe(added + changed + removed === 0);
    }),
  );
});

it("a use is answered by a table of that name and key alone", () => {
  const tables = { items: shape };
  expect(faultOfUse({ node: "n", table: "items", key: ["sku"] }, tables)).toBeUndefined();
  expect(faultOfUse({ node: "n", table: "items", key: ["factor"] }, tables)).toBe("the key of table items is sku, not factor");
  expect(faultOfUse({ node: "n", table: "constructor", key: ["sku"] }, tables)).toBe("there is no table constructor");
});
