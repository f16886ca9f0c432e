import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { Layers, UnfoldVertical } from "lucide-react";
import { memo } from "react";
import type { FlowGroup } from "#schemas/flow.ts";
import { say } from "../actions/say.ts";
import card from "./card.module.css";
import { useEditingHere } from "./editing.ts";
import type { FoldedPort } from "./groups.ts";
import { useHand } from "./hand.ts";
import { InPlace } from "./InPlace.tsx";
import classes from "./layout.module.css";
import { ProblemBadge } from "./NodeCard.tsx";

interface FoldedData extends Record<string, unknown> {
  group: FlowGroup;
  ports: FoldedPort[];
  errors: number;
  warnings: number;
  readOnly: boolean;
}
export type FoldedCard = Node<FoldedData, "folded">;

/** A folded group as one card: its name, how much it holds, and the ports through which it is joined with the rest. */
export const FoldedGroup = memo(function FoldedGroup({ id, data, selected }: NodeProps<FoldedCard>) {
  const { group, ports, errors, warnings, readOnly } = data;
  const editing = useEditingHere();
  const named = useHand(({ written }) => written === id);
  const rename = (title: string) => editing?.dispatch({ kind: "setGroup", group: group.id, change: { title } });
  const unfold = () => editing?.dispatch({ kind: "fold", groups: [group.id], folded: false });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button below does the same
    <div
      className={`${card.card} ${classes.folded}`}
      data-color={group.color ?? "grey"}
      data-selected={selected || undefined}
      onDoubleClick={unfold}
      data-testid={`group-${group.id}`}
    >
      <ProblemBadge errors={errors} warnings={warnings} />
      <div className={card.head}>
        <span className={classes.foldedSign}>
          <Layers size={16} aria-hidden />
        </span>
        <div className={card.words}>
          <div className={card.name} title={group.title}>
            {named ? (
              <InPlace of={id} value={group.title} label={say("group.title")} maxLength={120} onChange={rename} />
            ) : (
              group.title || say("group.untitled")
            )}
          </div>
          <div className={card.summary}>{say("group.holds", { count: group.nodes.length })}</div>
        </div>
        {!readOnly && (
          <button
            type="button"
            className={`nodrag ol-icon ${classes.headButton}`}
            title={say("action.unfold")}
            aria-label={say("action.unfold")}
            onClick={unfold}
          >
            <UnfoldVertical size={14} aria-hidden />
          </button>
        )}
      </div>
      <div className={card.ports}>
        {(["in", "out"] as const).map((side) => (
          <div key={side}>
            {ports
              .filter((port) => port.side === side)
              .map(({ handle, title }) => (
                <div key={handle} className={card.port} data-side={side === "out" ? "out" : undefined}>
                  <Handle
                    type={side === "out" ? "source" : "target"}
                    position={side === "out" ? Position.Right : Position.Left}
                    id={handle}
                    isConnectable={!readOnly}
                    title={title}
                  />
                  <span title={title}>{title}</span>
                </div>
              ))}
          </div>
        ))}
      </div>
    </div>
  );
});
