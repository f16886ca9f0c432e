import { notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Keys {
  undo: () => void;
  redo: () => void;
  duplicate: () => void;
  palette: () => void;
}

/** The editor's keys. A field keeps its own undo while one types in it. */
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
        notifications.show({ id: "saves-itself", message: t("canvas.savedAlready") });
        return;
      }
      if (isTyping(event.target)) return;
      const action = actionFor(key, command, event.shiftKey);
      if (!action) return;
      event.preventDefault();
      latest.current[action]();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [t]);
}

function actionFor(key: string, command: boolean, shift: boolean): keyof Keys | null {
  if (!command) return key === "a" ? "palette" : null;
  if (key === "z") return shift ? "redo" : "undo";
  if (key === "y") return "redo";
  return key === "d" ? "duplicate" : null;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
