import { useEffect, useRef, useState } from "react";

/** Where a paste is meant for what one writes in. */
const WRITABLE = "input, textarea, select, [contenteditable]";

/**
 * Takes the text of a file that is dropped anywhere on the page, and text that is pasted beside every field and dialog.
 * True while a file is held over the page.
 */
export function useBrought(allowed: boolean, onText: (text: string) => void): boolean {
  const [over, setOver] = useState(false);
  const told = useRef(onText);
  told.current = onText;
  useEffect(() => {
    if (!allowed) return;
    const within = new AbortController();
    const on = <Name extends keyof WindowEventMap>(name: Name, listen: (event: WindowEventMap[Name]) => void) =>
      window.addEventListener(name, listen, { signal: within.signal });
    on("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    });
    on("dragleave", (event) => {
      if (event.relatedTarget === null) setOver(false);
    });
    on("drop", (event) => {
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void file.text().then((text) => told.current(text));
    });
    on("paste", (event) => {
      const written = event.target instanceof Element && event.target.closest(`${WRITABLE}, [role="dialog"]`) !== null;
      const text = event.clipboardData?.getData("text") ?? "";
      if (!written && text.trimStart().startsWith("{")) told.current(text);
    });
    return () => within.abort();
  }, [allowed]);
  return over;
}
