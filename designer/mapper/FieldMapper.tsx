import { Button } from "@mantine/core";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useExpressionInput } from "../expression/input.ts";
import { readingOf } from "../expression/remarks.ts";
import { checkOf, shapeAt } from "./checks.ts";
import { FieldBar } from "./FieldBar.tsx";
import { Lines } from "./Lines.tsx";
import { curve, type Link } from "./lines.ts";
import { MapperHead } from "./MapperHead.tsx";
import classes from "./mapper.module.css";
import { fieldAt } from "./model.ts";
import { keyOf, pathOf, pathText } from "./path.ts";
import { type Row, rowsOf, searchFor } from "./rows.ts";
import { SOURCE_ROW, SourcePane } from "./SourcePane.tsx";
import { say } from "./say.ts";
import { firstAt, type SourceField } from "./source.ts";
import { type FieldWords, TARGET_ROW, TARGET_ROW_NARROW, TargetPane } from "./TargetPane.tsx";
import { givenTo, type TargetField } from "./target.ts";
import { type FoundTarget, type TargetChoice, treeOfChoice } from "./targetChoice.ts";
import { type Drag, useDrag } from "./useDrag.ts";
import { useFieldResults } from "./useFieldResults.ts";
import { type Mapper, type OnText, useMapper } from "./useMapper.ts";

interface FieldMapperProps {
  text: string;
  onText: OnText;
  choice: TargetChoice;
  onChoice: (choice: TargetChoice) => void;
  found: FoundTarget | undefined;
  onExpression: () => void;
}

/** Source fields at the left, target fields at the right, lines between: a picture of the expression, and a way to write it. */
export default function FieldMapper({ text, onText, choice, onChoice, found, onExpression }: FieldMapperProps) {
  const input = useExpressionInput();
  const [suggesting, setSuggesting] = useState(true);
  const target = useMemo(() => treeOfChoice(choice), [choice]);
  const mapper = useMapper(text, onText, target, input, suggesting);
  const { model } = mapper;
  const drawn = model.reading.kind === "drawn" || model.reading.kind === "empty";
  const focus = useFocus();
  const next = () => {
    const open = model.coverage.open;
    const after = open.findIndex(({ key }) => key === mapper.selected);
    const field = open[(after + 1) % open.length];
    if (!field) return;
    mapper.select(field.key);
    focus.tree();
  };
  return (
    <section
      ref={focus.root}
      className={classes.mapper}
      aria-label={say("pane.mapper")}
      data-testid="field-mapper"
      data-keys="own"
    >
      <MapperHead
        mapper={mapper}
        choice={choice}
        onChoice={onChoice}
        found={found}
        suggesting={suggesting}
        onSuggesting={setSuggesting}
        onNext={next}
      />
      {drawn ? <Panes mapper={mapper} choice={choice} focus={focus} /> : <NotDrawn mapper={mapper} onExpression={onExpression} />}
      <div role="status" className={classes.told}>
        {mapper.told}
      </div>
    </section>
  );
}

/** Where the keys go. */
interface Focus {
  root: RefObject<HTMLElement | null>;
  picker: RefObject<HTMLInputElement | null>;
  editor: RefObject<HTMLDivElement | null>;
  tree: () => void;
}

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
      <h4>{say(unreadable ? "other.unreadableTitle" : "other.title")}</h4>
      <p>{unreadable ? `${fault ?? ""} ${say("other.unreadableText")}` : say("other.text")}</p>
      <div style={{ display: "flex", gap: 8 }}>
        <Button variant="default" onClick={onExpression}>
          {say("other.toExpression")}
        </Button>
        {!unreadable && !mapper.readOnly && (
          <Button variant="light" onClick={mapper.wrap}>
            {say("other.wrap")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Panes({ mapper, choice, focus }: { mapper: Mapper; choice: TargetChoice; focus: Focus }) {
  const input = useExpressionInput();
  const { model } = mapper;
  const panes = useRef<HTMLDivElement>(null);
  const rowHeight = useIsNarrow(panes) ? TARGET_ROW_NARROW : TARGET_ROW;
  const source = usePane<SourceField>();
  const target = usePane<TargetField>();
  const [openOnly, setOpenOnly] = useState(false);
  const [active, setActive] = useState<string>();
  const links = useMemo(() => linksOf(mapper), [mapper]);
  const sourceRows = useSourceRows(mapper, source, links);
  const targetRows = useTargetRows(mapper, target, openOnly);
  const results = useFieldResults(model.text, model.mapping, input, choice.kind === "canonical" ? choice.name : undefined);
  const shape = useMemo(
    () => readingOf(model.text, { samples: input?.samples ?? [], variables: ["source", "run"] }).analysis?.result ?? null,
    [model.text, input?.samples],
  );
  const wordsOf = (field: TargetField): FieldWords => {
    const check = givenTo(model.mapping, field.path) === "own" ? checkOf(field, shapeAt(shape, field.path)) : undefined;
    return {
      faults: results.faults.get(field.key) ?? [],
      warnings: check ? [say(`check.${check.code}`, check.params)] : [],
      value: firstAt(results.value, field.path),
      there: results.there,
    };
  };
  const selected = mapper.selected === undefined ? undefined : fieldAt(model.target, pathOf(mapper.selected));
  const { drag, begin } = useDrag(panes, target.view, (from, key) => {
    const field = fieldAt(model.target, pathOf(key));
    if (field) mapper.map(from, field);
  });
  const targetsBySource = useMemo(() => targetsOf(links), [links]);
  useReveal(mapper.selected, target);
  const side = <Field,>(rows: Row<Field & { key: string }>[], rowHeight: number, scrollTop: number) => ({
    places: new Map(rows.map(({ field }, index) => [field.key, index])),
    rowHeight,
    scrollTop,
  });
  return (
    <>
      <div ref={panes} className={classes.panes} data-dragging={drag ? true : undefined}>
        <SourcePane
          mapper={mapper}
          rows={sourceRows}
          active={active}
          onActive={setActive}
          onToggle={source.toggle}
          search={source.search}
          onSearch={source.setSearch}
          targets={targetsBySource}
          samples={input?.samples.length ?? 0}
          waiting={input?.waiting ?? false}
          valueOf={(field) => firstAt(input?.item?.value, field.path)}
          onDrag={(event, field) => !mapper.readOnly && begin(event, field)}
          onTake={(field) => {
            if (mapper.readOnly) return;
            const again = mapper.taken?.key === field.key;
            mapper.take(again ? undefined : field);
            if (!again) focus.tree();
          }}
          view={source.view}
          onView={source.setTop}
        />
        <div className={classes.gap}>
          <Lines
            links={links}
            source={side(sourceRows, SOURCE_ROW, source.top)}
            target={side(targetRows, rowHeight, target.top)}
            lit={{ source: active, target: mapper.selected }}
          />
        </div>
        <TargetPane
          mapper={mapper}
          rows={targetRows}
          rowHeight={rowHeight}
          onToggle={target.toggle}
          search={target.search}
          onSearch={target.setSearch}
          openOnly={openOnly}
          onOpenOnly={setOpenOnly}
          wordsOf={wordsOf}
          over={drag?.over}
          onEnter={(field) => {
            mapper.select(field.key);
            requestAnimationFrame(() => focus.picker.current?.focus());
          }}
          onEdit={(field) => {
            mapper.select(field.key);
            requestAnimationFrame(() => focus.editor.current?.querySelector<HTMLElement>(".cm-content")?.focus());
          }}
          view={target.view}
          onView={target.setTop}
        />
        {drag && <DragLine drag={drag} />}
      </div>
      <FieldBar
        mapper={mapper}
        field={selected}
        words={selected && wordsOf(selected)}
        sample={input?.sample}
        picker={focus.picker}
        editor={focus.editor}
        onDone={focus.tree}
      />
    </>
  );
}

/** Below this width there is one tree, and its rows have two lines; the style sheet knows the same number. */
const NARROW_PX = 620;

function useIsNarrow(box: RefObject<HTMLElement | null>): boolean {
  const [narrow, setNarrow] = useState(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setNarrow(element.clientWidth <= NARROW_PX);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return narrow;
}

function DragLine({ drag: { from, to, source } }: { drag: Drag }) {
  const width = to.x - from.x;
  return (
    <>
      <svg className={classes.dragLine} aria-hidden>
        <path d={curve(from.y, to.y, width)} transform={`translate(${from.x} 0)`} />
      </svg>
      <span className={classes.dragName} style={{ left: to.x + 12, top: to.y + 8 }} aria-hidden>
        {pathText(source.path)}
      </span>
    </>
  );
}

/** What one of the two trees keeps: what is folded, what is looked for, how far it is scrolled. */
interface Pane<Field> {
  folds: ReadonlyMap<string, boolean>;
  toggle: (field: Field, open: boolean) => void;
  reveal: (key: string) => void;
  search: string;
  setSearch: (typed: string) => void;
  top: number;
  setTop: (top: number) => void;
  view: RefObject<HTMLDivElement | null>;
}

function usePane<Field extends { key: string }>(): Pane<Field> {
  const [folds, setFolds] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [search, setSearch] = useState("");
  const [top, setTop] = useState(0);
  const view = useRef<HTMLDivElement>(null);
  return {
    folds,
    toggle: (field, open) => setFolds((before) => new Map(before).set(field.key, open)),
    reveal: (key) =>
      setFolds((before) => {
        const path = pathOf(key);
        const outer = path.slice(0, -1).map((_, index) => keyOf(path.slice(0, index + 1)));
        if (outer.every((one) => before.get(one) === true)) return before;
        return new Map([...before, ...outer.map((one) => [one, true] as const)]);
      }),
    search,
    setSearch,
    top,
    setTop,
    view,
  };
}

/** What is selected is not folded away. */
function useReveal(selected: string | undefined, { reveal }: Pane<TargetField>): void {
  const show = useRef(reveal);
  show.current = reveal;
  useEffect(() => {
    if (selected !== undefined) show.current(selected);
  }, [selected]);
}

/** Trees of more fields than this begin folded, but for what is mapped or suggested. */
const SMALL = 60;

function useSourceRows({ model }: Mapper, { folds, search }: Pane<SourceField>, links: readonly Link[]): Row<SourceField>[] {
  const { sources, fields } = model;
  const used = useMemo(() => new Set(links.flatMap(({ from }) => outerKeys(from))), [links]);
  return useMemo(() => {
    const find = searchFor(search);
    return rowsOf(sources, {
      isOpen: ({ key }) => folds.get(key) ?? (fields.size <= SMALL || used.has(key)),
      wanted: find && ((field) => find(pathText(field.path), ...field.examples.map(String))),
    });
  }, [sources, fields, folds, search, used]);
}

function useTargetRows({ model, suggestions, selected }: Mapper, { folds, search }: Pane<TargetField>, openOnly: boolean) {
  const { target, mapping } = model;
  const suggested = useMemo(() => new Set([...suggestions.keys()].flatMap(outerKeys)), [suggestions]);
  return useMemo(() => {
    const find = searchFor(search);
    const isWanted = (field: TargetField): boolean => {
      if (openOnly && field.key !== selected && (field.children.length > 0 || givenTo(mapping, field.path) !== "none"))
        return false;
      return find?.(pathText(field.path), field.title, field.description) ?? true;
    };
    return rowsOf(target.children, {
      isOpen: ({ key, path, required }) =>
        folds.get(key) ?? (required || suggested.has(key) || givenTo(mapping, path) === "inside"),
      wanted: find || openOnly ? isWanted : undefined,
    });
  }, [target, mapping, folds, search, openOnly, suggested, selected]);
}

const outerKeys = (key: string): string[] => {
  const path = pathOf(key);
  return path.slice(0, -1).map((_, index) => keyOf(path.slice(0, index + 1)));
};

/** All lines: what the expression reads, and what is suggested. */
function linksOf({ model, suggestions }: Mapper): Link[] {
  const read = [...model.reads].flatMap(([to, paths]) => paths.map((path) => ({ from: keyOf(path), to, suggested: false })));
  const offered = [...suggestions.values()].map(({ source, target }) => ({ from: source.key, to: target.key, suggested: true }));
  return [...offered, ...read];
}

function targetsOf(links: readonly Link[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { from, to, suggested } of links)
    if (!suggested) targets.set(from, [...(targets.get(from) ?? []), pathText(pathOf(to))]);
  return targets;
}
