import { Layers, StickyNote } from "lucide-react";
import type { ReactNode } from "react";
import { say as sayAction } from "../actions/say.ts";
import { firstLine } from "../canvas/names.ts";
import { Label } from "../elements/Label.tsx";
import { Chosen, stop } from "./OutlineRow.tsx";
import classes from "./outline.module.css";
import type { GroupRow, NoteRow } from "./rows.ts";
import { say } from "./say.ts";

interface LayoutLineProps {
  row: GroupRow | NoteRow;
  /** How many rows there are beside those below a node. */
  of: number;
  /** What the nodes of a group are called. */
  names: string;
  current: boolean;
  chosen: boolean;
  /** The field in which the name of a group is typed, while it is. */
  renaming: ReactNode;
}

/** A group of nodes, or a note: what is drawn around the flow to explain it. */
export function LayoutLine({ row, of, names, current, chosen, renaming }: LayoutLineProps) {
  const isGroup = row.kind === "group";
  const Icon = isGroup ? Layers : StickyNote;
  const name = isGroup
    ? say("outline.groupName", { title: row.group.title || sayAction("group.untitled") })
    : say("outline.noteName");
  const text = isGroup ? say("outline.groupOf", { names }) : firstLine(row.note.text) || say("outline.noteEmpty");
  return (
    <tr
      className={classes.row}
      aria-level={1}
      aria-posinset={row.place}
      aria-setsize={of}
      aria-selected={chosen}
      {...stop(current)}
      data-row={row.key}
      data-testid={`outline-${row.kind}-${isGroup ? row.group.id : row.note.id}`}
    >
      <td>
        <div className={classes.name}>
          <span className={classes.fold} />
          <span className={classes.layoutIcon}>
            <Icon size={16} aria-hidden />
          </span>
          {renaming || <strong className="ol-clip">{name}</strong>}
          {isGroup && row.group.folded && <Label>{say("outline.groupFolded")}</Label>}
          <Chosen chosen={chosen} />
        </div>
      </td>
      <td colSpan={5}>
        <span className={classes.does}>{text}</span>
      </td>
    </tr>
  );
}
