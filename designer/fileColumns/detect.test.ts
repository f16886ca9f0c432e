import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeCsv } from "#nodes/format/csv.ts";
import { delimiters, detect, typeOf } from "./detect.ts";
import { changeOf, formOf, rowsOf } from "./form.ts";
import { readSample } from "./sampleFile.ts";

describe("a sample of a file", () => {
  it("tells its delimiter, its first row and the types of its columns", () => {
    const text =
      'sku;title;on hand;price;since;active\n0417;"Tent; green";41;1.299,50;01.03.2026;Y\n0418;Mug;120;7,00;15.04.2026;N\n';
    expect(detect(text)).toEqual({
      delimiter: ";",
      quote: '"',
      header: true,
      columns: [
        { name: "sku", type: "text" },
        { name: "title", type: "text" },
        { name: "on hand", type: "integer" },
        { name: "price", type: "decimal", format: "1.234,56" },
        { name: "since", type: "date", format: "DD.MM.YYYY" },
        { name: "active", type: "boolean", format: "Y/N" },
      ],
    });
  });

  it("without a row of names has columns by number, and without rows none", () => {
    expect(detect("4711|2\n4712|3\n")).toMatchObject({
      delimiter: "|",
      header: false,
      columns: [{ name: "column1" }, { name: "column2" }],
    });
    expect(detect("  \n")).toBeUndefined();
  });

  it("may have single quotes, or none", () => {
    expect(detect("a,b\n'x,y',1\n")).toMatchObject({ quote: "'", columns: [{ name: "a" }, { name: "b" }] });
    expect(detect('a\tb\n1"\t2\n')).toMatchObject({ quote: "'", delimiter: "\t" });
  });

  it.each([
    ["order number", ["1001", "1002"], { type: "text" }],
    ["quantity", ["1", "", "20"], { type: "integer" }],
    ["amount", ["-12.50", "3"], { type: "decimal" }],
    ["amount", ["1,234", "5,678"], { type: "text" }],
    ["at", ["2026-03-01"], { type: "date" }],
    ["at", ["03/04/2026"], { type: "text" }],
    ["at", ["03/14/2026", "03/04/2026"], { type: "date", format: "MM/DD/YYYY" }],
    ["zip", ["01234"], { type: "text" }],
    ["paid", ["true", "FALSE"], { type: "boolean" }],
    ["empty", ["", ""], { type: "text" }],
  ])("takes %s of %j for what it surely is", (name, fields, found) => {
    expect(typeOf(name, fields)).toEqual(found);
  });

  it("is read by what it tells, whatever it holds", () => {
    const word = fc.stringMatching(/^[a-z ,;|"']{0,8}$/).map((text) => text.trim());
    const row = fc.record({
      sku: word.map((text) => `s${text}`),
      qty: fc.nat(999),
      price: fc.nat(99_999).map((cents) => (cents / 100).toFixed(2)),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.constantFrom(...delimiters), (rows, delimiter) => {
        const text = writeCsv(rows, { type: "csv", delimiter });
        const found = detect(text);
        expect(found).toMatchObject({ delimiter, quote: '"', header: true });
        expect(found && rowsOf(text, { ...found, charset: undefined })).toEqual({ ok: true, rows: rows.slice(0, 6) });
      }),
    );
  });

  it("is cut at a line, and in the characters that it can be", () => {
    const bytes = new TextEncoder().encode("a,b\n1,é\n2,x");
    expect(readSample(bytes)).toEqual({ text: "a,b\n1,é\n2,x", charset: "utf-8", cut: false });
    expect(readSample(bytes.slice(0, 8), bytes.length)).toEqual({ text: "a,b\n", charset: "utf-8", cut: true });
    expect(readSample(Uint8Array.from([0x61, 0xe9]))).toMatchObject({ text: "aé", charset: "windows-1252" });
  });
});

describe("what is taken over", () => {
  const settings = { format: { default: "text" }, delimiter: { default: "," }, header: { default: true }, columns: {} };
  const columns = [{ name: "a", type: "text" as const }];

  it("leaves out what stands anyway, and settings that the node does not have", () => {
    const form = { delimiter: ";", quote: "'", header: true, charset: "utf-16le", columns };
    expect(changeOf(form, { format: "csv" }, settings, "columns")).toEqual({
      format: "csv",
      delimiter: ";",
      header: undefined,
      columns,
    });
  });

  it("keeps a file of tabs one, and makes it CSV where something else stands between fields", () => {
    const form = formOf({ format: "tsv", delimiter: ";" }, settings, undefined);
    expect(form.delimiter).toBe("\t");
    expect(changeOf(form, { format: "tsv" }, settings, "columns")).toMatchObject({ format: "tsv", columns: undefined });
    expect(changeOf({ ...form, delimiter: "|" }, { format: "tsv" }, settings, "columns")).toMatchObject({
      format: "csv",
      delimiter: "|",
    });
  });
});
