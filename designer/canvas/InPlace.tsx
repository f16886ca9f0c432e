import { use } from "react";
import { say } from "../actions/say.ts";
import { HandContext, useHand } from "./hand.ts";
import classes from "./layout.module.css";
import { focusOnBoard } from "./useKeptFocus.ts";

interface InPlaceProps {
  /** What bears the name, by its id on the board. */
  of: string;
  value: string;
  label: string;
  maxLength: number;
  /** Absent where it is only to be read. */
  onChange?: (value: string) => void;
}

/** A name that a double click, Enter or F2 turns into a field. */
export function InPlace({ of, value, label, maxLength, onChange }: InPlaceProps) {
  const writing = useHand(({ written }) => written === of);
  const hand = use(HandContext);
  const write = () => hand.setState({ written: of });
  if (!writing || !onChange) {
    return (
      <button
        type="button"
        className={classes.inPlace}
        title={onChange ? say("group.rename") : value}
        onDoubleClick={write}
        onKeyDown={(event) => event.key === "Enter" && write()}
      >
        {value || say("group.untitled")}
      </button>
    );
  }
  return (
    <InPlaceField
      value={value}
      label={label}
      maxLength={maxLength}
      onDone={(next, byKey) => {
        hand.setState({ written: null });
        if (byKey) focusOnBoard(document, of);
        if (next !== null && next !== value) onChange(next);
      }}
    />
  );
}

interface InPlaceFieldProps {
  value: string;
  label: string;
  maxLength: number;
  /** Null when it was left by Escape. `byKey`: the focus has nowhere to go yet. */
  onDone: (value: string | null, byKey: boolean) => void;
}

export const InPlaceField = ({ value, label, maxLength, onDone }: InPlaceFieldProps) => (
  <input
    ref={focused}
    className={`nodrag nopan ${classes.inPlaceField}`}
    aria-label={label}
    placeholder={label}
    maxLength={maxLength}
    defaultValue={value}
    data-keeps-escape
    onBlur={(event) => onDone(event.currentTarget.value.trim(), false)}
    onKeyDown={(event) => {
      event.stopPropagation();
      if (event.key === "Enter") onDone(event.currentTarget.value.trim(), true);
      if (event.key === "Escape") onDone(null, true);
    }}
  />
);

function focused(input: HTMLInputElement | null): void {
  input?.focus({ preventScroll: true });
  input?.select();
}
