import { ActionIcon, SegmentedControl } from "@mantine/core";
import { Maximize2, Minimize2 } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { titleOf } from "../canvas/names.ts";
import { LooksOnly } from "../elements/ReadOnly.tsx";
import FieldMapper from "./FieldMapper.tsx";
import classes from "./MappingField.module.css";
import type { MappingPlace } from "./place.ts";
import { say } from "./say.ts";
import { canonicalChoices, keyOfChoice, type TargetChoice, targetBehind } from "./targetChoice.ts";
import type { OnText } from "./useMapper.ts";
import { WideMapper } from "./WideMapper.tsx";

const ExpressionEditor = lazy(() => import("../expression/ExpressionEditor.tsx"));

interface MappingFieldProps {
  label: string;
  value: string;
  onText: OnText;
  place: MappingPlace;
  /** Marks the editor's frame when the expression is faulty. */
  frame: (editor: ReactNode) => ReactNode;
}

type View = "fields" | "expression";
const VIEW_KEY = "orderloom.mapper.view";

/** One expression in two views that write the same text: its fields, and the text; in the panel, or as wide as the window. */
export default function MappingField({ label, value, onText, place, frame }: MappingFieldProps) {
  const [view, setView] = useState<View>(() => (localStorage.getItem(VIEW_KEY) === "expression" ? "expression" : "fields"));
  const [wide, setWide] = useState(false);
  const [selected, select] = useState<string | undefined>();
  const [choice, setChoice, found] = useTargetChoice(place);
  const widen = useFocusWhenNarrow(wide);
  const show = (next: View) => {
    localStorage.setItem(VIEW_KEY, next);
    setView(next);
  };
  const bar = (
    <div className={classes.views}>
      <SegmentedControl
        size="xs"
        aria-label={say("view.label")}
        data={[
          { value: "fields", label: say("view.fields") },
          { value: "expression", label: say("view.expression") },
        ]}
        value={view}
        onChange={(next) => show(next === "expression" ? "expression" : "fields")}
        data-testid="mapping-view"
      />
      <ActionIcon
        ref={widen}
        aria-label={say(wide ? "view.narrow" : "view.widen")}
        title={say(wide ? "view.narrow" : "view.widen")}
        onClick={() => setWide(!wide)}
        data-testid="mapper-wide"
      >
        {wide ? <Minimize2 size={15} /> : <Maximize2 size={15} />}
      </ActionIcon>
    </div>
  );
  const fields = (
    <FieldMapper
      text={value}
      onText={onText}
      choice={choice}
      onChoice={setChoice}
      found={found}
      onExpression={() => show("expression")}
      selected={selected}
      onSelect={select}
    />
  );
  const expression = frame(
    <Suspense fallback={<div style={{ height: 120 }} />}>
      <ExpressionEditor label={label} value={value} onChange={(text) => onText(text, false)} fill={wide} />
    </Suspense>,
  );
  const body = view === "fields" ? fields : expression;
  const title = say("view.title", { node: titleOf(place.node, place.catalogue.manifests) });
  return (
    <>
      {!wide && <LooksOnly>{bar}</LooksOnly>}
      {!wide && <div className={classes.narrow}>{body}</div>}
      {wide && (
        <WideMapper title={title} bar={bar} view={view} onClose={() => setWide(false)}>
          {body}
        </WideMapper>
      )}
    </>
  );
}

/** The button that opened the wide view went away meanwhile: the one that stands in its place has the focus afterwards. */
function useFocusWhenNarrow(wide: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const wasWide = useRef(false);
  useEffect(() => {
    if (wasWide.current && !wide) button.current?.focus();
    wasWide.current = wide;
  }, [wide]);
  return button;
}

const keyFor = (flow: string, node: string): string => `orderloom.mapper.target.${flow}.${node}`;

/** What the fields are held against: what a person chose in this browser, else what the flow takes behind the node. */
function useTargetChoice({ node, catalogue }: MappingPlace) {
  const flow = useDraft(selectFlow);
  const [chosen, setChosen] = useState(() => localStorage.getItem(keyFor(flow.id, node.id)));
  const found = useMemo(() => targetBehind(flow, node.id, catalogue), [flow, node.id, catalogue]);
  const choice = useMemo<TargetChoice>(() => {
    if (chosen === "open") return { kind: "open" };
    if (chosen !== null && canonicalChoices().some(({ name }) => name === chosen)) return { kind: "canonical", name: chosen };
    return found?.choice ?? { kind: "open" };
  }, [chosen, found]);
  const choose = (next: TargetChoice) => {
    const key = keyOfChoice(next);
    // What the flow asks for is not kept: it may ask for something else tomorrow.
    if (found && key === keyOfChoice(found.choice)) localStorage.removeItem(keyFor(flow.id, node.id));
    else localStorage.setItem(keyFor(flow.id, node.id), key);
    setChosen(found && key === keyOfChoice(found.choice) ? null : key);
  };
  return [choice, choose, found] as const;
}
