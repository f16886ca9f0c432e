import { VisuallyHidden } from "@mantine/core";
import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import classes from "./rows.module.css";
import type { Branch, Row } from "./rows.ts";

interface FieldTreeProps<Field extends Branch<Field>> {
  label: string;
  /** What the keys do, told to those who hear the tree. */
  keys: string;
  rows: readonly Row<Field>[];
  rowHeight: number;
  active: string | undefined;
  /** A row that is brought into view without being active. */
  shown?: string | undefined;
  onActive: (key: string) => void;
  onToggle: (field: Field, open: boolean) => void;
  /** Keys that the tree itself does not know; true when one was taken. */
  onKey: (event: KeyboardEvent, row: Row<Field>) => boolean;
  onRowPointerDown?: (event: PointerEvent, row: Row<Field>) => void;
  onRowClick?: (row: Row<Field>) => void;
  /** All that is to be heard of a row. */
  heard: (row: Row<Field>) => string;
  children: (row: Row<Field>) => ReactNode;
  /** Marks of a row for its looks: `data-...`. */
  marks: (row: Row<Field>) => Readonly<Record<`data-${string}`, string | boolean | undefined>>;
  view: RefObject<HTMLDivElement | null>;
  onView: (scrollTop: number, height: number) => void;
  testId: string;
}

/** Rows drawn beyond what is seen, so that scrolling shows no gap. */
const SPARE = 6;

/** A tree of fields, of which only what is seen is drawn. One stop of the Tab key; the arrows move inside. */
export function FieldTree<Field extends Branch<Field>>(props: FieldTreeProps<Field>) {
  const { rows, rowHeight, active, view, onView, heard, marks } = props;
  const id = useId();
  const { top, height } = useWindow(view, onView);
  const at = rows.findIndex(({ field }) => field.key === active);
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + SPARE);
  const shown = rows.slice(first, last).map((row, index) => [row, first + index] as const);
  const readOnly = useReadOnly();
  // Who hears the tree is led to the active row: it has to be there also when it is scrolled out of sight.
  const current = rows[at];
  if (current && (at < first || at >= last)) shown.push([current, at]);
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row) props.onActive(row.field.key);
  };
  useEffect(() => {
    if (at >= 0) bringIntoView(view.current, at * rowHeight, rowHeight);
  }, [at, rowHeight, view]);
  const shownAt = props.shown === undefined ? -1 : rows.findIndex(({ field }) => field.key === props.shown);
  useEffect(() => {
    if (shownAt >= 0) bringIntoView(view.current, shownAt * rowHeight, rowHeight);
  }, [shownAt, rowHeight, view]);
  const press = (event: KeyboardEvent) => {
    const row = rows[at];
    const taken = row && !event.altKey ? (moved(event, row, at, go, props) ?? props.onKey(event, row)) : start(event, go);
    if (!taken) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    // Where nothing inside takes the focus, the keys scroll the whole.
    <div className={classes.scroll} ref={view} data-testid={`${props.testId}-scroll`} {...(readOnly ? { tabIndex: 0 } : {})}>
      <div
        role="tree"
        tabIndex={0}
        className={classes.tree}
        style={{ height: rows.length * rowHeight }}
        aria-label={props.label}
        aria-description={props.keys}
        aria-activedescendant={current ? `${id}-${current.field.key}` : undefined}
        onKeyDown={press}
        onFocus={(event) => at < 0 && event.currentTarget.matches(":focus-visible") && go(0)}
        data-testid={props.testId}
        data-keys="own"
      >
        {shown.map(([row, index]) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names its active row
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all rows
          <div
            key={row.field.key}
            id={`${id}-${row.field.key}`}
            role="treeitem"
            className={classes.row}
            style={rowStyle(index, rowHeight, row.depth)}
            aria-level={row.depth + 1}
            aria-posinset={row.at}
            aria-setsize={row.of}
            aria-selected={row.field.key === active}
            aria-expanded={row.open}
            onPointerDown={(event) => props.onRowPointerDown?.(event, row)}
            onClick={() => {
              props.onActive(row.field.key);
              props.onRowClick?.(row);
            }}
            data-key={row.field.key}
            data-testid={`${props.testId}-${row.field.path.join(".")}`}
            {...marks(row)}
          >
            <VisuallyHidden>{heard(row)}</VisuallyHidden>
            <span className={classes.looks} aria-hidden>
              {props.children(row)}
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}

const rowStyle = (index: number, rowHeight: number, depth: number): CSSProperties => ({
  height: rowHeight,
  transform: `translateY(${index * rowHeight}px)`,
  ...{ "--depth": depth },
});

const start = (event: KeyboardEvent, go: (index: number) => void): boolean => {
  if (event.key !== "ArrowDown" && event.key !== "Home") return false;
  go(0);
  return true;
};

/** Keys by which a tree is gone through; undefined for any other. */
function moved<Field extends Branch<Field>>(
  event: KeyboardEvent,
  row: Row<Field>,
  at: number,
  go: (index: number) => void,
  { rows, onToggle }: FieldTreeProps<Field>,
): true | undefined {
  switch (event.key) {
    case "ArrowDown":
      go(at + 1);
      return true;
    case "ArrowUp":
      go(at - 1);
      return true;
    case "Home":
      go(0);
      return true;
    case "End":
      go(rows.length - 1);
      return true;
    case "PageDown":
      go(at + 10);
      return true;
    case "PageUp":
      go(at - 10);
      return true;
    case "ArrowRight":
      if (row.open === false) onToggle(row.field, true);
      else if (row.open) go(at + 1);
      return true;
    case "ArrowLeft":
      if (row.open) onToggle(row.field, false);
      else if (row.depth > 0) go(rows.findLastIndex(({ depth }, index) => index < at && depth < row.depth));
      return true;
    default:
      return undefined;
  }
}

function bringIntoView(view: HTMLElement | null, top: number, height: number): void {
  if (!view) return;
  if (top < view.scrollTop) view.scrollTop = top;
  else if (top + height > view.scrollTop + view.clientHeight) view.scrollTop = top + height - view.clientHeight;
}

/** What of a scrolled element is seen. */
function useWindow(view: RefObject<HTMLDivElement | null>, onView: (top: number, height: number) => void) {
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const tell = useRef(onView);
  tell.current = onView;
  useEffect(() => {
    const element = view.current;
    if (!element) return;
    const look = () => {
      const next = { top: element.scrollTop, height: element.clientHeight };
      setSeen((before) => (before.top === next.top && before.height === next.height ? before : next));
      tell.current(next.top, next.height);
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      observer.disconnect();
    };
  }, [view]);
  return seen;
}
