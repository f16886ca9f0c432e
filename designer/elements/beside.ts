interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Pixels between an element and what is said of it, and from there to the window's edge. */
const GAP = 5;
const EDGE = 8;

/** Where a box stands that says something of an element: over its middle, below where there is no room, in sight always. */
export function beside(
  element: Rect,
  box: { width: number; height: number },
  window: { width: number; height: number },
): { left: number; top: number } {
  const middle = element.left + element.width / 2 - box.width / 2;
  const above = element.top - GAP - box.height;
  const below = element.top + element.height + GAP;
  return {
    left: Math.max(EDGE, Math.min(middle, window.width - EDGE - box.width)),
    top: above >= EDGE || below + box.height > window.height - EDGE ? Math.max(EDGE, above) : below,
  };
}
