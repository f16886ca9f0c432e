import { Fragment, useState } from "react";
import { Dialog } from "../elements/Dialog.tsx";
import { sayer } from "../i18n/bundle.ts";
import { shortcutTexts } from "../i18n/en/shortcuts.ts";
import classes from "./actions.module.css";
import { allActions } from "./actions.ts";
import { Caps } from "./KeyCaps.tsx";
import { waysToPress } from "./keys.ts";
import { type Section, say } from "./say.ts";
import { editorKeys, linesOf, mapperKeys } from "./sheet.ts";

const sections: readonly Section[] = ["edit", "arrange", "view", "flow", "go"];
const sayPart = sayer("shortcuts", shortcutTexts);

/** Every key of what is shown, by what it is for. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const [lines] = useState(() => linesOf(allActions()));
  // Only a flow has mappings and expressions.
  const onFlow = lines.some(({ section }) => section === "edit");
  return (
    <Dialog onClose={onClose} title={say("shortcuts.title")} size="xl">
      <div className={classes.sheet} data-testid="shortcut-sheet">
        {sections.map((section) => (
          <Part
            key={section}
            title={say(`section.${section}`)}
            lines={lines
              .filter((line) => line.section === section)
              .map(({ id, keys }) => [id === "commands" ? say("shortcuts.none") : say(`action.${id}`), keys])}
          />
        ))}
        {onFlow && (
          <>
            <Part title={sayPart("mapper.title")} lines={mapperKeys.map(([id, key]) => [sayPart(`mapper.${id}`), [key]])} />
            <Part title={sayPart("editor.title")} lines={editorKeys.map(([id, key]) => [sayPart(`editor.${id}`), [key]])} />
          </>
        )}
      </div>
    </Dialog>
  );
}

interface PartProps {
  title: string;
  lines: readonly (readonly [what: string, keys: readonly string[]])[];
}

function Part({ title, lines }: PartProps) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {lines.map(([what, keys]) => (
          <Fragment key={what}>
            <dt>{what}</dt>
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
