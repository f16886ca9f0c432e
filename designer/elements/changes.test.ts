import { describe, expect, it } from "vitest";
import { changesBetween } from "./changes.ts";

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

  it("know a field that has the name of what every object has, and what an escaped name is", () => {
    const own = JSON.parse('{"toString": 1, "__proto__": {"a/b": 2}}');
    const changes = [
      { type: "REMOVE", pointer: "/toString", before: 1, after: undefined },
      { type: "REMOVE", pointer: "/__proto__", before: JSON.parse('{"a/b": 2}'), after: undefined },
    ];
    expect(changesBetween(own, {})).toEqual(changes);
    expect(changesBetween({}, own).map(({ pointer }) => pointer)).toEqual(changes.map(({ pointer }) => pointer));
    expect(changesBetween({ "a/b": 1 }, { "a/b": 2 })).toMatchObject([{ pointer: "/a~1b" }]);
  });
});
