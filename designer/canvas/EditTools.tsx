import { useStore as useFlowStore } from "@xyflow/react";
import { Copy, Ellipsis, LayoutDashboard, type LucideIcon, Plus, Redo2, Search, Trash2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Action } from "../actions/actions.ts";
import { ariaKeys, caps } from "../actions/keys.ts";
import { type ActionId, say } from "../actions/say.ts";
import { Tool } from "./BoardTools.tsx";
import { useDraft } from "./draft.ts";
import type { Point } from "./editing.ts";
import classes from "./editor.module.css";
import { selectionOf } from "./inHand.ts";

interface EditToolsProps {
  actions: readonly Action[];
  may: boolean;
  palette: boolean;
  /** The button: opens and closes. */
  onPalette: () => void;
  /** Opens the menu of all that can be done. */
  onMore: (at: Point) => void;
}

const editTools: readonly (readonly [ActionId, LucideIcon])[] = [
  ["undo", Undo2],
  ["redo", Redo2],
  ["duplicate", Copy],
  ["remove", Trash2],
  ["arrange", LayoutDashboard],
];

/** What can be done to the drawing most often, as buttons; the rest is in the menu. */
export function EditTools({ actions, may, palette, onPalette, onMore }: EditToolsProps) {
  const { t } = useTranslation();
  // What an action needs is the draft and what is selected: when either changes, all are asked again.
  useDraft((state) => state.history);
  useFlowStore(selectionOf);
  return (
    <>
      {may && (
        <>
          <button
            type="button"
            className={classes.add}
            aria-expanded={palette}
            aria-keyshortcuts="A"
            onClick={onPalette}
            data-testid="add-node"
          >
            <Plus size={16} aria-hidden />
            {t("canvas.addNode")}
          </button>
          {editTools.map(([id, icon]) => (
            <ActionTool key={id} id={id} icon={icon} actions={actions} />
          ))}
        </>
      )}
      <ActionTool id="find" icon={Search} actions={actions} />
      <Tool
        icon={Ellipsis}
        label={say("menu.more")}
        onClick={({ currentTarget }) => {
          const { left, bottom } = currentTarget.getBoundingClientRect();
          onMore({ clientX: left, clientY: bottom });
        }}
        testId="more"
      />
    </>
  );
}

function ActionTool({ id, icon, actions }: { id: ActionId; icon: LucideIcon; actions: readonly Action[] }) {
  const action = actions.find((one) => one.id === id);
  if (!action) return null;
  const { keys, applies, run } = action;
  return (
    <Tool
      icon={icon}
      label={say(`action.${id}`)}
      {...(keys[0] ? { hint: caps(keys[0]).join(" "), keys: ariaKeys(keys) } : {})}
      onClick={() => run()}
      disabled={!applies()}
      testId={`tool-${id}`}
    />
  );
}
