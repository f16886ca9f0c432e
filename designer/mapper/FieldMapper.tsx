import { Button, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { connectorQuery } from "../api/queries.ts";
import { LooksOnly } from "../elements/ReadOnly.tsx";
import { useExpressionInput } from "../expression/input.ts";
import { readingOf } from "../expression/remarks.ts";
import classes from "./FieldMapper.module.css";
import { GuardBar } from "./GuardBar.tsx";
import { MapperHead } from "./MapperHead.tsx";
import { type Focus, Panes } from "./Panes.tsx";
import { say } from "./say.ts";
import { type FoundTarget, type TargetChoice, treeOfChoice } from "./targetChoice.ts";
import { type Mapper, type OnText, useMapper } from "./useMapper.ts";

interface FieldMapperProps {
  text: string;
  onText: OnText;
  choice: TargetChoice;
  onChoice: (choice: TargetChoice) => void;
  found: FoundTarget | undefined;
  onExpression: () => void;
  /** The target field in hand: it stays when the mapper is drawn elsewhere. */
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
}

/** Source fields at the left, target fields at the right, lines between: a picture of the expression, and a way to write it. */
export default function FieldMapper(props: FieldMapperProps) {
  const { choice, onChoice, found, onExpression } = props;
  const input = useExpressionInput();
  const [suggesting, setSuggesting] = useState(true);
  const installed = useQuery({
    ...connectorQuery(choice.kind === "operation" ? choice.connector : ""),
    enabled: choice.kind === "operation",
  });
  const target = useMemo(() => treeOfChoice(choice, installed.data), [choice, installed.data]);
  const focus = useFocus();
  const mapper = useMapper({ ...props, target, input, suggesting, onAccepted: focus.tree });
  const { model } = mapper;
  const drawn = model.reading.kind === "drawn" || model.reading.kind === "empty";
  const next = () => {
    const open = model.coverage.open;
    const after = open.findIndex(({ key }) => key === mapper.selected);
    const field = open[(after + 1) % open.length];
    if (!field) return;
    // In this order: a tree that gets the focus without an active row takes its first.
    focus.tree();
    mapper.select(field.key);
  };
  return (
    <section
      ref={focus.root}
      className={classes.mapper}
      aria-label={say("pane.mapper")}
      data-testid="field-mapper"
      data-keys="own"
      onKeyDown={(event) => {
        // Out of a text that one wrote, back to the fields.
        if (event.key !== "Escape" || event.defaultPrevented || !isCode(event.target)) return;
        event.preventDefault();
        focus.tree();
      }}
    >
      <MapperHead
        mapper={mapper}
        drawn={drawn}
        choice={choice}
        onChoice={onChoice}
        found={found}
        suggesting={suggesting}
        onSuggesting={setSuggesting}
        onNext={next}
      />
      <GuardBar mapper={mapper} />
      {drawn ? <Panes mapper={mapper} choice={choice} focus={focus} /> : <NotDrawn mapper={mapper} onExpression={onExpression} />}
      <VisuallyHidden role="status">{mapper.told}</VisuallyHidden>
    </section>
  );
}

const isCode = (target: EventTarget): boolean => target instanceof Element && target.closest(".cm-editor") !== null;

function useFocus(): Focus {
  const root = useRef<HTMLElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const editor = useRef<HTMLDivElement>(null);
  return {
    root,
    picker,
    editor,
    tree: () => root.current?.querySelector<HTMLElement>('[data-testid="target-tree"]')?.focus({ preventScroll: true }),
  };
}

/** An expression without fields to draw says so, with the ways on. */
function NotDrawn({ mapper, onExpression }: { mapper: Mapper; onExpression: () => void }) {
  const { reading, text } = mapper.model;
  const unreadable = reading.kind === "unreadable";
  const fault = unreadable ? readingOf(text, { samples: [], variables: [] }).remarks[0]?.text : undefined;
  return (
    <div className={classes.notDrawn} data-testid="not-drawn">
      <h3>{say(unreadable ? "other.unreadableTitle" : "other.title")}</h3>
      <p>{unreadable ? `${fault ?? ""} ${say("other.unreadableText")}` : say("other.text")}</p>
      <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
        <LooksOnly>
          <Button variant="default" onClick={onExpression}>
            {say("other.toExpression")}
          </Button>
        </LooksOnly>
        {!unreadable && !mapper.readOnly && (
          <Button variant="light" onClick={mapper.wrap}>
            {say("other.wrap")}
          </Button>
        )}
      </div>
    </div>
  );
}
