import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zipped } from "#runtime/decode/zipped.fixture.ts";
import type { Decoding } from "#schemas/format.ts";
import { decodingOf, readContent } from "./fileBody.ts";
import { claimedName, fileKey, fits, nameBefore, settled } from "./fileSteps.ts";

const entry = (name: string, size = 1, modifiedAtMs = 1_000) => ({ key: name, entry: { name, size, modifiedAtMs } });

describe("which files are taken", () => {
  it.each([
    ["*.csv", "orders.csv", true],
    ["*.csv", "ORDERS.CSV", true],
    ["orders-*.csv", "orders-2026-11.csv", true],
    ["orders-??.csv", "orders-11.csv", true],
    ["orders-??.csv", "orders-1.csv", false],
    ["*", "anything", true],
    ["*.csv", "orders.csv.part", false],
    ["*", ".hidden", false],
    ["*", "upload.filepart", false],
    ["a.c", "abc", false],
    ["*(1)*", "orders (1).csv", true],
  ])("%s and %s: %s", (pattern, name, expected) => expect(fits(pattern, name)).toBe(expected));

  it("a pattern with many stars takes no long time", () => {
    const started = performance.now();
    expect(fits(`${"*a".repeat(100)}b`, "a".repeat(250))).toBe(false);
    expect(performance.now() - started).toBeLessThan(100);
  });

  it("matches as the expression of stars and dots does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(letters, name, (pattern, text) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(text);
        expect(fits(pattern, text)).toBe(expected);
      }),
    );
  });

  it("only those that were the same in two looks, the oldest first", () => {
    const first = settled({}, [entry("a", 5), entry("b", 7)]);
    expect(first.stable).toEqual([]);
    const later = [entry("c"), entry("b", 8), entry("a", 5), entry("d", 1, 10)];
    const second = settled({ ...first.seen, d: [1, 10] }, later);
    expect(second.stable.map(({ key }) => key)).toEqual(["d", "a"]);
    expect(Object.keys(second.seen).sort()).toEqual(["a", "b", "c", "d"]);
  });
});

it("a claimed file keeps its name", () => {
  const id = "01a20cb2-e3e7-7162-afb9-45896e618c0e";
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      expect(nameBefore(claimedName(id, name))).toBe(name);
    }),
  );
  expect(nameBefore("by-hand.csv")).toBeUndefined();
});

it("a file is known by its path, size, time and content", () => {
  const { entry: file } = entry("a");
  const keys = [
    fileKey("in/a", file, "h"),
    fileKey("in/b", file, "h"),
    fileKey("in/a", { ...file, size: 2 }, "h"),
    fileKey("in/a", { ...file, modifiedAtMs: 2 }, "h"),
    fileKey("in/a", file, "i"),
  ];
  expect(new Set(keys).size).toBe(5);
});

describe("the content of a file", () => {
  const read = (text: string | Uint8Array, config: Record<string, unknown> = { format: "csv" }, declared?: Decoding) =>
    readContent(Buffer.from(text), { decoding: decodingOf(declared, config), maxJsonDepth: 64 });

  it.each([
    [
      "CSV",
      '\ufefforder, sku ,amount\n820982911946154508,"A,1",10.10\n',
      { format: "csv" },
      { rows: [{ order: "820982911946154508", sku: "A,1", amount: "10.10" }] },
    ],
    [
      "CSV without header",
      "a;b\n1;2\n",
      { format: "csv", delimiter: ";", header: false },
      {
        rows: [
          ["a", "b"],
          ["1", "2"],
        ],
      },
    ],
    [
      "CSV with columns",
      "sku;qty;price\n'a;b';2;1,5\n",
      {
        format: "csv",
        delimiter: ";",
        quote: "'",
        columns: [
          { name: "qty", type: "integer", required: true },
          { name: "price", type: "decimal", format: "1.234,56" },
        ],
      },
      { rows: [{ sku: "a;b", qty: 2, price: "1.5" }] },
    ],
    ["TSV", "a\tb\n1\t2\n", { format: "tsv" }, { rows: [{ a: "1", b: "2" }] }],
    ["JSON", '{"id": 820982911946154508}', { format: "json" }, { json: { id: "820982911946154508" } }],
    [
      "JSON lines",
      '{"id": 1}\n\n{"id": 820982911946154508}\n',
      { format: "jsonl" },
      { json: [{ id: 1 }, { id: "820982911946154508" }] },
    ],
    ["XML", "<a><b>1</b></a>", { format: "xml" }, { xml: { a: { b: "1" } } }],
    ["text", "ISA*00*", {}, { text: "ISA*00*" }],
    ["other characters", Uint8Array.from([0xe9]), { charset: "windows-1252" }, { text: "é" }],
    ["gzip", gzipSync("a\n1\n"), { format: "csv", packed: "gzip" }, { rows: [{ a: "1" }] }],
  ])("is read: %s", async (_what, text, config, content) => {
    expect(await read(text, config)).toEqual({ ok: true, contents: [content] });
  });

  it("is one message for each file in an archive, read as the connector declares", async () => {
    const archive = zipped([
      { name: "1.xml", content: "<o><l>1</l></o>" },
      { name: "in/2.xml", content: "<o/>" },
    ]);
    const declared: Decoding = { packed: "zip", format: { type: "xml", arrays: ["o.l"] } };
    expect(await read(archive, { format: "csv" }, declared)).toEqual({
      ok: true,
      contents: [
        { entry: "1.xml", xml: { o: { l: ["1"] } } },
        { entry: "in/2.xml", xml: { o: "" } },
      ],
    });
    const spoilt = zipped([{ name: "1.xml", content: "<o>" }]);
    expect(await read(spoilt, {}, declared)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^1.xml in the archive: .*line 1/),
    });
  });

  it.each([
    ["no UTF-8", Uint8Array.from([0xff, 0xfe, 0x41]), { format: "csv" }, "UTF-8"],
    ["a row of another length", "a,b\n1\n", { format: "csv" }, "Invalid Record Length"],
    ["no JSON", "{", { format: "json" }, "not JSON"],
    ["a line that is no JSON", '{}\n{"__proto__": 1}', { format: "jsonl" }, "Line 2: "],
    ["a forbidden key", '{"__proto__": 1}', { format: "json" }, "__proto__"],
    ["no archive", "PK", { packed: "zip" }, "not a ZIP archive"],
  ])("is refused with a reason: %s", async (_what, text, config, why) => {
    expect(await read(text, config)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});
