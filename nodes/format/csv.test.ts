import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCsv, writeCsv } from "./csv.ts";

const csv = { type: "csv" } as const;

describe("reading CSV", () => {
  it("keeps every field as text, under the names of the first row", () => {
    const text = '\ufefforder, sku ,amount\r\n820982911946154508,"A,""1""",007.10\r\n\r\n';
    expect(readCsv(text, csv)).toEqual([{ order: "820982911946154508", sku: 'A,"1"', amount: "007.10" }]);
  });

  it("takes tabs, other delimiters, own names and no quotes", () => {
    expect(readCsv('a\tb\n1"\t2\n', { type: "tsv", quote: "" })).toEqual([{ a: '1"', b: "2" }]);
    expect(readCsv("1;2\n", { ...csv, delimiter: ";", header: false, columns: ["x", "y"] })).toEqual([{ x: "1", y: "2" }]);
    expect(readCsv("Long Name,b\n1,2\n", { ...csv, columns: ["x", "y"] })).toEqual([{ x: "1", y: "2" }]);
    expect(readCsv("1,2\n", { ...csv, header: false })).toEqual([["1", "2"]]);
  });

  it.each([
    ["a,b\n1\n", "Invalid Record Length"],
    ["a,a\n1,2\n", 'Two columns are called "a".'],
    ["__proto__,a\n1,2\n", "not allowed"],
    ['a\n"1\n', "Quote"],
  ])("refuses %j with a sentence", (text, why) => {
    expect(() => readCsv(text, csv)).toThrow(why);
  });
});

describe("writing CSV", () => {
  it("keeps a spreadsheet from running what a buyer typed, and leaves amounts alone", () => {
    const rows = [{ note: '=HYPERLINK("http://x")', amount: "-12.50", phone: "+49 30", at: "@cmd", tab: "\tx" }];
    expect(writeCsv(rows, { ...csv, header: false })).toBe(`"'=HYPERLINK(""http://x"")",-12.50,'+49 30,'@cmd,'\tx\r\n`);
    expect(writeCsv([{ a: "=1+1" }], { ...csv, formulas: "keep" })).toBe("a\r\n=1+1\r\n");
    expect(writeCsv([{ a: "=1+1", b: -5 }], { type: "tsv" })).toBe("a\tb\n'=1+1\t-5\n");
  });

  it("writes the declared columns in their order, and refuses what has no place", () => {
    const format = { ...csv, columns: ["sku", "qty"], lineEnd: "\n" as const };
    expect(writeCsv([{ qty: 2, sku: "A" }, { sku: "B" }], format)).toBe("sku,qty\nA,2\nB,\n");
    expect(() => writeCsv([{ sku: "A", price: 1 }], format)).toThrow('Row 1 of the CSV has "price"');
    expect(() => writeCsv([{ sku: ["A"] }], format)).toThrow('"sku" of the CSV is a list');
    expect(() => writeCsv([1], format)).toThrow("Row 1");
    expect(() => writeCsv([{ sku: "A,B" }], { ...format, quote: "" })).toThrow("no quotes");
  });

  it("is read back the same by csv-parse, whatever the fields hold", () => {
    const field = fc.string({ unit: "binary" }).filter((text) => !/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text));
    const rows = fc.array(fc.record({ a: field, b: field, c: field.map((text) => `x${text}`) }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.constantFrom(",", ";", "\t", "||"), (given, delimiter) => {
        const text = writeCsv(given, { ...csv, delimiter });
        expect(parse(text, { delimiter, columns: true, record_delimiter: ["\r\n"] })).toEqual(given);
      }),
    );
  });
});
