import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readContent } from "./fileBody.ts";
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
  const rules = { format: "csv" as const, delimiter: ",", header: true, maxJsonDepth: 64 };
  const read = (text: string | Uint8Array, more: object = {}) => readContent(Buffer.from(text), { ...rules, ...more });

  it("of CSV is rows whose fields keep every digit", () => {
    expect(read('\ufefforder, sku ,amount\n820982911946154508,"A,1",10.10\n\n')).toEqual({
      ok: true,
      content: { rows: [{ order: "820982911946154508", sku: "A,1", amount: "10.10" }] },
    });
    expect(read("a;b\n1;2\n", { delimiter: ";", header: false })).toEqual({
      ok: true,
      content: {
        rows: [
          ["a", "b"],
          ["1", "2"],
        ],
      },
    });
  });

  it("of JSON keeps large numbers, and text stays text", () => {
    expect(read('{"id": 820982911946154508}', { format: "json" })).toEqual({
      ok: true,
      content: { json: { id: "820982911946154508" } },
    });
    expect(read("ISA*00*", { format: "text" })).toEqual({ ok: true, content: { text: "ISA*00*" } });
  });

  it.each([
    ["no UTF-8", Uint8Array.from([0xff, 0xfe, 0x41]), {}, "UTF-8"],
    ["a row of another length", "a,b\n1\n", {}, "Invalid Record Length"],
    ["two columns of one name", "a,a\n1,2\n", {}, 'Two columns are called "a".'],
    ["a forbidden column", "__proto__,a\n1,2\n", {}, "not allowed"],
    ["an open quote", 'a\n"1\n', {}, "Quote"],
    ["no JSON", "{", { format: "json" }, "not JSON"],
    ["a forbidden key", '{"__proto__": 1}', { format: "json" }, "__proto__"],
  ])("is refused with a reason: %s", (_what, text, more, why) => {
    const content = read(text, more);
    expect(content).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});
