import { rowFor } from "./rows.ts";

/** A line from a source field to a target field. */
export interface Link {
  from: string;
  to: string;
  suggested: boolean;
}

export interface DrawnLine {
  id: string;
  link: Link;
  /** From the top of what is seen, in pixels. */
  y1: number;
  y2: number;
  /** An end is scrolled or folded out of sight: it goes to the edge, or to what it is folded into. */
  loose: boolean;
}

export interface Side {
  places: ReadonlyMap<string, number>;
  rowHeight: number;
  scrollTop: number;
}

/** Where the lines go, given what is shown, scrolled and folded. Several that fall together are drawn once. */
export function linesBetween(links: readonly Link[], source: Side, target: Side, height: number): DrawnLine[] {
  const lines = new Map<string, DrawnLine>();
  for (const link of links) {
    const a = rowFor(source.places, link.from);
    const b = rowFor(target.places, link.to);
    if (!a || !b) continue;
    const y1 = middleOf(a.row, source);
    const y2 = middleOf(b.row, target);
    if ((y1 < 0 && y2 < 0) || (y1 > height && y2 > height)) continue;
    const id = `${a.row} ${b.row} ${link.suggested}`;
    const isOut = (y: number) => y < 0 || y > height;
    const loose = !a.own || !b.own || isOut(y1) || isOut(y2);
    const known = lines.get(id);
    if (!known || (known.loose && !loose)) lines.set(id, { id, link, y1: clamp(y1, height), y2: clamp(y2, height), loose });
  }
  return [...lines.values()];
}

const middleOf = (row: number, { rowHeight, scrollTop }: Side): number => (row + 0.5) * rowHeight - scrollTop;

const clamp = (y: number, height: number): number => Math.max(-4, Math.min(height + 4, y));

/** The curve of a line through a gap of a width. */
export function curve(y1: number, y2: number, width: number): string {
  const bend = width * 0.5;
  return `M0 ${y1}C${bend} ${y1} ${width - bend} ${y2} ${width} ${y2}`;
}
