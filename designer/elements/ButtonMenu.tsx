import { Menu, type MenuProps } from "@mantine/core";
import { type ReactNode, type Ref, type RefObject, useEffect, useImperativeHandle, useState } from "react";
import type { MenuPlace } from "./LateMenu.tsx";

interface ButtonMenuProps extends Pick<MenuProps, "position" | "width"> {
  place: MenuPlace;
  children: ReactNode;
}

/** The menu of a `LateMenu`: it opens at a button that stands already. */
export function ButtonMenu({ place: { id, button, opened, onClose }, children, ...menu }: ButtonMenuProps) {
  // It opens a moment after it is drawn: what has the focus then gets it back.
  const [drawn, setDrawn] = useState(false);
  useEffect(() => setDrawn(true), []);
  return (
    <Menu {...menu} id={id} opened={opened && drawn} onClose={onClose}>
      <Menu.Target>
        <Standing button={button} />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** Stands for the button, which somebody else has drawn. */
function Standing({ button, ref }: { button: RefObject<HTMLButtonElement | null>; ref?: Ref<HTMLButtonElement | null> }) {
  useImperativeHandle<HTMLButtonElement | null, HTMLButtonElement | null>(ref, () => button.current);
  return null;
}
