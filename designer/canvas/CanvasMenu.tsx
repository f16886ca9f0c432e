import { Menu } from "@mantine/core";
import { Fragment } from "react";
import { type Action, allActions } from "../actions/actions.ts";
import { KeyCaps } from "../actions/KeyCaps.tsx";
import { say } from "../actions/say.ts";
import { FirstFocus } from "../elements/FirstFocus.tsx";
import { useFocusBack } from "../elements/useFocusBack.ts";
import type { Point } from "./editing.ts";
import { menuParts } from "./menuParts.ts";
import { PointTarget } from "./PointTarget.tsx";

/** However low the pointer is, the whole menu stands in the window. */
const intoSight = { flip: false, shift: { crossAxis: true, padding: 8 } };

/** What can be done right now with what is selected, at the pointer. */
export function CanvasMenu({ at, onClose }: { at: Point; onClose: () => void }) {
  useFocusBack();
  const actions = allActions().filter(({ keyOnly, applies }) => !keyOnly && applies());
  const parts = menuParts(actions);
  return (
    <Menu opened onClose={onClose} position="bottom-start" middlewares={intoSight} width={280} trapFocus>
      <Menu.Target>
        <PointTarget at={at} label={say("menu.more")} />
      </Menu.Target>
      <Menu.Dropdown style={{ maxHeight: "80vh", overflowY: "auto" }} data-testid="canvas-menu">
        {parts.map((all, index) => (
          <Fragment key={all[0]?.id}>
            {index > 0 && <Menu.Divider />}
            {all.map((action) => (
              <MenuLine key={action.id} action={action} />
            ))}
          </Fragment>
        ))}
        <FirstFocus />
      </Menu.Dropdown>
    </Menu>
  );
}

const MenuLine = ({ action: { id, keys, run } }: { action: Action }) => (
  <Menu.Item
    {...(id === "remove" ? { c: "var(--ol-failed)" } : {})}
    // A frame later, when the menu is gone and has given the focus back.
    onClick={() => requestAnimationFrame(() => run())}
    rightSection={keys[0] && <KeyCaps of={keys[0]} />}
    data-testid={`menu-${id}`}
  >
    {say(`action.${id}`)}
  </Menu.Item>
);
