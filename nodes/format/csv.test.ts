import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { columnFaults, formatsOf } from "#schemas/fileColumns.ts";
import { type CsvFormat, readCsv, writeCsv } from "./csv.ts";

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

const typed = {
  ...csv,
  columns: [
    { name: "sku", type: "text", required: true },
    { name: "on hand", type: "integer" },
    { name: "price", type: "decimal", format: "1.234,56" },
    { name: "active", type: "boolean", format: "Y/N" },
    { name: "since", type: "date", format: "DD.MM.YYYY" },
  ],
  delimiter: ";",
} satisfies CsvFormat;

describe("columns with types", () => {
  it("are found by the name in the first row, and read as what they are", () => {
    const text = "since;extra;sku;on hand;price;active\n1.3.2026;x;007;012;1.234,50;y\n;;008;9007199254740993;-3;N\n";
    expect(readCsv(text, typed)).toEqual([
      { since: "2026-03-01", extra: "x", sku: "007", "on hand": 12, price: "1234.50", active: true },
      { extra: "", sku: "008", "on hand": "9007199254740993", price: "-3", active: false },
    ]);
  });

  it("are named by their order where the file has no first row of names", () => {
    const format = { ...typed, header: false };
    expect(readCsv("A;1;;;\n", format)).toEqual([{ sku: "A", "on hand": 1 }]);
    expect(() => readCsv("A;1\n", format)).toThrow("Invalid Record Length");
  });

  it.each([
    ["sku;on hand\nA;1\n;2\n", 'Line 3: "sku" is empty.'],
    ["sku;on hand\nA;2x\n", 'Line 2: "on hand" is "2x", no whole number.'],
    ["sku;price\nA;12.345.6\n", '"price" is "12.345.6", no number written like 1.234,56.'],
    ["sku;active\nA;true\n", '"active" is "true", neither Y nor N.'],
    ["sku;since\nA;31.02.2026\n", '"since" is "31.02.2026", no day written like DD.MM.YYYY.'],
    ["name;on hand\nA;1\n", 'The first row has no column "sku"; it has "name", "on hand".'],
  ])("refuse %j with its line", (text, why) => {
    expect(() => readCsv(text, typed)).toThrow(why);
  });

  it("are written as they are read", () => {
    const row = { sku: "-7", "on hand": 3, price: "1234.50", active: true, since: "2026-03-01" };
    expect(writeCsv([row], { ...typed, lineEnd: "\n" })).toBe("sku;on hand;price;active;since\n-7;3;1234,50;Y;01.03.2026\n");
    expect(() => writeCsv([{ "on hand": 3 }], typed)).toThrow('Row 1 of the CSV lacks "sku"');
    expect(() => writeCsv([{ ...row, since: "2026-03-01T10:00:00Z" }], typed)).toThrow("no day such as 2026-03-01");
  });

  it("give back every value that was written", () => {
    const day = fc
      .date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
      .map((at) => at.toISOString().slice(0, 10));
    const amount = fc.tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.nat(99)).map(([whole, cents]) => `${whole}.${cents + 100}`);
    const cells = { integer: fc.maxSafeInteger(), decimal: amount, boolean: fc.boolean(), date: day };
    const column = fc.constantFrom("integer", "decimal", "boolean", "date" as const).chain((type) =>
      fc.record({
        column: fc.constantFrom(undefined, ...formatsOf(type)).map((format) => ({ name: "a", type, ...(format && { format }) })),
        value: cells[type] as fc.Arbitrary<string | number | boolean>,
      }),
    );
    fc.assert(
      fc.property(column, ({ column, value }) => {
        const format: CsvFormat = { type: "csv", columns: [column] };
        expect(readCsv(writeCsv([{ a: value }], format), format)).toEqual([{ a: value }]);
      }),
    );
  });
});

test("columns that a schema cannot refuse are told one by one", () => {
  const columns = [
    { name: "a", type: "date", format: "Y/N" },
    { name: " a ", type: "text" },
    { name: "constructor", type: "text" },
    { name: "", type: "text" },
    { name: "b", type: "boolean", format: "Y/N" },
  ];
  expect(columnFaults(columns).map(({ at, setting, code }) => [at, setting, code])).toEqual([
    [0, "format", "columnFormat"],
    [1, "name", "columnTwice"],
    [2, "name", "columnForbidden"],
  ]);
});
