import { type ReactFlowInstance, useReactFlow, useStore } from "@xyflow/react";
import { useEffect } from "react";
import type { CountedEdgeType } from "./CountedEdge.tsx";
import type { CardNode } from "./NodeCard.tsx";
import { cardWidth } from "./places.ts";

export const fit = { padding: 0.1, maxZoom: 1 };

/** Below this zoom the words on a card cannot be read. */
const readable = 0.6;
const margin = 40;

/** Shows the whole flow; where that would be too small to read, the selected card, or where the flow begins. */
export async function frame(instance: ReactFlowInstance<CardNode, CountedEdgeType>, selected: string | null): Promise<void> {
  await instance.fitView(fit);
  if (instance.getZoom() >= readable) return;
  const cards = instance.getNodes();
  const card = cards.find(({ id }) => id === selected);
  if (card) return void instance.setCenter(card.position.x + cardWidth / 2, card.position.y + 56, { zoom: 0.8 });
  const left = Math.min(...cards.map(({ position }) => position.x));
  const top = Math.min(...cards.map(({ position }) => position.y));
  await instance.setViewport({ x: margin - left * 0.8, y: margin * 3 - top * 0.8, zoom: 0.8 });
}

/** Moves the canvas just so far that a card named in the address is seen, also after a panel has taken room. */
export function KeepInView({ node }: { node: string | null }) {
  const { getNode, getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  useEffect(() => {
    const card = node === null ? undefined : getNode(node);
    if (!card || width === 0) return;
    const { x, y, zoom } = getViewport();
    const left = card.position.x * zoom + x;
    const top = card.position.y * zoom + y;
    const dx = shift(left, (card.measured?.width ?? cardWidth) * zoom, width);
    const dy = shift(top, (card.measured?.height ?? 0) * zoom, height);
    if (dx !== 0 || dy !== 0) void setViewport({ x: x + dx, y: y + dy, zoom });
  }, [node, width, height, getNode, getViewport, setViewport]);
  return null;
}

/** How far a stretch must move to lie within the room, with a margin. */
function shift(start: number, length: number, room: number): number {
  if (start < margin) return margin - start;
  return start + length > room - margin ? Math.min(0, room - margin - start - length) : 0;
}
