import type { Node, NodeProps } from "@xyflow/react";
import { FoldVertical } from "lucide-react";
import { memo, Suspense } from "react";
import type { FlowGroup } from "#schemas/flow.ts";
import { say } from "../actions/say.ts";
import { useEditingHere } from "./editing.ts";
import { InPlace } from "./InPlace.tsx";
import { ColorChoice } from "./late.ts";
import classes from "./layout.module.css";

interface FrameData extends Record<string, unknown> {
  group: FlowGroup;
  readOnly: boolean;
}
export type FrameNode = Node<FrameData, "frame">;

/** The frame around a group: it is moved, named and folded by its head; the cards in it stay free. */
export const Frame = memo(function Frame({ id, data: { group, readOnly }, selected }: NodeProps<FrameNode>) {
  const editing = useEditingHere();
  const set = (change: Partial<FlowGroup>) => editing?.dispatch({ kind: "setGroup", group: group.id, change });
  return (
    <div
      className={classes.frame}
      data-color={group.color ?? "grey"}
      data-selected={selected || undefined}
      data-testid={`group-${group.id}`}
    >
      <div className={classes.frameHead}>
        <InPlace
          of={id}
          value={group.title}
          label={say("group.title")}
          maxLength={120}
          {...(readOnly ? {} : { onChange: (title: string) => set({ title }) })}
        />
        {!readOnly && (
          <button
            type="button"
            className={`nodrag ol-icon ${classes.headButton}`}
            title={say("action.fold")}
            aria-label={say("action.fold")}
            onClick={() => editing?.dispatch({ kind: "fold", groups: [group.id], folded: true })}
            data-testid={`fold-${group.id}`}
          >
            <FoldVertical size={14} aria-hidden />
          </button>
        )}
        {selected && !readOnly && (
          <Suspense>
            <ColorChoice color={group.color ?? "grey"} onChoose={(color) => set({ color })} />
          </Suspense>
        )}
      </div>
    </div>
  );
});
