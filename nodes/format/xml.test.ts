import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readXml, writeXml } from "./xml.ts";

const xml = { type: "xml" } as const;

describe("reading XML", () => {
  it("gives elements, attributes, text, and lists where they are declared", () => {
    const text = `<?xml version="1.0"?>\ufeff<o:Order xmlns:o="urn:o" id="7"><o:Line sku="A">2</o:Line><Note>a &amp; b &#233;</Note><Empty/><![CDATA[ x ]]></o:Order>`;
    expect(readXml(text.replace("\ufeff", ""), xml)).toEqual({
      "o:Order": {
        "@xmlns:o": "urn:o",
        "@id": "7",
        "o:Line": { "@sku": "A", "#text": "2" },
        Note: "a & b é",
        Empty: "",
        "#text": "x",
      },
    });
    expect(readXml(text.replace("\ufeff", ""), { ...xml, prefixes: "drop", arrays: ["Order.Line"] })).toMatchObject({
      Order: { "@id": "7", Line: [{ "@sku": "A", "#text": "2" }] },
    });
    expect(readXml("<a><b>1</b><b>820982911946154508</b></a>", xml)).toEqual({ a: { b: ["1", "820982911946154508"] } });
  });

  it.each([
    ["<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type"],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"],
    ["<a>&nbsp;</a>", "entity"],
    ["<a><b></a>", "line 1"],
    ["<a>", "unclosed"],
    ["", "root"],
    ["<html>login", "unclosed"],
    ["<__proto__/>", "not allowed"],
    ['<a constructor="1"/>', "not allowed"],
    ['<a x:b="1" y:b="2" xmlns:x="1" xmlns:y="2"/>', "two attributes"],
    ["<a>".repeat(100), "deeper than 64"],
  ])("refuses %j with a sentence", (text, why) => {
    expect(() => readXml(text, { ...xml, prefixes: "drop" })).toThrow(why);
  });
});

describe("writing XML", () => {
  it("writes what the reader reads", () => {
    const order = { Order: { "@id": "7", Line: [{ "@sku": 'A"<', "#text": 2 }, "B&B"], Empty: null, Left: undefined } };
    const text = writeXml(order);
    expect(text).toContain(`<Order id="7"><Line sku="A&quot;&lt;">2</Line><Line>B&amp;B</Line><Empty/></Order>`);
    expect(readXml(text, xml)).toEqual({ Order: { "@id": "7", Line: [{ "@sku": 'A"<', "#text": "2" }, "B&B"], Empty: "" } });
  });

  it.each([
    [{ a: 1, b: 2 }, "one root"],
    [{ a: [1] }, "one root"],
    [undefined, "one root"],
    [{ "a b": 1 }, "no name"],
    [{ a: { "><b": 1 } }, "no name"],
    [{ a: "\u0001" }, "control character"],
    [{ a: { "@x": {} } }, "list or an object"],
  ])("refuses %j", (value, why) => {
    expect(() => writeXml(value)).toThrow(why);
  });

  it("is read back the same, whatever the texts hold", () => {
    const text = fc
      .string({ unit: "grapheme" })
      .map((each) => `${each}.`)
      .filter((each) => !/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(each));
    const name = fc.constantFrom("Order", "Line", "ns:Sku", "é", "_x");
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof({ depthSize: "small" }, text, fc.dictionary(name, tie("tree"), { minKeys: 1 })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(readXml(writeXml({ root: value }), xml, 100)).toEqual({ root: value });
      }),
    );
  });
});
