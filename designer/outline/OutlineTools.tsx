import {
  CirclePower,
  Copy,
  Ellipsis,
  MoveDown,
  MoveUp,
  PencilLine,
  Plus,
  Redo2,
  Settings2,
  Spline,
  Trash2,
  Undo2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { say as sayAction } from "../actions/say.ts";
import { Tool } from "../canvas/BoardTools.tsx";
import board from "../canvas/board.module.css";
import { useDraft, useDraftStore } from "../canvas/draft.ts";
import type { Point } from "../canvas/editing.ts";
import editor from "../canvas/editor.module.css";
import { PreviewTool } from "../preview/PreviewTool.tsx";
import classes from "./outline.module.css";
import { isOfNode, type Row } from "./rows.ts";
import { say } from "./say.ts";
import type { OutlineCommands } from "./useOutlineCommands.ts";
import { ViewTool } from "./ViewTool.tsx";

interface OutlineToolsProps {
  /** Whether the person here may draw. */
  may: boolean;
  current: Row | undefined;
  /** How many rows are chosen. */
  chosen: number;
  commands: OutlineCommands;
  onAdd: () => void;
  onConfigure: () => void;
  onRename: () => void;
  onConnect: () => void;
  onMore: (at: Point) => void;
  previewed: boolean;
  onPreview: (shown: boolean) => void;
}

/** What can be done to the rows chosen, or to the current one, as buttons that name their keys. */
export function OutlineTools({ may, previewed, onPreview, onMore, ...drawing }: OutlineToolsProps) {
  return (
    <div className={board.tools} role="toolbar" aria-label={say("outline.tools")}>
      {may && <DrawingTools {...drawing} />}
      <Tool
        icon={Ellipsis}
        label={sayAction("menu.more")}
        onClick={({ currentTarget }) => {
          const { left, bottom } = currentTarget.getBoundingClientRect();
          onMore({ clientX: left, clientY: bottom });
        }}
        testId="outline-more"
      />
      <PreviewTool shown={previewed} onShow={onPreview} />
      <ViewTool />
      <span className={classes.count} role="status" data-testid="outline-chosen">
        {drawing.chosen > 0 && say("outline.chosen", { count: drawing.chosen })}
      </span>
    </div>
  );
}

type DrawingToolsProps = Omit<OutlineToolsProps, "may" | "previewed" | "onPreview" | "onMore">;

function DrawingTools({ current, chosen, commands, onAdd, onConfigure, onRename, onConnect }: DrawingToolsProps) {
  const { t } = useTranslation();
  const { undo, redo } = useDraftStore().getState();
  const canUndo = useDraft((state) => state.history.past.length > 0);
  const canRedo = useDraft((state) => state.history.future.length > 0);
  const node = current?.kind === "node";
  const some = chosen > 0 || (current !== undefined && current.kind !== "free");
  const off = current?.kind === "node" && current.node.disabled;
  return (
    <>
      <button type="button" className={editor.add} aria-keyshortcuts="A" onClick={onAdd} data-testid="outline-add">
        <Plus size={16} aria-hidden />
        {t("canvas.addNode")}
      </button>
      <Tool icon={Undo2} label={sayAction("action.undo")} keys="Control+Z" onClick={undo} disabled={!canUndo} />
      <Tool icon={Redo2} label={sayAction("action.redo")} keys="Control+Y" onClick={redo} disabled={!canRedo} />
      <span className={board.divider} />
      <Tool icon={Settings2} label={say("outline.configure")} keys="Enter" onClick={onConfigure} disabled={!current} />
      <Tool
        icon={PencilLine}
        label={sayAction("action.rename")}
        keys="F2"
        onClick={onRename}
        disabled={!current || current.kind === "free"}
      />
      <Tool
        icon={Spline}
        label={sayAction("action.connect")}
        keys="C"
        onClick={onConnect}
        disabled={!current || !isOfNode(current)}
      />
      <Tool
        icon={MoveUp}
        label={sayAction("action.moveUp")}
        keys="Alt+ArrowUp"
        onClick={() => commands.move(-1)}
        disabled={!node}
      />
      <Tool
        icon={MoveDown}
        label={sayAction("action.moveDown")}
        keys="Alt+ArrowDown"
        onClick={() => commands.move(1)}
        disabled={!node}
      />
      <Tool
        icon={Copy}
        label={sayAction("action.duplicate")}
        keys="Control+D"
        onClick={commands.duplicate}
        disabled={!(chosen > 0 || node)}
      />
      <Tool
        icon={CirclePower}
        label={sayAction(off ? "action.enable" : "action.disable")}
        keys="E"
        onClick={commands.switch}
        disabled={!(chosen > 0 || node)}
      />
      <Tool icon={Trash2} label={sayAction("action.remove")} keys="Delete" onClick={commands.remove} disabled={!some} />
      <span className={board.divider} />
    </>
  );
}
