import type { KeyboardEvent } from "react";
import type { Point } from "../canvas/editing.ts";
import { choosableBeside, extended, toggled } from "./choosing.ts";
import { type OutlineKey, outlineKeyOf, rowAt } from "./outlineKeys.ts";
import { isOfNode, nodeKey, type Row } from "./rows.ts";
import type { OutlineState } from "./useOutline.ts";

interface Keyed extends OutlineState {
  may: boolean;
  /** Opens what a row is, and goes into it. */
  onOpen: (row: Row) => void;
  onSwitch: () => void;
  onMenu: (at: Point) => void;
}

/** The keys by which the rows are walked, unfolded, chosen and opened. */
export function useOutlineKeys({ rows, unfolded, current, chosen, choose, goTo, fold, may, ...told }: Keyed) {
  const walk = (key: "up" | "down" | "first" | "last", row: Row) => {
    const next = rowAt(rows, row, key);
    if (next) goTo(next.key);
  };
  const extend = (row: Row, by: -1 | 1) => {
    const next = choosableBeside(rows, row, by);
    if (!next) return;
    choose(extended(chosen, row, next));
    goTo(next.key);
  };
  const unfold = (row: Row) => {
    if (row.kind !== "node" || row.below === 0) return;
    if (unfolded.has(row.node.id)) walk("down", row);
    else fold(row.node.id, true);
  };
  const foldUp = (row: Row) => {
    if (!isOfNode(row)) return;
    if (row.kind === "node") fold(row.node.id, false);
    else goTo(nodeKey(row.node.id));
  };
  const actions: Record<OutlineKey, (row: Row, at: Element) => void> = {
    up: (row) => walk("up", row),
    down: (row) => walk("down", row),
    first: (row) => walk("first", row),
    last: (row) => walk("last", row),
    right: unfold,
    left: foldUp,
    enter: told.onOpen,
    choose: (row) => choose(toggled(chosen, row)),
    chooseUp: (row) => extend(row, -1),
    chooseDown: (row) => extend(row, 1),
    menu: (_, at) => {
      const { left, bottom } = at.getBoundingClientRect();
      // A frame later: a menu that stands already takes the key on its way for one beside it, and closes.
      requestAnimationFrame(() => told.onMenu({ clientX: left + 48, clientY: bottom }));
    },
    switch: () => may && told.onSwitch(),
  };
  return (event: KeyboardEvent) => {
    const key = outlineKeyOf(event);
    const target = event.target as HTMLElement;
    if (!key || !current || target.dataset.row === undefined) return;
    event.preventDefault();
    actions[key](current, target);
  };
}
