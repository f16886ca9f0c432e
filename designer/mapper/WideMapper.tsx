import { ActionIcon } from "@mantine/core";
import { Redo2, Undo2 } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { caps, pressed } from "../actions/keys.ts";
import { say as sayAction } from "../actions/say.ts";
import { useDraft } from "../canvas/draft.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { LooksOnly, useReadOnly } from "../elements/ReadOnly.tsx";
import classes from "./MappingField.module.css";

interface WideMapperProps {
  title: string;
  /** The buttons that stand above the mapping. */
  bar: ReactNode;
  view: "fields" | "expression";
  onClose: () => void;
  children: ReactNode;
}

/** The mapping as wide as the window. As a dialog it keeps the keys from the canvas, so it has undo and redo of its own. */
export function WideMapper({ title, bar, view, onClose, children }: WideMapperProps) {
  const undo = useDraft((state) => state.undo);
  const redo = useDraft((state) => state.redo);
  const canUndo = useDraft(({ history }) => history.past.length > 0);
  const canRedo = useDraft(({ history }) => history.future.length > 0);
  const readOnly = useReadOnly();
  const inside = useKeys({ Escape: onClose, "Mod+Z": undo, "Mod+Y": redo, "Mod+Shift+Z": redo });
  return (
    <Dialog
      onClose={onClose}
      // What stands inside has the first right to Escape; see useKeys.
      closeOnEscape={false}
      returnFocus={false}
      fullScreen
      title={title}
      withCloseButton={false}
      classNames={{ body: classes.wideBody ?? "", header: classes.wideHead ?? "", content: classes.wideContent ?? "" }}
      transitionProps={{ duration: 0 }}
    >
      <div className={classes.wideBar}>
        {!readOnly && (
          <>
            <Step id="undo" icon={<Undo2 size={15} />} keys="Mod+Z" disabled={!canUndo} onClick={undo} />
            <Step id="redo" icon={<Redo2 size={15} />} keys="Mod+Y" disabled={!canRedo} onClick={redo} />
          </>
        )}
        <LooksOnly>{bar}</LooksOnly>
      </div>
      <div ref={inside} className={classes.wide} data-view={view}>
        {children}
      </div>
    </Dialog>
  );
}

interface StepProps {
  id: "undo" | "redo";
  icon: ReactNode;
  keys: string;
  disabled: boolean;
  onClick: () => void;
}

/** It stays where the keys are when there is nothing more to undo: what is disabled would let go of the focus. */
function Step({ id, icon, keys, disabled, onClick }: StepProps) {
  const label = sayAction(`action.${id}`);
  return (
    <ActionIcon
      aria-label={label}
      title={`${label} (${caps(keys).join("+")})`}
      aria-disabled={disabled}
      {...(disabled ? { "data-disabled": true } : {})}
      onClick={() => !disabled && onClick()}
      data-testid={`mapper-${id}`}
    >
      {icon}
    </ActionIcon>
  );
}

/** Keys of the dialog around an element, where nothing inside it took them and no list or dialog stands open above it. */
function useKeys(keys: Readonly<Record<string, () => void>>) {
  const inside = useRef<HTMLDivElement>(null);
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let free = false;
    // Asked before all others: what closes by the key must still stand. Acted on after all others: one may have taken it.
    const ask = ({ target }: KeyboardEvent) => {
      free = isFree(inside.current?.closest('[role="dialog"]') ?? null, target);
    };
    const act = (event: KeyboardEvent) => {
      const key = pressed(event);
      const run = latest.current[key];
      if (!run || !free || event.defaultPrevented || event.isComposing) return;
      // A field undoes what was typed in it.
      if (key !== "Escape" && event.target instanceof HTMLInputElement && !event.target.readOnly) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", ask, { capture: true });
    window.addEventListener("keydown", act);
    return () => {
      window.removeEventListener("keydown", ask, { capture: true });
      window.removeEventListener("keydown", act);
    };
  }, []);
  return inside;
}

function isFree(dialog: Element | null, target: EventTarget | null): boolean {
  const above = [...document.querySelectorAll('[role="dialog"], [role="menu"]')].at(-1);
  if (!dialog || above !== dialog || !(target instanceof Element)) return false;
  if (target !== document.body && !dialog.contains(target)) return false;
  // Mantine marks so what has a list of choices open.
  return target.closest('[data-mantine-stop-propagation="true"]') === null;
}
