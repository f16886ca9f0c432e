import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import { count } from "../elements/numbers.ts";
import classes from "./board.module.css";
import { type EdgeLive, useEdgeLive } from "./live.ts";

export type CountedEdgeType = Edge<Record<string, never>, "counted">;

/** A link that carries how many items have crossed it. */
export const CountedEdge = memo(function CountedEdge({ id, selected, ...ends }: EdgeProps<CountedEdgeType>) {
  const live = useEdgeLive(id);
  const { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition } = ends;
  const places = { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition };
  // A curve that leads back would cut through the cards it joins; straight lines go around them.
  const back = targetX < sourceX + 24;
  const [path, x, y] = back ? getSmoothStepPath({ ...places, borderRadius: 12, offset: 24 }) : getBezierPath(places);
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={16} className={classes[styleOf(live)] ?? ""} />
      {live && live.count > 0 && (
        <EdgeLabelRenderer>
          <span
            className={classes.edgeCount}
            data-selected={selected || undefined}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {count(live.count)}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

const styleOf = (live: EdgeLive | undefined): string =>
  live?.change ? `edge_${live.change}` : live?.active ? "edgeActive" : "edge";
