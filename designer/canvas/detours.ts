import type { Position } from "./layoutOperations.ts";
import { cardHeight, cardWidth } from "./places.ts";

/** The cards that an edge would pass behind, from the left of the first to the right of the last: it leads above them. */
export interface Detour {
  left: number;
  right: number;
  top: number;
}

/** From the cards to the edge above them. */
const ROOM = 20;

/** The way around the cards between two others; undefined where none stands in it. All stand at their upper left corners. */
export function detourOf(from: Position, to: Position, cards: readonly Position[]): Detour | undefined {
  const start = from.x + cardWidth;
  const length = to.x - start;
  // Most edges join neighbours.
  if (length < cardWidth) return undefined;
  const met = cards.filter(({ x, y }) => {
    const passed = (x + cardWidth / 2 - start) / length;
    const off = from.y + (to.y - from.y) * passed - y;
    return x >= start && x + cardWidth <= to.x && Math.abs(off) < cardHeight / 2;
  });
  if (met.length === 0) return undefined;
  const xs = met.map(({ x }) => x);
  return {
    left: Math.min(...xs),
    right: Math.max(...xs) + cardWidth,
    top: Math.min(...met.map(({ y }) => y)) - ROOM,
  };
}

export const sameDetour = (one: Detour | undefined, other: Detour | undefined): boolean =>
  one?.left === other?.left && one?.right === other?.right && one?.top === other?.top;

interface Ends {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
}

/** The line of such an edge, and its middle. */
export function around({ left, right, top }: Detour, { sourceX, sourceY, targetX, targetY }: Ends): [string, number, number] {
  const up = (left - sourceX) / 2;
  const down = (targetX - right) / 2;
  const rise = `C${sourceX + up},${sourceY} ${left - up},${top} ${left},${top}`;
  const fall = `C${right + down},${top} ${targetX - down},${targetY} ${targetX},${targetY}`;
  return [`M${sourceX},${sourceY}${rise}H${right}${fall}`, (left + right) / 2, top];
}
