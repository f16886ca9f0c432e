import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonFaultOf } from "./jsonFault.ts";

const told = (text: string) => {
  const fault = jsonFaultOf(text);
  return fault && `${fault.line}:${fault.column} ${fault.reason}`;
};

describe("where a text stops being JSON", () => {
  it.each([
    ['{ "id": 7, "line_items": [ }', "1:28 a value is missing before “}”"],
    ['{"a": 1,\n "b": }', "2:7 a value is missing before “}”"],
    ['{"a":', "1:6 a value is missing before the end"],
    ["[1,]", "1:4 nothing follows the comma before “]”"],
    ['{"a":1, }', "1:9 nothing follows the comma before “}”"],
    ['{"a" 1}', "1:6 a colon is missing before “1”"],
    ['{"a":1 "b":2}', '1:8 a comma is missing before “"b"”'],
    ['{"a":[1,2}', "1:10 a “]” is missing before “}”"],
    ['{"a":1', "1:7 a “}” is missing at the end"],
    ["[1", "1:3 a “]” is missing at the end"],
    ["{a:1}", "1:2 the name “a” has to stand in double quotes"],
    ["{'a':1}", "1:2 texts and names stand in straight double quotes, not in '"],
    ['{"a":yes}', "1:6 “yes” is no value: a text stands in double quotes"],
    ["1 2", "1:3 nothing may follow the end, as “2” does"],
    ["1.", "1:3 a digit is missing before the end"],
    ['"abc', "1:5 the last text has no closing quote"],
    ["\u0000", "1:1 a value is missing before a character that is not seen"],
  ])("%j", (text, fault) => {
    expect(told(text)).toBe(fault);
  });

  it("is found in whatever JSON.parse refuses, and in nothing else", () => {
    const near = fc
      .json()
      .chain((json) =>
        fc
          .tuple(fc.nat(json.length), fc.nat(3), fc.constantFrom("", "}", "]", ",", ":", '"', "x", "'"))
          .map(([at, cut, put]) => json.slice(0, at) + put + json.slice(at + cut)),
      );
    fc.assert(
      fc.property(near, (text) => {
        let sound = true;
        try {
          JSON.parse(text);
        } catch {
          sound = false;
        }
        const fault = jsonFaultOf(text);
        expect(fault === undefined).toBe(sound);
        if (fault) expect(fault.position).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
