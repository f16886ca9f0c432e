import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef, useState } from "react";
import type { SourceField } from "./source.ts";

export interface Drag {
  source: SourceField;
  /** Where the line begins and where the pointer is, within the panes. */
  from: { x: number; y: number };
  to: { x: number; y: number };
  over: string | undefined;
}

/** A pointer that moves less than this clicks. */
const CLICK_PX = 4;
/** Near the edge of the tree it scrolls, this many pixels a frame. */
const EDGE_PX = 36;
const SCROLL_PX = 9;

/** Draws a line from a source row to wherever the pointer is, and maps where it is let go above a target. */
export function useDrag(
  panes: RefObject<HTMLElement | null>,
  targetView: RefObject<HTMLElement | null>,
  onDrop: (source: SourceField, target: string) => void,
) {
  const [drag, setDrag] = useState<Drag>();
  const latest = useRef(onDrop);
  latest.current = onDrop;
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);

  const begin = (event: ReactPointerEvent, source: SourceField) => {
    const box = panes.current?.getBoundingClientRect();
    if (event.button !== 0 || !box || event.pointerType === "touch") return;
    const row = event.currentTarget.getBoundingClientRect();
    const from = { x: row.right - box.left, y: row.top + row.height / 2 - box.top };
    const start = { x: event.clientX, y: event.clientY };
    let at = start;
    let moved = false;
    let frame = 0;
    const draw = () => {
      const target = targetAt(at.x, at.y);
      setDrag({ source, from, to: { x: at.x - box.left, y: at.y - box.top }, over: target });
    };
    const scroll = () => {
      const by = scrollBy(targetView.current, at);
      if (by !== 0) {
        targetView.current?.scrollBy(0, by);
        draw();
      }
      frame = requestAnimationFrame(scroll);
    };
    const move = (next: PointerEvent) => {
      at = { x: next.clientX, y: next.clientY };
      if (!moved && Math.hypot(at.x - start.x, at.y - start.y) < CLICK_PX) return;
      if (!moved) frame = requestAnimationFrame(scroll);
      moved = true;
      draw();
    };
    const end = (next?: PointerEvent) => {
      const target = moved && next ? targetAt(next.clientX, next.clientY) : undefined;
      stop.current?.();
      if (target !== undefined) latest.current(source, target);
    };
    const letGo = (key: KeyboardEvent) => {
      if (key.key !== "Escape" || !moved) return;
      key.preventDefault();
      key.stopPropagation();
      end();
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("keydown", letGo, { capture: true });
    stop.current = () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("keydown", letGo, { capture: true });
      stop.current = undefined;
      setDrag(undefined);
    };
  };
  return { drag, begin };
}

/** The key of the target field at a place of the window. */
const targetAt = (x: number, y: number): string | undefined =>
  document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-target]")?.dataset.key;

function scrollBy(view: HTMLElement | null, { x, y }: { x: number; y: number }): number {
  if (!view) return 0;
  const box = view.getBoundingClientRect();
  if (x < box.left || x > box.right) return 0;
  if (y > box.bottom - EDGE_PX) return SCROLL_PX;
  return y < box.top + EDGE_PX ? -SCROLL_PX : 0;
}
