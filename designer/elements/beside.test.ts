import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beside } from "./beside.ts";

const window = { width: 1024, height: 700 };
const box = { width: 120, height: 28 };
const button = (left: number, top: number) => ({ left, top, width: 32, height: 32 });

describe("the place of a hint", () => {
  it("is over the middle of its element", () => {
    expect(beside(button(500, 300), box, window)).toEqual({ left: 500 + 16 - 60, top: 300 - 5 - 28 });
  });

  it("is below where there is no room above", () => {
    expect(beside(button(500, 4), box, window).top).toBe(4 + 32 + 5);
  });

  it("is in sight wherever the element is", () => {
    const place = fc.record({ left: fc.integer({ min: 0, max: 992 }), top: fc.integer({ min: 0, max: 668 }) });
    fc.assert(
      fc.property(place, ({ left, top }) => {
        const at = beside(button(left, top), box, window);
        expect(at.left).toBeGreaterThanOrEqual(0);
        expect(at.left + box.width).toBeLessThanOrEqual(window.width);
        expect(at.top).toBeGreaterThanOrEqual(0);
        expect(at.top + box.height).toBeLessThanOrEqual(window.height);
      }),
    );
  });
});
