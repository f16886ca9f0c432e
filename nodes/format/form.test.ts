import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFormat, writeFormat } from "./format.ts";

const form = { type: "form" } as const;

describe("a form", () => {
  it("is written by field, with lists repeated and what is absent left out", () => {
    const body = { tracking_code: "1Z 9&1", send_bcc: false, tags: ["a", "b"], count: 3, note: null, nothing: undefined };
    expect(writeFormat(body, form)).toBe("tracking_code=1Z+9%261&send_bcc=false&tags=a&tags=b&count=3");
  });

  it("comes back as it was", () => {
    const name = fc.string({ minLength: 1 }).filter((each) => !["__proto__", "constructor", "prototype"].includes(each));
    const several = fc.array(fc.string({ unit: "grapheme" }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(fc.string({ unit: "grapheme" }), several)), (fields) => {
        const trimmed = writeFormat(fields, form);
        expect(readFormat(trimmed, form)).toEqual({ ...fields });
      }),
    );
  });

  it("is refused where a field would be an object, where it is none, and with a hostile name", () => {
    expect(() => writeFormat({ address: { city: "Oslo" } }, form)).toThrow("The field address of a form cannot hold an object.");
    expect(() => writeFormat([1], form)).toThrow("A form is made from an object");
    expect(() => readFormat("__proto__=1", form)).toThrow("The field __proto__ is not allowed.");
  });
});
