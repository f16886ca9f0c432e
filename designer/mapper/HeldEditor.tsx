import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { faultOf } from "../expression/fault.ts";
import classes from "./HeldEditor.module.css";

const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));

interface HeldEditorProps {
  label: string;
  text: string;
  variables: readonly string[];
  /** False where what was typed cannot stand there. */
  onWrite: (text: string) => boolean;
  /** Why what was typed is not taken over yet. */
  pending: (typed: string) => string;
  testId: string;
  /** See ExpressionEditor. */
  foot?: boolean;
}

/** A part of the mapping's expression. A text that cannot be read is held back until it can: the rest stays whole. */
export function HeldEditor({ label, text, variables, onWrite, pending, testId, foot = true }: HeldEditorProps) {
  const [typed, setTyped] = useState<string | undefined>();
  const written = useRef(text);
  // What comes from elsewhere, an undo for one, goes before what was typed.
  useEffect(() => {
    if (text !== written.current) setTyped(undefined);
    written.current = text;
  }, [text]);
  const change = (next: string) => {
    setTyped(next);
    if (next.trim() === "" || faultOf(next)) return;
    if (onWrite(next)) written.current = next;
  };
  const isHeld = typed !== undefined && typed !== text;
  return (
    <div className={classes.editor} data-pending={isHeld || undefined} data-testid={testId} data-keeps-escape>
      <Suspense fallback={<div style={{ height: 34 }} />}>
        <ExpressionEditor
          label={label}
          value={typed ?? text}
          onChange={change}
          variables={variables}
          result={false}
          foot={foot}
          small
        />
      </Suspense>
      {isHeld && <p className={classes.pending}>{pending(typed)}</p>}
    </div>
  );
}
