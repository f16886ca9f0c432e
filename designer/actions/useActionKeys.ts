import { useLayoutEffect } from "react";
import { type Action, allActions } from "./actions.ts";
import { pressed } from "./keys.ts";

/** The keys of all actions. A field keeps its own keys while one types in it; a dialog or a menu keeps all of them. */
export function useActionKeys(): void {
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const action = actionFor(event);
      if (!action) return;
      event.preventDefault();
      // The canvas library knows some of these keys too, and must not take them a second time.
      event.stopPropagation();
      action.run(pressed(event));
    };
    // Before all others: a dialog that Escape closes must still stand when it is asked who takes the key.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, []);
}

function actionFor(event: KeyboardEvent): Action | undefined {
  const key = pressed(event);
  const typing = isTyping(event.target);
  if (isTakenElsewhere(event.target)) return undefined;
  return allActions().find(
    (action) =>
      action.keys.includes(key) &&
      !action.native &&
      (!typing || action.whileTyping) &&
      (key.startsWith("Mod+") || key === "Escape" || !hasKeysOfItsOwn(event.target)) &&
      (!action.onCanvas || isOnCanvas(event.target)) &&
      action.applies(),
  );
}

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** Letters mean something else in a part that says so. */
const hasKeysOfItsOwn = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[data-keys="own"]') !== null;

const isOnCanvas = (target: EventTarget | null): boolean =>
  target instanceof Element && (target === document.body || target.closest(".react-flow") !== null) && !isControl(target);

/** A button takes Enter and the arrows of its toolbar itself. */
const isControl = (target: Element): boolean => target.closest("button, a, [role=toolbar], [role=tablist]") !== null;

/** True while a dialog, a menu, an open list of choices or a field of its own mind has the first right to the keys. */
const isTakenElsewhere = (target: EventTarget | null): boolean =>
  document.querySelector('[role="dialog"], [role="menu"], .cm-tooltip-autocomplete') !== null ||
  (target instanceof HTMLElement &&
    (target.closest('[aria-haspopup="listbox"][aria-expanded="true"], [data-keeps-escape]') !== null ||
      // Places of a function's parameters that are still to be filled in: Escape lets go of them first.
      target.querySelector(".cm-snippetField") !== null));
