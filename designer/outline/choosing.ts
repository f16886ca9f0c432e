import { boardOf, type Row } from "./rows.ts";

/** Ids on the board, and of edges. */
export interface Picked {
  board: string[];
  edges: string[];
}

/** What is done is done to the rows chosen, or else to the current one. */
export function pickedOf(chosen: ReadonlySet<string>, current: Row | undefined): Picked {
  if (chosen.size > 0) return { board: [...chosen], edges: [] };
  const board = current && boardOf(current);
  return { board: board ? [board] : [], edges: current?.kind === "edge" ? [current.edge.id] : [] };
}

/** With the row chosen too, or no longer. */
export function toggled(chosen: ReadonlySet<string>, row: Row): ReadonlySet<string> {
  const board = boardOf(row);
  if (board === null) return chosen;
  const next = new Set(chosen);
  if (!next.delete(board)) next.add(board);
  return next;
}

/** Going on from a row to the next with Shift: both are chosen; going back over one that is chosen lets go of the one left. */
export function extended(chosen: ReadonlySet<string>, from: Row, to: Row): ReadonlySet<string> {
  const [left, reached] = [boardOf(from), boardOf(to)];
  const next = new Set(chosen);
  if (left !== null && reached !== null && next.has(left) && next.has(reached)) next.delete(left);
  else for (const board of [left, reached]) if (board !== null) next.add(board);
  return next;
}

/** The nearest row before (-1) or behind (1) that can be chosen. */
export function choosableBeside(rows: readonly Row[], from: Row, by: -1 | 1): Row | undefined {
  const at = rows.findIndex(({ key }) => key === from.key);
  const rest = by < 0 ? rows.slice(0, at).reverse() : rows.slice(at + 1);
  return rest.find((row) => boardOf(row) !== null);
}
