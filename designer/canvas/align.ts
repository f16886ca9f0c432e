import type { Position } from "./layoutOperations.ts";

export interface Box extends Position {
  width: number;
  height: number;
}

export const alignments = ["Left", "Centre", "Right", "Top", "Middle", "Bottom"] as const;
export type Alignment = (typeof alignments)[number];
export type Direction = "Across" | "Down";

type Boxes = Readonly<Record<string, Box>>;

/** The smallest box around all; null for none. */
export function around(boxes: readonly Box[]): Box | null {
  if (boxes.length === 0) return null;
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Places at which all boxes share an edge or a middle line of the box around them. */
export function align(boxes: Boxes, to: Alignment): Record<string, Position> {
  const whole = around(Object.values(boxes));
  if (!whole) return {};
  const place = (box: Box): Position => {
    switch (to) {
      case "Left":
        return { x: whole.x, y: box.y };
      case "Centre":
        return { x: Math.round(whole.x + (whole.width - box.width) / 2), y: box.y };
      case "Right":
        return { x: whole.x + whole.width - box.width, y: box.y };
      case "Top":
        return { x: box.x, y: whole.y };
      case "Middle":
        return { x: box.x, y: Math.round(whole.y + (whole.height - box.height) / 2) };
      case "Bottom":
        return { x: box.x, y: whole.y + whole.height - box.height };
    }
  };
  return Object.fromEntries(Object.entries(boxes).map(([id, box]) => [id, place(box)]));
}

/** Places with the same gap between one box and the next; the outermost two stay. */
export function distribute(boxes: Boxes, direction: Direction): Record<string, Position> {
  const [start, size] = direction === "Across" ? (["x", "width"] as const) : (["y", "height"] as const);
  const order = Object.entries(boxes).sort(([, a], [, b]) => a[start] - b[start] || a[size] - b[size]);
  const [first] = order;
  const last = order.at(-1);
  if (!first || !last) return {};
  const inner = order.slice(0, -1).reduce((sum, [, box]) => sum + box[size], 0);
  const gap = (last[1][start] - first[1][start] - inner) / (order.length - 1 || 1);
  let next = first[1][start];
  return Object.fromEntries(
    order.map(([id, box], index) => {
      const at = index === order.length - 1 ? box[start] : Math.round(next);
      next += box[size] + gap;
      return [id, { x: box.x, y: box.y, [start]: at }];
    }),
  );
}
