import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { align, alignments, around, type Box, distribute } from "./align.ts";
import type { Position } from "./layoutOperations.ts";

const whole = (min: number, max: number) => fc.integer({ min, max });
const box = fc.record({ x: whole(-500, 500), y: whole(-500, 500), width: whole(1, 300), height: whole(1, 300) });
const boxes = fc.array(box, { minLength: 1, maxLength: 8 }).map((all): Record<string, Box> => Object.fromEntries(all.entries()));

const moved = (before: Record<string, Box>, to: Record<string, Position>): Box[] =>
  Object.entries(before).map(([id, one]) => ({ ...one, ...to[id] }));

const line: Record<(typeof alignments)[number], (box: Box) => number> = {
  Left: ({ x }) => x,
  Centre: ({ x, width }) => x + width / 2,
  Right: ({ x, width }) => x + width,
  Top: ({ y }) => y,
  Middle: ({ y, height }) => y + height / 2,
  Bottom: ({ y, height }) => y + height,
};

describe("aligning", () => {
  it.each(alignments)("to %s brings all to one line, inside the box they filled, and no other way", (to) => {
    fc.assert(
      fc.property(boxes, (before) => {
        const after = moved(before, align(before, to));
        const lines = after.map(line[to]);
        // Halves are rounded: places are whole numbers.
        expect(Math.max(...lines) - Math.min(...lines)).toBeLessThanOrEqual(to === "Centre" || to === "Middle" ? 1 : 0);
        const across = ["Left", "Centre", "Right"].includes(to);
        expect(after.map((one) => (across ? one.y : one.x))).toEqual(
          Object.values(before).map((one) => (across ? one.y : one.x)),
        );
        expect(around([...after, ...Object.values(before)])).toEqual(around(Object.values(before)));
      }),
    );
  });
});

describe("distributing", () => {
  it.each(["Across", "Down"] as const)("%s leaves the outermost two, and the same gap between all", (direction) => {
    const [start, size] = direction === "Across" ? (["x", "width"] as const) : (["y", "height"] as const);
    fc.assert(
      fc.property(boxes, (before) => {
        const order = Object.entries(before)
          .sort(([, a], [, b]) => a[start] - b[start] || a[size] - b[size])
          .map(([id]) => id);
        const to = distribute(before, direction);
        const after = order.map((id) => ({ ...before[id], ...to[id] })) as Box[];
        const gaps = after
          .slice(1)
          .map((one, index) => one[start] - ((after[index]?.[start] ?? 0) + (after[index]?.[size] ?? 0)));
        expect(Math.max(0, ...gaps.map((gap) => Math.abs(gap - (gaps[0] ?? 0))))).toBeLessThanOrEqual(1);
        expect(after[0]?.[start]).toBe(before[order[0] ?? ""]?.[start]);
        expect(after.at(-1)?.[start]).toBe(before[order.at(-1) ?? ""]?.[start]);
      }),
    );
  });
});
