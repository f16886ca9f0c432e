import { useEffect, useState } from "react";

/**
 * For what is there only while it is open: where it closes and nothing else has taken the focus, what had it before has it
 * again. Mantine gives it back only where what opens was there before.
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      // What closes leaves the page only after this.
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body && document.activeElement !== null) return;
        if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
      });
    },
    [before],
  );
}
