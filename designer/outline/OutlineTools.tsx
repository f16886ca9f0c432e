import { CirclePower, Copy, MoveDown, MoveUp, PencilLine, Plus, Redo2, Settings2, Spline, Trash2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { say as sayAction } from "../actions/say.ts";
import { Tool } from "../canvas/BoardTools.tsx";
import board from "../canvas/board.module.css";
import { useDraft, useDraftStore } from "../canvas/draft.ts";
import editor from "../canvas/editor.module.css";
import { PreviewTool } from "../preview/PreviewTool.tsx";
import type { Row } from "./rows.ts";
import { say } from "./say.ts";
import type { OutlineCommands } from "./useOutlineCommands.ts";
import { ViewTool } from "./ViewTool.tsx";

interface OutlineToolsProps {
  /** Whether the person here may draw. */
  may: boolean;
  current: Row | undefined;
  commands: OutlineCommands;
  onAdd: () => void;
  onConfigure: () => void;
  onRename: () => void;
  onConnect: () => void;
  previewed: boolean;
  onPreview: (shown: boolean) => void;
}

/** What can be done to the current row, as buttons that name their keys. */
export function OutlineTools({ may, previewed, onPreview, ...drawing }: OutlineToolsProps) {
  return (
    <div className={board.tools} role="toolbar" aria-label={say("outline.tools")}>
      {may && <DrawingTools {...drawing} />}
      <PreviewTool shown={previewed} onShow={onPreview} />
      <ViewTool />
    </div>
  );
}

type DrawingToolsProps = Omit<OutlineToolsProps, "may" | "previewed" | "onPreview">;

function DrawingTools({ current, commands, onAdd, onConfigure, onRename, onConnect }: DrawingToolsProps) {
  const { t } = useTranslation();
  const { undo, redo } = useDraftStore().getState();
  const canUndo = useDraft((state) => state.history.past.length > 0);
  const canRedo = useDraft((state) => state.history.future.length > 0);
  const node = current?.kind === "node";
  const off = current?.node.disabled;
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
      <Tool icon={PencilLine} label={say("outline.rename")} keys="F2" onClick={onRename} disabled={!node} />
      <Tool icon={Spline} label={say("outline.connect")} keys="C" onClick={onConnect} disabled={!current} />
      <Tool icon={MoveUp} label={say("outline.moveUp")} keys="Alt+ArrowUp" onClick={() => commands.move(-1)} disabled={!node} />
      <Tool
        icon={MoveDown}
        label={say("outline.moveDown")}
        keys="Alt+ArrowDown"
        onClick={() => commands.move(1)}
        disabled={!node}
      />
      <Tool icon={Copy} label={sayAction("action.duplicate")} keys="Control+D" onClick={commands.duplicate} disabled={!node} />
      <Tool
        icon={CirclePower}
        label={say(off ? "outline.switchOn" : "outline.switchOff")}
        keys="E"
        onClick={commands.switch}
        disabled={!node}
      />
      <Tool
        icon={Trash2}
        label={sayAction("action.remove")}
        keys="Delete"
        onClick={commands.remove}
        disabled={!current || current.kind === "free"}
      />
      <span className={board.divider} />
    </>
  );
}
