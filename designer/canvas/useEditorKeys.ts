import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { tell } from "../elements/tell.ts";

interface Keys {
  undo: () => void;
  redo: () => void;
  duplicate: () => void;
  palette: () => void;
  preview: () => void;
  /** From the canvas to the outline, and back. */
  outline: () => void;
  escape: () => void;
}

/** The editor's keys. A field keeps its own undo while one types in it; Escape leaves it. */
export function useEditorKeys(keys: Keys): void {
  const { t } = useTranslation();
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const command = event.ctrlKey || event.metaKey;
      if (command && key === "s") {
        event.preventDefault();
        tell({ about: "saves-itself", message: t("canvas.savedAlready") });
        return;
      }
      if (key === "escape") {
        if (!event.defaultPrevented && !isTakenElsewhere(event.target)) latest.current.escape();
        return;
      }
      if (isTyping(event.target)) return;
      if (!command && hasKeysOfItsOwn(event.target)) return;
      const action = actionFor(key, command, event.shiftKey);
      if (!action) return;
      event.preventDefault();
      latest.current[action]();
    };
    // Before all others: a dialog that Escape closes must still stand when it is asked who takes the key.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, [t]);
}

const plain: Readonly<Record<string, "palette" | "preview" | "outline">> = { a: "palette", p: "preview", o: "outline" };

function actionFor(key: string, command: boolean, shift: boolean): Exclude<keyof Keys, "escape"> | null {
  if (!command) return plain[key] ?? null;
  if (key === "z") return shift ? "redo" : "undo";
  if (key === "y") return "redo";
  return key === "d" ? "duplicate" : null;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** Letters mean something else in a part that says so. */
const hasKeysOfItsOwn = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[data-keys="own"]') !== null;

/** True while a dialog, a menu, an open list of choices or a field of its own mind has the first right to Escape. */
const isTakenElsewhere = (target: EventTarget | null): boolean =>
  document.querySelector('[role="dialog"], [role="menu"], .cm-tooltip-autocomplete') !== null ||
  (target instanceof HTMLElement &&
    target.closest('[aria-haspopup="listbox"][aria-expanded="true"], [data-keeps-escape]') !== null);
