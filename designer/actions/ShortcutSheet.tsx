import { Fragment, useState } from "react";
import { Dialog } from "../elements/Dialog.tsx";
import classes from "./actions.module.css";
import { type Action, allActions } from "./actions.ts";
import { Caps } from "./KeyCaps.tsx";
import { waysToPress } from "./keys.ts";
import { type Section, say } from "./say.ts";

const sections: readonly Section[] = ["edit", "arrange", "view", "flow", "go"];

/** Every key of what is shown, by what it is for. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const [actions] = useState(() => allActions().filter(({ keys }) => keys.length > 0));
  return (
    <Dialog onClose={onClose} title={say("shortcuts.title")} size="xl">
      <div className={classes.sheet} data-testid="shortcut-sheet">
        {sections.map((section) => (
          <Part key={section} section={section} actions={actions.filter((action) => action.section === section)} />
        ))}
      </div>
    </Dialog>
  );
}

function Part({ section, actions }: { section: Section; actions: readonly Action[] }) {
  if (actions.length === 0) return null;
  return (
    <section>
      <h3>{say(`section.${section}`)}</h3>
      <dl>
        {actions.map(({ id, keys }) => (
          <Fragment key={id}>
            <dt>{id === "commands" ? say("shortcuts.none") : say(`action.${id}`)}</dt>
            <dd>
              {waysToPress(keys).map((way, index) => (
                <Fragment key={way.join(" ")}>
                  {index > 0 && say("shortcuts.or")}
                  <Caps of={way} />
                </Fragment>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
