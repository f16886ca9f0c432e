import { type ReactNode, type RefObject, Suspense, useId, useRef, useState } from "react";

/** What the button of a menu says of itself, and what opens it. */
interface MenuButton {
  ref: RefObject<HTMLButtonElement | null>;
  id: string;
  "aria-haspopup": "menu";
  "aria-expanded": boolean;
  "aria-controls": string | undefined;
  "data-expanded": true | undefined;
  onClick: () => void;
  onPointerEnter: () => void;
  onFocus: () => void;
}

/** What a menu must know to open at its button. */
export interface MenuPlace {
  id: string;
  button: RefObject<HTMLButtonElement | null>;
  opened: boolean;
  onClose: () => void;
}

interface LateMenuProps {
  /** Fetches what draws the menu; asked for when the pointer or the focus comes near. */
  fetch: () => Promise<unknown>;
  menu: (place: MenuPlace) => ReactNode;
  children: (button: MenuButton) => ReactNode;
}

/** A button with a menu that is loaded when somebody wants it: the button is on the first page, the menu need not be. */
export function LateMenu({ fetch, menu, children }: LateMenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  // Once drawn it stays: it gives the focus back when it closes.
  const [asked, setAsked] = useState(false);
  const near = () => void fetch().catch(() => {});
  return (
    <>
      {children({
        ref: button,
        id,
        "aria-haspopup": "menu",
        "aria-expanded": opened,
        "aria-controls": opened ? `${id}-dropdown` : undefined,
        "data-expanded": opened || undefined,
        onClick: () => {
          setAsked(true);
          setOpened(!opened);
        },
        onPointerEnter: near,
        onFocus: near,
      })}
      {asked && <Suspense>{menu({ id, button, opened, onClose: () => setOpened(false) })}</Suspense>}
    </>
  );
}
