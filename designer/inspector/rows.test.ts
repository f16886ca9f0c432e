import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moved, objectOf, rowOf, rowsFor } from "./rows.ts";

describe("rows of a list", () => {
  it("move by a place and back, and lose nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(12), (list, at) => {
        const down = moved(list, at, 1);
        expect([...down].sort()).toEqual([...list].sort());
        if (at + 1 < list.length) {
          expect(down[at + 1]).toBe(list[at]);
          expect(moved(down, at + 1, -1)).toEqual(list);
        } else expect(down).toBe(list);
      }),
    );
  });

  it("keep their ids as long as their values stand", () => {
    const before = ["a", "b", "c"].map(rowOf);
    const after = rowsFor(["a", "x", "c", "d"], before);
    expect(after.map(({ value }) => value)).toEqual(["a", "x", "c", "d"]);
    expect([after[0]?.id, after[2]?.id]).toEqual([before[0]?.id, before[2]?.id]);
    expect(new Set(after.map(({ id }) => id)).size).toBe(4);
  });

  it("of names and values are an object, or none", () => {
    expect(
      objectOf([
        ["a", "1"],
        ["", "2"],
        ["b", ""],
      ]),
    ).toEqual({ a: "1", b: "" });
    expect(objectOf([["", "2"]])).toBeUndefined();
  });
});
