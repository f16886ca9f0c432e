import { TextInput } from "@mantine/core";
import { useState } from "react";

interface RenameFieldProps {
  label: string;
  name: string;
  /** What is shown while the node has no name of its own. */
  placeholder: string;
  /** Null when nothing is to change. */
  onDone: (name: string | null) => void;
}

/** A name, typed in its place: Enter takes it, Escape leaves it as it was. */
export function RenameField({ label, name, placeholder, onDone }: RenameFieldProps) {
  const [text, setText] = useState(name);
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={text}
      maxLength={120}
      autoFocus
      data-keeps-escape
      data-testid="outline-rename"
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onBlur={() => onDone(text.trim())}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") onDone(text.trim());
        if (event.key === "Escape") onDone(null);
      }}
    />
  );
}
