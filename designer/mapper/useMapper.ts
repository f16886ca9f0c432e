import { useCallback, useMemo, useRef, useState } from "react";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import type { ExpressionInput } from "../expression/input.ts";
import { type GuardPart, writeGuard } from "./edit.ts";
import { acceptAll, addField, type Model, mapField, modelOf, suggestAll, unmapField, wrapped, writeField } from "./model.ts";
import { keyOf, pathText } from "./path.ts";
import { say } from "./say.ts";
import { runFields, type SourceField, sourceOf } from "./source.ts";
import type { Suggestion } from "./suggest.ts";
import type { TargetField } from "./target.ts";

/** What the mapper's parts share: the picture of the expression, what is chosen in it, and the gestures. */
export interface Mapper {
  model: Model;
  readOnly: boolean;
  suggestions: ReadonlyMap<string, Suggestion>;
  /** The target field whose expression is shown. */
  selected: string | undefined;
  select: (key: string | undefined) => void;
  /** The source that was taken by click or key, and waits for its target. */
  taken: SourceField | undefined;
  take: (source: SourceField | undefined) => void;
  /** What happened last, for those who hear it. */
  told: string;
  map: (source: SourceField, target: TargetField) => void;
  /** Gives a field an expression; false where it has no place. Typing on counts as one step. */
  write: (target: TargetField, text: string, typing?: boolean) => boolean;
  unmap: (target: TargetField) => void;
  accept: (suggestions: readonly Suggestion[]) => void;
  add: (name: string) => void;
  wrap: () => void;
  /** Writes what refuses an item; false where it would become something else. */
  guard: (at: number, part: GuardPart, text: string) => boolean;
}

export type OnText = (text: string, whole: boolean) => void;

const noSuggestions: ReadonlyMap<string, Suggestion> = new Map();

interface MapperOf {
  text: string;
  onText: OnText;
  target: TargetField;
  input: ExpressionInput | null;
  suggesting: boolean;
  selected: string | undefined;
  onSelect: (key: string | undefined) => void;
  /** What offered a suggestion goes away with it: the keys need another place. */
  onAccepted: () => void;
}

/** Makes the mapper of an expression. Each gesture is one change of the text, and so one step of undo. */
export function useMapper({ text, onText, target, input, suggesting, selected, onSelect: select, onAccepted }: MapperOf): Mapper {
  const readOnly = useReadOnly();
  const sources = useSources(input);
  const model = useMemo(() => modelOf(text, target, sources), [text, target, sources]);
  const [taken, setTaken] = useState<SourceField | undefined>();
  const [told, tell] = useState("");
  const suggestions = useMemo(
    () => (suggesting && !readOnly ? new Map(suggestAll(model).map((one) => [one.target.key, one])) : noSuggestions),
    [model, suggesting, readOnly],
  );
  const take = useCallback((source: SourceField | undefined) => {
    setTaken((before) => {
      if (source) tell(say("tell.taken", { source: pathText(source.path) }));
      else if (before) tell(say("tell.dropped", { source: pathText(before.path) }));
      return source;
    });
  }, []);
  const refuse = (field: TargetField) => tell(say("tell.refused", { target: pathText(field.path) }));
  return {
    model,
    readOnly,
    suggestions,
    selected,
    select,
    taken,
    take,
    told,
    map: (source, field) => {
      setTaken(undefined);
      if (readOnly) return;
      const done = mapField(model, source, field);
      if (!done) return refuse(field);
      onText(done.text, true);
      select(field.key);
      const params = { source: pathText(source.path), target: pathText(field.path), count: done.count };
      tell(
        done.count > 1 ? say("tell.mappedMany", params) : `${say("tell.mapped", params)} ${say(`converted.${done.conversion}`)}`,
      );
    },
    write: (field, value, typing = false) => {
      const next = writeField(model, field, value);
      if (next === undefined) {
        refuse(field);
        return false;
      }
      onText(next, !typing);
      if (!typing) tell(say("tell.set", { target: pathText(field.path) }));
      return true;
    },
    unmap: (field) => {
      const next = readOnly ? undefined : unmapField(model, field.path);
      if (next === undefined) return;
      onText(next, true);
      tell(say("tell.unmapped", { target: pathText(field.path) }));
    },
    accept: (chosen) => {
      if (chosen.length === 0) return;
      onText(acceptAll(model, chosen), true);
      tell(say("tell.accepted", { count: chosen.length }));
      onAccepted();
    },
    add: (name) => {
      const next = name.trim() === "" ? undefined : addField(model, [], name.trim(), "null");
      if (next === undefined) return;
      onText(next, true);
      select(keyOf([name.trim()]));
    },
    wrap: () => onText(wrapped(text), true),
    guard: (at, part, value) => {
      const next = writeGuard(text, at, part, value);
      if (next !== undefined) onText(next, false);
      return next !== undefined;
    },
  };
}

/**
 * The fields of what comes in, and what every run knows. The draft is run anew after each change and brings the same
 * samples again: they are taken as new only where they say something new.
 */
function useSources(input: ExpressionInput | null): SourceField[] {
  const samples = useSettled(input?.samples ?? none);
  const { system = null, account = null, node = "" } = input?.source ?? {};
  return useMemo(
    () => [...sourceOf(samples).children, ...runFields({ system, account, node })],
    [samples, system, account, node],
  );
}

const none: readonly unknown[] = [];

/** The value that was given first of those that are the same as JSON. */
export function useSettled<Value>(value: Value): Value {
  const settled = useRef<{ value: Value; text: string }>(undefined);
  return useMemo(() => {
    const text = JSON.stringify(value);
    const before = settled.current;
    if (before !== undefined && before.text === text) return before.value;
    settled.current = { value, text };
    return value;
  }, [value]);
}
