import { CircleAlert } from "lucide-react";
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { runVariables, useExpressionInput } from "../expression/input.ts";
import { readingOf } from "../expression/remarks.ts";
import { checkOf, shapeAt } from "./checks.ts";
import { FieldBar } from "./FieldBar.tsx";
import { Lines } from "./Lines.tsx";
import { curve } from "./lines.ts";
import { fieldAt } from "./model.ts";
import classes from "./Panes.module.css";
import { keyOf, pathOf, pathText } from "./path.ts";
import type { Row } from "./rows.ts";
import { SOURCE_ROW, SourcePane } from "./SourcePane.tsx";
import { say } from "./say.ts";
import { firstAt, type SourceField } from "./source.ts";
import { type FieldWords, TARGET_ROW, TARGET_ROW_NARROW, TargetPane } from "./TargetPane.tsx";
import { givenTo, type TargetField } from "./target.ts";
import type { TargetChoice } from "./targetChoice.ts";
import { type Drag, useDrag } from "./useDrag.ts";
import { useFieldResults } from "./useFieldResults.ts";
import { type Mapper, useSettled } from "./useMapper.ts";
import { linksOf, targetsOf, usePane, useReveal, useSourceRows, useTargetRows } from "./usePane.ts";

/** Where the keys go. */
export interface Focus {
  root: RefObject<HTMLElement | null>;
  picker: RefObject<HTMLInputElement | null>;
  editor: RefObject<HTMLDivElement | null>;
  tree: () => void;
}

interface PanesProps {
  mapper: Mapper;
  choice: TargetChoice;
  focus: Focus;
}

const none: readonly unknown[] = [];

/** Both trees with the lines between them, and the field that is selected. */
export function Panes({ mapper, choice, focus }: PanesProps) {
  const input = useExpressionInput();
  const { model } = mapper;
  const panes = useRef<HTMLDivElement>(null);
  const rowHeight = useIsNarrow(panes) ? TARGET_ROW_NARROW : TARGET_ROW;
  const source = usePane<SourceField>();
  const target = usePane<TargetField>();
  const [openOnly, setOpenOnly] = useState(false);
  const [active, setActive] = useState<string>();
  const { suggestions } = mapper;
  const links = useMemo(() => linksOf(model, suggestions), [model, suggestions]);
  const sourceRows = useSourceRows(mapper, source, links);
  const targetRows = useTargetRows(mapper, target, openOnly);
  const results = useFieldResults(model.text, model.mapping, input, choice.kind === "canonical" ? choice.name : undefined);
  const samples = useSettled(input?.samples ?? none);
  const shape = useMemo(
    () => readingOf(model.text, { samples, variables: runVariables }).analysis?.result ?? null,
    [model.text, samples],
  );
  const wordsOf = useCallback(
    (field: TargetField): FieldWords => {
      const check = givenTo(model.mapping, field.path) === "own" ? checkOf(field, shapeAt(shape, field.path)) : undefined;
      return {
        faults: results.faults.get(field.key) ?? [],
        warnings: check ? [say(`check.${check.code}`, check.params)] : [],
        value: firstAt(results.value, field.path),
        there: results.there,
      };
    },
    [model, shape, results],
  );
  const selected = mapper.selected === undefined ? undefined : fieldAt(model.target, pathOf(mapper.selected));
  const selectedWords = useMemo(() => selected && wordsOf(selected), [selected, wordsOf]);
  const { drag, begin } = useDrag(panes, target.view, (from, key) => {
    const field = fieldAt(model.target, pathOf(key));
    if (field) mapper.map(from, field);
  });
  const targetsBySource = useMemo(() => targetsOf(links), [links]);
  useReveal(mapper.selected, target);
  const shown = shownSource(mapper);
  useReveal(shown, source);
  const side = <Field,>(rows: Row<Field & { key: string }>[], rowHeight: number, scrollTop: number) => ({
    places: new Map(rows.map(({ field }, index) => [field.key, index])),
    rowHeight,
    scrollTop,
  });
  const whole = results.faults.get("")?.[0];
  return (
    <>
      {whole !== undefined && (
        <p className={classes.whole} data-testid="whole-fault">
          <CircleAlert size={14} aria-hidden /> {say("result.whole", { sample: input?.sample ?? "", fault: whole })}
        </p>
      )}
      <div ref={panes} className={classes.panes} data-dragging={drag ? true : undefined}>
        <SourcePane
          mapper={mapper}
          rows={sourceRows}
          active={active}
          shown={shown}
          onActive={setActive}
          onToggle={source.toggle}
          search={source.search}
          onSearch={source.setSearch}
          targets={targetsBySource}
          samples={samples.length}
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
          onEnter={() => focus.picker.current?.focus()}
          onEdit={() => focus.editor.current?.querySelector<HTMLElement>(".cm-content")?.focus()}
          view={target.view}
          onView={target.setTop}
        />
        {drag && <DragLine drag={drag} />}
      </div>
      <FieldBar
        mapper={mapper}
        field={selected}
        words={selectedWords}
        sample={input?.sample}
        picker={focus.picker}
        editor={focus.editor}
        onDone={focus.tree}
      />
    </>
  );
}

/** The first field that the selected target is made of, or could be. */
function shownSource({ model, selected, suggestions }: Mapper): string | undefined {
  if (selected === undefined) return undefined;
  const [first] = model.reads.get(selected) ?? [];
  return first ? keyOf(first) : suggestions.get(selected)?.source.key;
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
