import { Input, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { LayoutColor } from "#schemas/flow.ts";
import { say as sayAction } from "../actions/say.ts";
import { ColorChoice } from "../canvas/ColorChoice.tsx";
import { FormDialog } from "../elements/FormDialog.tsx";
import { say } from "./say.ts";

interface WrittenDialogProps {
  title: string;
  label: string;
  hint?: string;
  text: string;
  color: LayoutColor;
  /** Whether the text may have several lines, and at most how many signs. */
  lines?: boolean;
  maxLength: number;
  onDone: (text: string, color: LayoutColor) => void;
  onClose: () => void;
}

/** What a note or a group says, and its colour. */
export function WrittenDialog(props: WrittenDialogProps) {
  const { title, label, hint, lines = false, maxLength, onDone, onClose } = props;
  const [text, setText] = useState(props.text);
  const [color, setColor] = useState(props.color);
  const done = () => onDone(text.trim(), color);
  const field = { label, description: hint, maxLength, value: text, "data-autofocus": true, "data-testid": "written-text" };
  return (
    <FormDialog
      title={title}
      onClose={onClose}
      action={{ isPending: false, mutate: done }}
      submit={say("outline.save")}
      testId="written-save"
      returnFocus={false}
    >
      {lines ? (
        <Textarea
          {...field}
          autosize
          minRows={3}
          maxRows={12}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && done()}
        />
      ) : (
        <TextInput {...field} onChange={(event) => setText(event.currentTarget.value)} />
      )}
      <Input.Wrapper label={sayAction("color.label")} labelElement="div">
        <div>
          <ColorChoice color={color} onChoose={setColor} />
        </div>
      </Input.Wrapper>
    </FormDialog>
  );
}
