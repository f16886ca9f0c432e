import { describe, expect, it } from "vitest";
import { changesBetween, readItem } from "./changes.ts";

describe("changes of an item", () => {
  it("are told place by place", () => {
    expect(changesBetween({ a: 1, b: { c: [1, 2] }, gone: "x" }, { a: 1, b: { c: [1, 3] }, come: null })).toEqual([
      { type: "CHANGE", pointer: "/b/c/1", before: 2, after: 3 },
      { type: "REMOVE", pointer: "/gone", before: "x", after: undefined },
      { type: "CREATE", pointer: "/come", before: undefined, after: null },
    ]);
  });

  it("are one where the item is of another kind altogether, and none where it is the same", () => {
    expect(changesBetween([1], { 0: 1 })).toHaveLength(1);
    expect(changesBetween("a", "b")).toEqual([{ type: "CHANGE", pointer: "", before: "a", after: "b" }]);
    expect(changesBetween({ a: [1] }, { a: [1] })).toEqual([]);
    expect(changesBetween(null, null)).toEqual([]);
  });
});

describe("a text that is to be an item", () => {
  it("is read, or says what keeps it from that", () => {
    expect(readItem('{"a": 1.5}')).toEqual({ item: { a: 1.5 } });
    expect(readItem('{"a": }')).toEqual({ fault: expect.stringContaining("JSON") });
  });

  it("is not taken where a number would lose digits", () => {
    expect(readItem('{"id": 820982911946154508}')).toEqual({ number: "820982911946154500" });
    expect(readItem('{"id": "820982911946154508"}')).toEqual({ item: { id: "820982911946154508" } });
  });
});
