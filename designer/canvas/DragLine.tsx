import { type ConnectionLineComponentProps, Position } from "@xyflow/react";
import type { BoardNode } from "./cards.ts";

/** The line from a port to the pointer: it leaves the port straight and goes to the pointer without a loop at its end. */
export function DragLine({
  fromX,
  fromY,
  toX,
  toY,
  fromPosition,
  toHandle,
  connectionStatus,
}: ConnectionLineComponentProps<BoardNode>) {
  const way = fromPosition === Position.Left ? -1 : 1;
  const ahead = (toX - fromX) * way;
  const pull = ahead > 0 ? ahead / 2 : Math.min(-ahead / 2, 64);
  // Only a port takes the line in straight; the pointer in the open is just its end.
  const end = toHandle ? pull : Math.max(0, pull / 2) * (ahead > 0 ? 1 : 0);
  const path = `M ${fromX} ${fromY} C ${fromX + pull * way} ${fromY}, ${toX - end * way} ${toY}, ${toX} ${toY}`;
  return (
    <path
      d={path}
      fill="none"
      className="react-flow__connection-path"
      style={connectionStatus === "invalid" ? { stroke: "var(--ol-failed)" } : {}}
    />
  );
}
