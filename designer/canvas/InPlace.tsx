import { useState } from "react";
import { say } from "../actions/say.ts";
import classes from "./layout.module.css";

interface InPlaceProps {
  value: string;
  label: string;
  maxLength: number;
  /** Absent where it is only to be read. */
  onChange?: (value: string) => void;
}

/** A name that a double click or Enter turns into a field. */
export function InPlace({ value, label, maxLength, onChange }: InPlaceProps) {
  const [writing, setWriting] = useState(false);
  if (!writing || !onChange) {
    return (
      <button
        type="button"
        className={classes.inPlace}
        title={onChange ? say("group.rename") : value}
        onDoubleClick={() => setWriting(true)}
        onKeyDown={(event) => event.key === "Enter" && setWriting(true)}
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
      onDone={(next) => {
        setWriting(false);
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
