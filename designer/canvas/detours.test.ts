import { describe, expect, it } from "vitest";
import { around, detourOf } from "./detours.ts";

const row = (...xs: number[]) => xs.map((x) => ({ x, y: 0 }));

describe("an edge past cards of its row", () => {
  const [first = { x: 0, y: 0 }, second = first, third = first, last = first] = row(0, 312, 624, 936);
  const all = [first, second, third, last];

  it("leads above those between its ends, and over none of its own", () => {
    expect(detourOf(first, last, all)).toEqual({ left: 312, right: 864, top: -20 });
    expect(detourOf(first, third, all)).toEqual({ left: 312, right: 552, top: -20 });
    expect(detourOf(first, second, all)).toBeUndefined();
    expect(detourOf(last, first, all)).toBeUndefined();
  });

  it("leads straight where the cards between stand in other rows", () => {
    expect(detourOf(first, third, [first, { x: 312, y: 176 }, third])).toBeUndefined();
    expect(detourOf(first, { x: 624, y: 352 }, [first, second])).toBeUndefined();
    expect(detourOf(first, { x: 624, y: 352 }, [first, { x: 312, y: 176 }])).toEqual({ left: 312, right: 552, top: 156 });
  });

  it("begins and ends at its ports, with its middle above the cards", () => {
    const [path, x, y] = around({ left: 312, right: 552, top: -20 }, { sourceX: 240, sourceY: 80, targetX: 624, targetY: 80 });
    expect(path).toBe("M240,80C276,80 276,-20 312,-20H552C588,-20 588,80 624,80");
    expect([x, y]).toEqual([432, -20]);
  });
});
