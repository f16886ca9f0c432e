import { useEffect, useState } from "react";

/**
 * For what is there only while it is open: where it closes and nothing else has taken the focus, what had it before has it
 * again. Mantine gives it back only where what opens was there before.
 */
export function useFocusBack(wanted = true): void {
  const [opener] = useState(openerOf);
  useEffect(() => {
    if (!wanted) return;
    return () => {
      // What closes leaves the page only after this.
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body && document.activeElement !== null) return;
        if (opener?.isConnected) opener.focus({ preventScroll: true });
      });
    };
  }, [wanted, opener]);
}

/** What has the focus; for an entry of a menu, which goes away at once, what opened the menu. */
function openerOf(): HTMLElement | null {
  const { activeElement } = document;
  const menu = activeElement?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  const opener = menu ? document.getElementById(menu) : activeElement;
  return opener instanceof HTMLElement ? opener : null;
}
