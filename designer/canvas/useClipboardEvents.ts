import { useLayoutEffect } from "react";
import { say } from "../actions/say.ts";
import { isTyping } from "../actions/useActionKeys.ts";
import { tell } from "../elements/tell.ts";
import { copied, type Desk, removal } from "./canvasActions.ts";

/**
 * Copy, cut and paste as the browser tells of them: so they need no permission and work with every way to ask for them.
 * What a person has marked as text, or is typing in, is left to the browser.
 */
export function useClipboardEvents(desk: Desk, onPaste: (text: string) => void): void {
  useLayoutEffect(() => {
    const take = (event: ClipboardEvent, cut: boolean) => {
      if (isForText(event)) return;
      const text = copied(desk.flow(), desk.picked().board);
      if (!text || !event.clipboardData || (cut && !desk.may())) return;
      event.preventDefault();
      event.clipboardData.setData("text/plain", text.text);
      if (cut) desk.dispatch(removal(desk.flow(), desk.picked()));
      else tell({ about: "copied", message: say("done.copied", { count: text.count }) });
    };
    const copy = (event: ClipboardEvent) => take(event, false);
    const cut = (event: ClipboardEvent) => take(event, true);
    const paste = (event: ClipboardEvent) => {
      if (isForText(event) || !desk.may() || !event.clipboardData) return;
      event.preventDefault();
      onPaste(event.clipboardData.getData("text/plain"));
    };
    document.addEventListener("copy", copy);
    document.addEventListener("cut", cut);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("copy", copy);
      document.removeEventListener("cut", cut);
      document.removeEventListener("paste", paste);
    };
  }, [desk, onPaste]);
}

const isForText = (event: ClipboardEvent): boolean =>
  isTyping(event.target) ||
  document.querySelector('[role="dialog"]') !== null ||
  (event.type !== "paste" && (document.getSelection()?.toString() ?? "") !== "");
