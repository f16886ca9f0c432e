import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { Link } from "./lines.ts";
import type { Model } from "./model.ts";
import { keyOf, pathOf, pathText } from "./path.ts";
import { type Row, rowsOf, searchFor } from "./rows.ts";
import type { SourceField } from "./source.ts";
import { givenTo, type TargetField } from "./target.ts";
import type { Mapper } from "./useMapper.ts";

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

export function usePane<Field extends { key: string }>(): Pane<Field> {
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
export function useReveal<Field>(selected: string | undefined, { reveal }: Pane<Field>): void {
  const show = useRef(reveal);
  show.current = reveal;
  useEffect(() => {
    if (selected !== undefined) show.current(selected);
  }, [selected]);
}

/** Trees of more fields than this begin folded, but for what is mapped or suggested. */
const SMALL = 60;

export function useSourceRows(
  { model }: Mapper,
  { folds, search }: Pane<SourceField>,
  links: readonly Link[],
): Row<SourceField>[] {
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

export function useTargetRows({ model, suggestions, selected }: Mapper, { folds, search }: Pane<TargetField>, openOnly: boolean) {
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
export function linksOf(model: Model, suggestions: Mapper["suggestions"]): Link[] {
  const read = [...model.reads].flatMap(([to, paths]) => paths.map((path) => ({ from: keyOf(path), to, suggested: false })));
  const offered = [...suggestions.values()].map(({ source, target }) => ({ from: source.key, to: target.key, suggested: true }));
  return [...offered, ...read];
}

export function targetsOf(links: readonly Link[]): Map<string, string[]> {
  const targets = new Map<string, string[]>();
  for (const { from, to, suggested } of links)
    if (!suggested) targets.set(from, [...(targets.get(from) ?? []), pathText(pathOf(to))]);
  return targets;
}
