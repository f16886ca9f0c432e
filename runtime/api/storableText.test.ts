import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isStorable, unstorableAt } from "./storableText.ts";

describe("text that cannot be stored", () => {
  it.each([
    ["a NUL in a list", { a: ["x", "y\u0000"] }, "/a/1"],
    ["half a character", { "a/b": "\ud83d" }, "/a~1b"],
    ["a key", { a: { "b\u0000": 1 } }, "/a/"],
    ["the value itself", "\u0000", ""],
  ])("is found in %s", (_what, value, pointer) => expect(unstorableAt(value)).toBe(pointer));

  it("is nothing else: whole characters of any kind pass", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.includes("\u0000"));
        expect(isStorable(text)).toBe(true);
        expect(unstorableAt({ [text]: [text] })).toBeUndefined();
      }),
    );
  });
});
