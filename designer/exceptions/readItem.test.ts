import { describe, expect, it } from "vitest";
import { readItem } from "./readItem.ts";

describe("a text that is to be an item", () => {
  it("is read, or says what keeps it from that", () => {
    expect(readItem('{"a": 1.5}')).toEqual({ item: { a: 1.5 } });
    expect(readItem('{"a": }')).toEqual({ fault: "The text is not JSON at line 1, column 7: a value is missing before “}”." });
  });

  it("is not taken where a number would lose digits", () => {
    expect(readItem('{"id": 820982911946154508}')).toEqual({ number: "820982911946154500" });
    expect(readItem('{"id": "820982911946154508"}')).toEqual({ item: { id: "820982911946154508" } });
  });
});
