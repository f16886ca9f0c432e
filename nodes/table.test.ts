import fc from "fast-check";
import { expect, it } from "vitest";
import type { TableContent } from "#schemas/referenceTable.ts";
import { fitTable } from "#schemas/tableRows.ts";
import { readTableText, tableCsv } from "./table.ts";

const shape: TableContent = {
  title: "",
  rows: [],
  columns: [
    { name: "sku", type: "text" as const, title: "Article" },
    { name: "item", type: "text" as const },
    { name: "factor", type: "decimal" as const },
  ],
  key: ["sku"],
};

it("cells that a spreadsheet would run as formulas are written as text, and read as they were", () => {
  const fitted = fitTable({ ...shape, rows: [{ sku: "=HYPERLINK(1)", item: '@a,"b"', factor: "-2.50" }] });
  if (!fitted.ok) throw new Error(fitted.faults.join());
  const text = tableCsv({ ...fitted.content, title: "" });
  expect(text).toBe('sku,item,factor\r\n\'=HYPERLINK(1),"\'@a,""b""",-2.50\r\n');
  expect(readTableText(shape, text, "replace")).toMatchObject({ ok: true, content: { rows: fitted.content.rows } });
});

it("a table that is exported comes in again as it is", () => {
  const cell = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme-ascii" }).filter((text) => !text.trim().startsWith("'"));
  const row = fc.record({ sku: cell, item: cell });
  fc.assert(
    fc.property(fc.uniqueArray(row, { selector: ({ sku }) => sku.trim(), minLength: 1 }), (rows) => {
      const fitted = fitTable({ ...shape, rows });
      fc.pre(fitted.ok && fitted.content.rows.length > 0);
      if (fitted.ok)
        expect(readTableText(shape, tableCsv(fitted.content), "replace")).toEqual({ ok: true, content: { ...fitted.content } });
    }),
  );
});

it("merged rows take from a file what it has, and keep the cells of other columns", () => {
  const content: TableContent = {
    ...shape,
    rows: [
      { sku: "a", item: "1", factor: "2" },
      { sku: "b", item: "3" },
    ],
  };
  expect(readTableText(content, "sku,item\na,9\nc,7", "merge")).toMatchObject({
    ok: true,
    content: {
      rows: [
        { sku: "a", item: "9", factor: "2" },
        { sku: "b", item: "3" },
        { sku: "c", item: "7" },
      ],
    },
  });
  expect(readTableText(content, "sku,item\na,", "merge")).toMatchObject({
    content: {
      rows: [
        { sku: "a", factor: "2" },
        { sku: "b", item: "3" },
      ],
    },
  });
});

it("cells copied from a spreadsheet, titles in the head and semicolons are read", () => {
  const rows = [{ sku: "a", factor: "2" }];
  for (const text of ["Article\tfactor\na\t2\n", "article;factor\r\na;2", "sku,factor\na,2"])
    expect(readTableText(shape, text, "replace")).toMatchObject({ ok: true, content: { rows } });
});

it.each([
  ["sku,price\na,2", ["The table has no column price."]],
  ["item\na", ["The column sku of the key is missing."]],
  ["sku,factor\na,1\nb,x\na,2", ["Line 3: factor is no decimal number.", "Line 2 and line 4 have the same key, a."]],
  ["", ["There are no rows: the first line names the columns, the others are rows."]],
])("what does not fit is told by its line: %j", (text, faults) => {
  expect(readTableText(shape, text, "replace")).toEqual({ ok: false, faults });
});
