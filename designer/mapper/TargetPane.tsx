import { Switch } from "@mantine/core";
import { Check, CircleAlert, Sparkles, TriangleAlert } from "lucide-react";
import type { RefObject } from "react";
import { LooksOnly } from "../elements/ReadOnly.tsx";
import { TextAsk } from "./FieldTools.tsx";
import { FieldTree } from "./FieldTree.tsx";
import { slice } from "./mapping.ts";
import pane from "./pane.module.css";
import { pathText } from "./path.ts";
import classes from "./rows.module.css";
import type { Row } from "./rows.ts";
import { FoldMark, KindIcon, kindsText, SearchField } from "./SourcePane.tsx";
import { say } from "./say.ts";
import type { Suggestion } from "./suggest.ts";
import { givenTo, type TargetField } from "./target.ts";
import { valueText } from "./useFieldResults.ts";
import type { Mapper } from "./useMapper.ts";

export const TARGET_ROW = 32;
/** With the expression below the name. */
export const TARGET_ROW_NARROW = 44;

/** What is said of one target field besides its expression. */
export interface FieldWords {
  faults: readonly string[];
  warnings: readonly string[];
  /** Its value in the chosen sample; only where there is a result. */
  value: unknown;
  there: boolean;
}

interface TargetPaneProps {
  mapper: Mapper;
  rows: readonly Row<TargetField>[];
  rowHeight: number;
  onToggle: (field: TargetField, open: boolean) => void;
  search: string;
  onSearch: (typed: string) => void;
  openOnly: boolean;
  onOpenOnly: (on: boolean) => void;
  wordsOf: (field: TargetField) => FieldWords;
  /** The field that a drag is above. */
  over: string | undefined;
  /** The selected field is to get a source, or to be edited as text. */
  onEnter: () => void;
  onEdit: () => void;
  view: RefObject<HTMLDivElement | null>;
  onView: (top: number, height: number) => void;
}

/** What is to be made: the fields of the target with what gives each its value, and what that is on the sample. */
export function TargetPane(props: TargetPaneProps) {
  const { mapper, rows, search, wordsOf, over } = props;
  const choose = ({ field }: Row<TargetField>) => {
    if (mapper.taken) mapper.map(mapper.taken, field);
  };
  return (
    <section className={pane.pane} aria-label={say("pane.target")}>
      <header className={pane.paneHead}>
        <h3>{say("pane.target")}</h3>
        <LooksOnly>
          <Switch
            size="xs"
            label={say("pane.openOnly")}
            checked={props.openOnly}
            onChange={(event) => props.onOpenOnly(event.currentTarget.checked)}
            className={pane.openOnly ?? ""}
          />
        </LooksOnly>
        <SearchField label={say("pane.searchTarget")} value={search} onChange={props.onSearch} />
      </header>
      {rows.length === 0 && <p className={pane.hint}>{search === "" ? say("target.none") : say("pane.noMatch")}</p>}
      <FieldTree
        label={say("pane.targetTree")}
        keys={say("pane.keysTarget")}
        rows={rows}
        rowHeight={props.rowHeight}
        active={mapper.selected}
        onActive={mapper.select}
        onToggle={props.onToggle}
        onKey={(event, { field }) => {
          const suggestion = mapper.suggestions.get(field.key);
          if (event.key === "Enter" && event.shiftKey) {
            if (suggestion) mapper.accept([suggestion]);
          } else if (event.key === "Enter") {
            if (mapper.taken) mapper.map(mapper.taken, field);
            else props.onEnter();
          } else if (event.key === "F2") props.onEdit();
          else if (event.key === "Delete" || event.key === "Backspace") mapper.unmap(field);
          else if (event.key === "Escape" && mapper.taken) mapper.take(undefined);
          else return false;
          return true;
        }}
        onRowClick={choose}
        heard={(row) => heardOf(mapper, row.field, wordsOf(row.field))}
        marks={({ field }) => {
          const given = givenTo(mapper.model.mapping, field.path);
          return {
            "data-target": true,
            "data-given": given,
            "data-over": over === field.key || undefined,
            "data-awaits": mapper.taken ? true : undefined,
          };
        }}
        view={props.view}
        onView={props.onView}
        testId="target-tree"
      >
        {(row) => <TargetRow row={row} mapper={mapper} words={wordsOf(row.field)} onToggle={props.onToggle} />}
      </FieldTree>
      {!mapper.readOnly && (
        <footer className={pane.paneFoot}>
          <TextAsk label={say("target.addField")} ask={say("target.addName")} choices={[]} onText={mapper.add} quiet />
        </footer>
      )}
    </section>
  );
}

/** What gives a field its value, in one line. */
export function mappingText({ model }: Mapper, field: TargetField): string {
  const { mapping, entries } = model;
  const found = entries.get(field.key);
  if (!mapping || !found) return "";
  const { entry } = found;
  if (!entry.made) return slice(mapping, entry.value).replaceAll(/\s+/g, " ");
  if (!entry.made.each) return "";
  const { list } = entry.made.each;
  return list ? say("row.each", { list: slice(mapping, list).replaceAll(/\s+/g, " ") }) : say("row.oneEach");
}

/** The outermost field around one that is given by an expression as a whole. */
export const outerText = ({ model }: Mapper, { path }: TargetField): string => {
  for (let depth = 1; depth < path.length; depth += 1)
    if (givenTo(model.mapping, path.slice(0, depth)) === "own") return pathText(path.slice(0, depth));
  return "";
};

const reasonsText = ({ reasons }: Suggestion): string => reasons.map((reason) => say(`reason.${reason}`)).join(", ");

function heardOf(mapper: Mapper, field: TargetField, { faults, warnings, value, there }: FieldWords): string {
  const given = givenTo(mapper.model.mapping, field.path);
  const text = mappingText(mapper, field);
  const suggestion = mapper.suggestions.get(field.key);
  const parts = [
    field.name,
    typeText(field),
    field.list ? say("row.list") : "",
    field.required ? say("row.required") : "",
    given === "none" ? say("row.unmapped") : "",
    given === "outer" ? say("row.outer", { outer: outerText(mapper, field) }) : "",
    text === "" ? "" : say("row.expression", { text }),
    field.extra ? say("row.extra") : "",
    there && given !== "none" && field.children.length === 0
      ? value === undefined
        ? say("row.givesNothing")
        : say("row.gives", { value: valueText(value) })
      : "",
    suggestion ? say("row.suggested", { source: pathText(suggestion.source.path), reasons: reasonsText(suggestion) }) : "",
    ...warnings.map((warning) => say("row.warn", { text: warning })),
    ...faults.map((fault) => say("row.fault", { text: fault })),
  ];
  return parts.filter(Boolean).join(", ");
}

export const typeText = ({ form, kinds }: TargetField): string =>
  form ? say(`form.${form}`) : kindsText(kinds) || say("kind.any");

interface TargetRowProps {
  row: Row<TargetField>;
  mapper: Mapper;
  words: FieldWords;
  onToggle: (field: TargetField, open: boolean) => void;
}

function TargetRow({ row: { field, open }, mapper, words, onToggle }: TargetRowProps) {
  const suggestion = mapper.suggestions.get(field.key);
  const given = givenTo(mapper.model.mapping, field.path);
  const text = mappingText(mapper, field);
  return (
    <>
      <span className={classes.port} data-side="target" data-filled={given === "own" || undefined} aria-hidden />
      <FoldMark name={field.name} open={open} onToggle={(next) => onToggle(field, next)} />
      <KindIcon kinds={field.kinds} list={field.list} />
      <span className={classes.name} title={field.title === field.name ? field.name : `${field.title} (${pathText(field.path)})`}>
        <span data-extra={field.extra || undefined}>{field.name}</span>
        {field.required && (
          <span className={classes.star} title={say("row.required")} data-open={given === "none" || undefined}>
            *
          </span>
        )}
      </span>
      {suggestion ? (
        <SuggestionMark suggestion={suggestion} mapper={mapper} />
      ) : (
        <span className={classes.text} data-kind={given} title={text}>
          {given === "outer" ? <span className="ol-dim">{say("row.outer", { outer: outerText(mapper, field) })}</span> : text}
        </span>
      )}
      <ResultMark words={words} shown={given !== "none" && field.children.length === 0} />
    </>
  );
}

function SuggestionMark({ suggestion, mapper }: { suggestion: Suggestion; mapper: Mapper }) {
  const { source, target, sure } = suggestion;
  return (
    <span className={classes.suggestion} data-sure={sure || undefined} title={reasonsText(suggestion)}>
      <Sparkles size={12} aria-hidden />
      <span className={classes.suggested}>{pathText(source.path)}</span>
      <span className={classes.reason}>{say(`reason.${suggestion.reasons[0] ?? "likeName"}`)}</span>
      <button
        type="button"
        tabIndex={-1}
        className={`ol-icon ${classes.accept}`}
        aria-label={say("row.acceptOf", { name: pathText(target.path) })}
        title={say("row.accept")}
        onClick={(event) => {
          event.stopPropagation();
          mapper.accept([suggestion]);
        }}
        data-testid={`accept-${pathText(target.path)}`}
      >
        <Check size={13} aria-hidden />
      </button>
    </span>
  );
}

function ResultMark({ words: { faults, warnings, value, there }, shown }: { words: FieldWords; shown: boolean }) {
  const [fault] = faults;
  const [warning] = warnings;
  const told = fault ?? warning;
  return (
    <span className={classes.result} title={told ?? (there && shown ? JSON.stringify(value, null, 1) : "")}>
      {there && shown && (value === undefined ? <span className="ol-dim">—</span> : <span>{valueText(value)}</span>)}
      {fault !== undefined && <CircleAlert size={14} className={classes.faultMark} aria-hidden />}
      {fault === undefined && warning !== undefined && <TriangleAlert size={14} className={classes.warnMark} aria-hidden />}
    </span>
  );
}
