import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getBezierPath, getSmoothStepPath } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo, use } from "react";
import { say } from "../actions/say.ts";
import { count } from "../elements/numbers.ts";
import classes from "./board.module.css";
import { around, type Detour } from "./detours.ts";
import { useEditingHere } from "./editing.ts";
import { HandContext, useHand } from "./hand.ts";
import { InPlaceField } from "./InPlace.tsx";
import { type EdgeLive, useEdgeLive } from "./live.ts";
import { focusOnBoard } from "./useKeptFocus.ts";

export type CountedEdgeType = Edge<{ label: string; over?: Detour | undefined }, "counted">;

/** A link that carries how many items have crossed it, and what is written on it. */
export const CountedEdge = memo(function CountedEdge({ id, selected, data, ...ends }: EdgeProps<CountedEdgeType>) {
  const live = useEdgeLive(id);
  const near = useHand(({ edge }) => edge === id);
  const writing = useHand(({ labelled }) => labelled === id);
  const { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition } = ends;
  const places = { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition };
  // A curve that leads back would cut through the cards it joins; straight lines go around them.
  const back = targetX < sourceX + 24;
  // While an end is dragged, the cards may not stand between the ends any more.
  const over = data?.over && data.over.left > sourceX && data.over.right < targetX ? data.over : undefined;
  const [path, x, y] = over
    ? around(over, places)
    : back
      ? getSmoothStepPath({ ...places, borderRadius: 12, offset: 24 })
      : getBezierPath(places);
  const label = data?.label ?? "";
  const counted = live !== undefined && live.count > 0;
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={16}
        className={`${classes[styleOf(live)] ?? ""} ${near ? (classes.edgeNear ?? "") : ""}`}
      />
      {(counted || label !== "" || near || writing) && (
        <EdgeLabelRenderer>
          <div
            className={classes.edgeMiddle}
            data-edge={id}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {writing ? (
              <EdgeLabelField id={id} label={label} />
            ) : (
              label !== "" && (
                <span className={classes.edgeLabel} title={label}>
                  {label}
                </span>
              )
            )}
            {counted && (
              <span className={classes.edgeCount} data-selected={selected || undefined}>
                {count(live.count)}
              </span>
            )}
            {near && !writing && <AddOnEdge id={id} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

/** Adds a node onto the edge; seen while the edge is under the pointer. */
function AddOnEdge({ id }: { id: string }) {
  const editing = useEditingHere();
  const hand = use(HandContext);
  if (!editing) return null;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`nodrag nopan ${classes.edgeAdd}`}
      title={say("quickAdd.onEdge")}
      aria-label={say("quickAdd.onEdge")}
      onPointerEnter={() => hand.setState({ edge: id })}
      onPointerLeave={() => hand.setState({ edge: null })}
      onClick={(event) => editing.onQuickAdd({ kind: "edge", edge: id }, event)}
    >
      <Plus size={12} aria-hidden />
    </button>
  );
}

function EdgeLabelField({ id, label }: { id: string; label: string }) {
  const editing = useEditingHere();
  const hand = use(HandContext);
  return (
    <InPlaceField
      value={label}
      label={say("action.label")}
      maxLength={120}
      onDone={(text, byKey) => {
        hand.setState({ labelled: null });
        if (byKey) focusOnBoard(document, id);
        if (text !== null) editing?.dispatch({ kind: "setLabel", edge: id, label: text || undefined });
      }}
    />
  );
}

const styleOf = (live: EdgeLive | undefined): string =>
  live?.change ? `edge_${live.change}` : live?.active ? "edgeActive" : "edge";
