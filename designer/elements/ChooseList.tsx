import { TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import classes from "./ChooseList.module.css";

export interface Choosable {
  value: string;
  /** What the search looks at; what begins with what is searched for comes first. */
  text: string;
  group?: string;
  content: ReactNode;
}

interface ChooseListProps {
  label: string;
  items: readonly Choosable[];
  none: (search: string) => string;
  onChoose: (value: string) => void;
  testId: string;
}

/**
 * A list to choose one of: typing narrows it, the arrow keys walk it, Enter takes. The focus stays where one types.
 * Mantine's own combobox is made to open and close, and keeps Escape from the dialog around it.
 */
export function ChooseList({ label, items, none, onChoose, testId }: ChooseListProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const found = foundIn(items, search);
  const groups = [...new Set(found.map(({ group }) => group))];
  const shown = groups.flatMap((group) => found.filter((one) => one.group === group));
  const current = shown[at];
  const optionId = (value: string) => `${id}-${value}`;
  const go = (next: number) => {
    const index = (next + shown.length) % shown.length;
    setAt(index);
    list.current?.querySelectorAll("[role=option]")[index]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (!current) return;
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (event.key === "Enter") onChoose(current.value);
    else return;
    event.preventDefault();
  };
  const option = ({ value, content }: Choosable) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken where one types
    <div
      key={value}
      id={optionId(value)}
      role="option"
      tabIndex={-1}
      aria-selected={value === current?.value}
      className={classes.option}
      onClick={() => onChoose(value)}
      onMouseDown={(event) => event.preventDefault()}
      data-testid={`${testId}-${value}`}
    >
      {content}
    </div>
  );
  return (
    <>
      <TextInput
        role="combobox"
        aria-label={label}
        aria-expanded={shown.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(current ? { "aria-activedescendant": optionId(current.value) } : {})}
        placeholder={label}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setAt(0);
          list.current?.scrollTo(0, 0);
        }}
        onKeyDown={press}
        data-autofocus
        data-testid={`${testId}-search`}
      />
      {shown.length === 0 && (
        <p role="status" className={classes.none}>
          {none(search)}
        </p>
      )}
      <div
        ref={list}
        id={`${id}-list`}
        className={classes.list}
        {...(shown.length > 0 ? { role: "listbox", "aria-label": label } : {})}
      >
        {groups.map((group) =>
          group === undefined ? (
            found.map(option)
          ) : (
            // biome-ignore lint/a11y/useSemanticElements: within a list of choices a fieldset is none
            <div key={group} role="group" aria-label={group}>
              <div className={classes.group} aria-hidden>
                {group}
              </div>
              {found.filter((one) => one.group === group).map(option)}
            </div>
          ),
        )}
      </div>
    </>
  );
}

function foundIn(items: readonly Choosable[], search: string): Choosable[] {
  const wanted = search.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  const found = items.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const begins = ({ text }: Choosable) => text.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}
