import { useLayoutEffect, useRef } from "react";

/**
 * Stands in a dialog or a menu, whose first field takes the focus by it as soon as it is drawn. Mantine gives it the focus
 * a moment later, and on a slow machine the keys pressed till then would go to what lies behind.
 */
export function FirstFocus() {
  const mark = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const around = mark.current?.closest('[role="dialog"], [role="menu"]');
    around?.querySelector<HTMLElement>("[data-autofocus]")?.focus({ preventScroll: true });
  }, []);
  return <span ref={mark} hidden />;
}
