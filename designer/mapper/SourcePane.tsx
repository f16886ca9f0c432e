import { TextInput } from "@mantine/core";
import { Braces, ChevronRight, Hash, List, Search, ToggleLeft, Type } from "lucide-react";
import type { PointerEvent, RefObject } from "react";
import { LooksOnly } from "../elements/ReadOnly.tsx";
import type { Kind } from "../expression/shape.ts";
import { AddSample } from "../preview/AddSample.tsx";
import { FieldTree } from "./FieldTree.tsx";
import pane from "./pane.module.css";
import { pathText } from "./path.ts";
import { useMappingPlace } from "./place.ts";
import classes from "./rows.module.css";
import type { Row } from "./rows.ts";
import { say } from "./say.ts";
import type { SourceField } from "./source.ts";
import { valueText } from "./useFieldResults.ts";
import type { Mapper } from "./useMapper.ts";

export const SOURCE_ROW = 28;

interface SourcePaneProps {
  mapper: Mapper;
  rows: readonly Row<SourceField>[];
  active: string | undefined;
  /** The source of the selected target. */
  shown: string | undefined;
  onActive: (key: string) => void;
  onToggle: (field: SourceField, open: boolean) => void;
  search: string;
  onSearch: (typed: string) => void;
  /** Names of the targets that read a source, by its key. */
  targets: ReadonlyMap<string, readonly string[]>;
  samples: number;
  waiting: boolean;
  /** The value of a field in the chosen sample. */
  valueOf: (field: SourceField) => unknown;
  onDrag: (event: PointerEvent, field: SourceField) => void;
  onTake: (field: SourceField) => void;
  view: RefObject<HTMLDivElement | null>;
  onView: (top: number, height: number) => void;
}

/** What comes in: its fields with types, values and how many of the samples have them. */
export function SourcePane(props: SourcePaneProps) {
  const { mapper, rows, samples, waiting, search, targets } = props;
  const place = useMappingPlace();
  return (
    <section className={pane.pane} aria-label={say("pane.source")}>
      <header className={pane.paneHead}>
        <h3>{say("pane.source")}</h3>
        <span className="ol-dim ol-small">{say("pane.samples", { count: samples })}</span>
        <SearchField label={say("pane.searchSource")} value={search} onChange={props.onSearch} />
      </header>
      {rows.length === 0 && search !== "" && <p className={pane.hint}>{say("pane.noMatch")}</p>}
      <FieldTree
        label={say("pane.sourceTree")}
        keys={say("pane.keysSource")}
        rows={rows}
        rowHeight={SOURCE_ROW}
        active={props.active}
        shown={props.shown}
        onActive={props.onActive}
        onToggle={props.onToggle}
        onKey={(event, { field }) => {
          if (event.key === "Enter" || event.key === " ") props.onTake(field);
          else if (event.key === "Escape" && mapper.taken) mapper.take(undefined);
          else return false;
          return true;
        }}
        onRowPointerDown={(event, { field }) => props.onDrag(event, field)}
        heard={({ field }) => heardOf(field, targets.get(field.key), mapper.taken === field)}
        marks={({ field }) => ({
          "data-mapped": targets.has(field.key) || undefined,
          "data-taken": mapper.taken?.key === field.key || undefined,
          "data-grab": mapper.readOnly ? undefined : true,
        })}
        view={props.view}
        onView={props.onView}
        testId="source-tree"
      >
        {(row) => <SourceRow row={row} value={props.valueOf(row.field)} onToggle={props.onToggle} onTake={props.onTake} />}
      </FieldTree>
      {/* Below the rows: the lines meet them from the top of the pane on. */}
      {samples === 0 && (
        <p className={pane.hint}>
          {waiting ? say("pane.waiting") : say("pane.noSamples")}
          {!waiting && <span className="ol-dim">{say("pane.noSamplesHint")}</span>}
          {!waiting && place && <AddSample catalogue={place.catalogue} />}
        </p>
      )}
    </section>
  );
}

export function SearchField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <LooksOnly>
      <TextInput
        type="search"
        className={pane.search ?? ""}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.preventDefault();
          onChange("");
        }}
        leftSection={<Search size={13} aria-hidden />}
        leftSectionWidth={26}
      />
    </LooksOnly>
  );
}

function heardOf(field: SourceField, targets: readonly string[] | undefined, taken: boolean): string {
  const parts = [
    field.name,
    kindsText(field.kinds),
    field.list ? say("row.list") : "",
    seenText(field),
    field.examples.length > 0 ? String(field.examples[0]) : "",
    targets ? say("row.mappedTo", { targets: targets.join(", ") }) : "",
    taken ? say("row.taken") : "",
  ];
  return parts.filter(Boolean).join(", ");
}

const seenText = ({ seen, of }: SourceField): string => {
  if (of === 0) return "";
  if (seen === 0) return say("row.never");
  return seen === of ? say("row.seenAll") : say("row.seen", { seen, of });
};

export const kindsText = (kinds: ReadonlySet<Kind>): string => {
  const real = [...kinds].filter((kind) => kind !== "null");
  return (real.length > 0 ? real : [...kinds]).map((kind) => say(`kind.${kind}`)).join(" / ");
};

const icons = { text: Type, number: Hash, boolean: ToggleLeft, object: Braces, null: Type } as const;

/** The type of a field as a small sign; its name is said in the row's own label. */
export function KindIcon({ kinds, list }: { kinds: ReadonlySet<Kind>; list: boolean }) {
  const kind = [...kinds].find((one) => one !== "null") ?? "null";
  const Icon = list ? List : icons[kind];
  const title = list ? `${say("row.list")}, ${kindsText(kinds)}` : kindsText(kinds);
  return (
    <span className={classes.kind} title={title || say("kind.any")} data-kind={list ? "list" : kind} aria-hidden>
      <Icon size={13} />
    </span>
  );
}

interface SourceRowProps {
  row: Row<SourceField>;
  value: unknown;
  onToggle: (field: SourceField, open: boolean) => void;
  onTake: (field: SourceField) => void;
}

function SourceRow({ row: { field, open }, value, onToggle, onTake }: SourceRowProps) {
  const shown = value === undefined || (typeof value === "object" && value !== null) ? field.examples[0] : value;
  const text = field.children.length > 0 ? "" : shown === undefined ? "" : valueText(shown);
  return (
    <>
      <FoldMark name={field.name} open={open} onToggle={(next) => onToggle(field, next)} />
      <KindIcon kinds={field.kinds} list={field.list} />
      <span className={classes.name} title={pathText(field.path)}>
        {field.name}
      </span>
      {field.of > 1 && field.seen < field.of && (
        <span className={classes.seen} title={seenText(field)} data-none={field.seen === 0 || undefined}>
          {field.seen}/{field.of}
        </span>
      )}
      <span className={classes.value} title={field.examples.map(String).join("\n")}>
        {text}
      </span>
      <button
        type="button"
        tabIndex={-1}
        aria-hidden
        className={classes.port}
        data-side="source"
        onClick={(event) => {
          event.stopPropagation();
          onTake(field);
        }}
      />
    </>
  );
}

/** Folds a row by pointer; by keys the arrows do it. */
export function FoldMark({
  name,
  open,
  onToggle,
}: {
  name: string;
  open: boolean | undefined;
  onToggle: (open: boolean) => void;
}) {
  if (open === undefined) return <span className={`ol-icon ${classes.fold}`} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`ol-icon ${classes.fold}`}
      data-open={open || undefined}
      aria-label={say(open ? "row.fold" : "row.unfold", { name })}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(!open);
      }}
    >
      <ChevronRight size={13} aria-hidden />
    </button>
  );
}
