import { type Node, type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, Suspense, use } from "react";
import type { FlowNote } from "#schemas/flow.ts";
import { say } from "../actions/say.ts";
import { useEditingHere } from "./editing.ts";
import { HandContext, useEmphasis, useHand } from "./hand.ts";
import { ColorChoice } from "./late.ts";
import classes from "./layout.module.css";
import { NoteText } from "./NoteText.tsx";

interface NoteData extends Record<string, unknown> {
  note: FlowNote;
  readOnly: boolean;
}
export type NoteNode = Node<NoteData, "note">;

/** The least a note measures: one line and its margins. */
const least = { minWidth: 96, minHeight: 48 };

/** A piece of paper: a double click, Enter or F2 writes on it, its corners make it larger. */
export const Note = memo(function Note({ id, data: { note, readOnly }, selected }: NodeProps<NoteNode>) {
  const editing = useEditingHere();
  const hand = use(HandContext);
  const writing = useHand(({ written }) => written === id) && !readOnly;
  const emphasis = useEmphasis(id);
  const set = (change: Partial<FlowNote>) => editing?.dispatch({ kind: "setNote", note: note.id, change });
  const done = (text: string) => {
    hand.setState({ written: null });
    if (text !== note.text) set({ text });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys reach it through the node around it
    <div
      className={classes.note}
      data-color={note.color ?? "yellow"}
      data-selected={selected || undefined}
      data-emphasis={emphasis}
      onDoubleClick={() => hand.setState({ written: id })}
      data-testid={`note-${note.id}`}
    >
      {!readOnly && (
        <NodeResizer
          {...least}
          isVisible={selected}
          lineClassName={classes.resizeLine ?? ""}
          handleClassName={classes.resizeHandle ?? ""}
          onResizeEnd={(_, { x, y, width, height }) => set({ x, y, width: Math.round(width), height: Math.round(height) })}
        />
      )}
      {selected && !readOnly && !writing && (
        <div className={classes.noteTools}>
          <Suspense>
            <ColorChoice color={note.color ?? "yellow"} onChoose={(color) => set({ color })} />
          </Suspense>
        </div>
      )}
      {writing ? (
        <textarea
          ref={focused}
          className={`nodrag nowheel ${classes.noteWriting}`}
          aria-label={say("note.text")}
          placeholder={say("note.hint")}
          maxLength={4_000}
          defaultValue={note.text}
          data-keeps-escape
          onBlur={(event) => done(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape" && !(event.key === "Enter" && (event.ctrlKey || event.metaKey))) return;
            event.stopPropagation();
            // The paper takes the focus from the text on it, which is done then.
            event.currentTarget.closest<HTMLElement>(".react-flow__node")?.focus({ preventScroll: true });
          }}
        />
      ) : (
        <div className={`nowheel ${classes.noteText}`}>
          {note.text === "" ? <p className={classes.noteEmpty}>{say("note.hint")}</p> : <NoteText text={note.text} />}
        </div>
      )}
    </div>
  );
});

function focused(field: HTMLTextAreaElement | null): void {
  field?.focus({ preventScroll: true });
  field?.setSelectionRange(field.value.length, field.value.length);
}
