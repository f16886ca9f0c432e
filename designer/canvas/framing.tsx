import {
  type FitViewOptions,
  getViewportForBounds,
  type ReactFlowInstance,
  type Rect,
  useReactFlow,
  useStore,
  type Viewport,
} from "@xyflow/react";
import { memo, useEffect } from "react";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { BoardNode } from "./cards.ts";
import { cardHeight, cardWidth } from "./places.ts";

/** Room at each side of the window on the drawing; at the top stand the tools. */
const room = { top: 72, right: 40, bottom: 40, left: 40 };
const px = (value: number) => `${value}px` as const;

/** How small and how large the drawing may be made. */
export const zooms = { least: 0.15, most: 2 };

export const fit = {
  padding: { top: px(room.top), right: px(room.right), bottom: px(room.bottom), left: px(room.left) },
  maxZoom: 1,
} satisfies FitViewOptions;

/** Below this zoom the words on a card cannot be read. */
const readable = 0.55;
const close = 0.8;

type Instance = ReactFlowInstance<BoardNode, CountedEdgeType>;

/**
 * Shows the whole flow; where that would be too small to read, the card that matters, or where the flow begins. Of many
 * cards only those in sight are drawn: for these the whole is reckoned, for to show it would draw them all.
 */
export async function frame(instance: Instance, board: HTMLElement | null, focus: string | null, many: boolean): Promise<void> {
  const cards = instance.getNodes();
  if (!many) await instance.fitView(fit);
  const whole = instance.getNodesBounds(cards);
  const all = many && board ? wholeIn(board, whole) : instance.getViewport();
  if (all.zoom >= readable) {
    if (many) await instance.setViewport(all);
    return;
  }
  const card = cards.find(({ id }) => id === focus);
  if (card) {
    await instance.setCenter(card.position.x + cardWidth / 2, card.position.y + cardHeight / 2, { zoom: close });
    return;
  }
  const first = cards.reduce((left, one) => (one.position.x < left.position.x ? one : left));
  const middle = whole.y + whole.height / 2;
  // Where the middle of the flow is seen now that all of it is.
  const at = all.y + middle * all.zoom;
  // What is low enough stays in the middle; what is not begins at the height of its first card.
  const fits = (whole.height / 2) * close <= at - room.top;
  const y = fits ? at - middle * close : room.top - first.position.y * close;
  await instance.setViewport({ x: room.left - first.position.x * close, y, zoom: close });
}

const wholeIn = ({ clientWidth, clientHeight }: HTMLElement, whole: Rect): Viewport =>
  getViewportForBounds(whole, clientWidth, clientHeight, zooms.least, fit.maxZoom, fit.padding);

/** Moves the canvas just so far that a card named in the address is seen, also after a panel has taken room. */
export const KeepInView = memo(function KeepInView({ node }: { node: string | null }) {
  const { getNode, getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    const card = node === null ? undefined : getNode(node);
    if (!card || width === 0) return;
    const { x, y, zoom } = getViewport();
    const left = card.position.x * zoom + x;
    const top = card.position.y * zoom + y;
    const dx = shift(left, (card.measured?.width ?? cardWidth) * zoom, width, room.left, room.right);
    const dy = shift(top, (card.measured?.height ?? 0) * zoom, height, room.top, room.bottom);
    if (dx !== 0 || dy !== 0) void setViewport({ x: x + dx, y: y + dy, zoom });
  }, [node, width, height, getNode, getViewport, setViewport]);
  return null;
});

/** How far a stretch must move to be seen, with room to spare; nothing when it is seen whole already. */
function shift(start: number, length: number, whole: number, before: number, after: number): number {
  if (start >= 0 && start + length <= whole) return 0;
  if (start < 0) return before - start;
  return Math.max(before - start, whole - after - start - length);
}
