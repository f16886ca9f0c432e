import { applyNodeChanges, type NodeChange, type NodePositionChange } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { standingOf } from "./boardIds.ts";
import { type BoardNode, boardNodes, onlySelected, reframed } from "./cards.ts";
import type { Position } from "./layoutOperations.ts";

type Ground = Omit<Parameters<typeof boardNodes>[0], "before" | "selected">;

/**
 * What stands on the board: drawn from the flow, moved by the hand until it lets go. `onMoved` is told then, once for
 * all that moved, the cards of a moved frame included. While `several` are selected, none is let go by the address.
 */
export function useBoardNodes(
  ground: Ground,
  selected: string | null,
  several: RefObject<boolean>,
  onMoved: ((to: Record<string, Position>) => void) | undefined,
) {
  const { flow, catalogue, problems, readOnly } = ground;
  const [nodes, setNodes] = useState<BoardNode[]>(() => boardNodes({ ...ground, before: [], selected }));
  // Changes come faster than React draws; each builds on the one before.
  const latest = useRef(nodes);
  const put = useCallback((next: BoardNode[]) => {
    if (next === latest.current) return;
    latest.current = next;
    setNodes(next);
  }, []);

  const named = useRef(selected);
  useEffect(() => {
    put(boardNodes({ flow, catalogue, problems, readOnly, before: latest.current, selected: named.current }));
  }, [flow, catalogue, problems, readOnly, put]);
  useEffect(() => {
    put(onlySelected(latest.current, selected, several.current ? null : named.current));
    named.current = selected;
  }, [selected, several, put]);

  const onNodesChange = useCallback(
    (changes: NodeChange<BoardNode>[]) => {
      const all = withMembers(changes, latest.current);
      put(reframed(applyNodeChanges(all, latest.current)));
      if (!onMoved) return;
      const done = all.flatMap((change) =>
        change.type === "position" && change.position && change.dragging === false && !isFrame(change.id, latest.current)
          ? [[change.id, change.position] as const]
          : [],
      );
      if (done.length > 0) onMoved(Object.fromEntries(done));
    },
    [put, onMoved],
  );
  return { nodes, onNodesChange };
}

const isFrame = (id: string, nodes: readonly BoardNode[]): boolean =>
  standingOf(id).kind === "group" && nodes.find((node) => node.id === id)?.type === "frame";

/** The changes, and with each frame that moves the same move for its cards. */
function withMembers(changes: NodeChange<BoardNode>[], nodes: readonly BoardNode[]): NodeChange<BoardNode>[] {
  const moves = changes.filter((change): change is NodePositionChange => change.type === "position");
  const frames = moves.filter(({ id }) => standingOf(id).kind === "group");
  if (frames.length === 0) return changes;
  const at = new Map(nodes.map((node) => [node.id, node]));
  const moving = new Set(moves.map(({ id }) => id));
  const members = frames.flatMap(({ id, position, dragging }): NodePositionChange[] => {
    const frame = at.get(id);
    if (frame?.type !== "frame" || !position) return [];
    const by = { x: position.x - frame.position.x, y: position.y - frame.position.y };
    return frame.data.group.nodes.flatMap((node) => {
      const place = at.get(node)?.position;
      if (!place || moving.has(node)) return [];
      return [{ id: node, type: "position", position: { x: place.x + by.x, y: place.y + by.y }, dragging: dragging ?? false }];
    });
  });
  return [...changes, ...members];
}
