import { Modal } from "@mantine/core";
import { useState } from "react";
import { type Choosable, ChooseList } from "../elements/ChooseList.tsx";
import { FirstFocus } from "../elements/FirstFocus.tsx";
import { useFocusBack } from "../elements/useFocusBack.ts";
import classes from "./actions.module.css";
import { type Action, allActions, allDestinations, type Destination } from "./actions.ts";
import { KeyCaps } from "./KeyCaps.tsx";
import { say } from "./say.ts";

type Line = Choosable & { run: () => void };

/** Every action that applies now, with its key, and every place by its name. */
export function ActionPalette({ onClose }: { onClose: () => void }) {
  // As things stood when it was opened: while it is open, nothing else is done.
  const [lines] = useState(() => [...actionLines(allActions()), ...destinationLines(allDestinations())]);
  useFocusBack();
  return (
    <Modal.Root opened onClose={onClose} size={560} yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={say("commands.title")} data-testid="action-palette">
        <Modal.Body p={12}>
          <ChooseList
            label={say("commands.search")}
            items={lines}
            none={(query) => say("commands.none", { query })}
            onChoose={(value) => leaveThen(onClose, () => lines.find((line) => line.value === value)?.run())}
            testId="action"
          />
          <FirstFocus />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Two frames later, when the dialog is gone and has given the focus back. */
function leaveThen(leave: () => void, run: () => void): void {
  leave();
  requestAnimationFrame(() => requestAnimationFrame(run));
}

const actionLines = (actions: readonly Action[]): Line[] =>
  actions
    .filter(({ keyOnly, id, applies }) => !keyOnly && id !== "commands" && applies())
    .map(({ id, section, keys: [key], run }) => ({
      value: id,
      text: [say(`action.${id}`), say(`section.${section}`)].join(" "),
      group: say(`section.${section}`),
      content: (
        <span className={classes.line}>
          <span className={classes.words}>{say(`action.${id}`)}</span>
          {key && <KeyCaps of={key} />}
        </span>
      ),
      run: () => run(),
    }));

const destinationLines = (destinations: readonly Destination[]): Line[] =>
  destinations.map(({ id, kind, title, hint = "", go }) => ({
    value: `${kind}-${id}`,
    text: [title, hint, say(`commands.${kind}`)].join(" "),
    group: say(`commands.${kind}`),
    content: (
      <span className={classes.line}>
        <span className={classes.words}>{title}</span>
        <span className="ol-dim ol-small">{hint}</span>
      </span>
    ),
    run: go,
  }));
