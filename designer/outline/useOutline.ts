import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Flow } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { useDraftStore } from "../canvas/draft.ts";
import { boardKey, boardOf, edgeKey, nodeKey, type Row, rowsOf } from "./rows.ts";

export interface OutlineState {
  rows: Row[];
  unfolded: ReadonlySet<string>;
  /** The row the arrow keys stand on; undefined in an empty flow. */
  current: Row | undefined;
  /** What is chosen of the board, to do something to all of it at once. */
  chosen: ReadonlySet<string>;
  choose: (chosen: ReadonlySet<string>) => void;
  /** Goes to a row, whether or not it is there yet: then when it comes. */
  goTo: (key: string) => void;
  /** Takes the row as the current one without moving the focus: it has it already. */
  arrive: (key: string) => void;
  fold: (id: string, open?: boolean) => void;
}

const nothing: ReadonlySet<string> = new Set();

/** Which rows the outline has, which of them is the current one, which are chosen, and how the focus follows. */
export function useOutline(
  flow: Flow,
  { manifests }: Catalogue,
  selected: { node: string | null; edge: string | null },
): OutlineState {
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(() => {
    const edge = flow.edges.find(({ id }) => id === selected.edge);
    return new Set(edge ? [edge.from.node] : []);
  });
  const rows = useMemo(() => rowsOf(flow, manifests, unfolded), [flow, manifests, unfolded]);
  const first = selected.node !== null ? nodeKey(selected.node) : selected.edge !== null ? edgeKey(selected.edge) : null;
  const [key, setKey] = useState(first);
  const at = rows.findIndex((row) => row.key === key);
  // Where the current row is gone, the one that has taken its place is the current one.
  const last = useRef(0);
  if (at >= 0) last.current = at;
  const current = rows[at] ?? rows[Math.min(last.current, rows.length - 1)];

  const wanted = useRef<string | null>(null);
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that was not there before may come with other rows
  useEffect(() => {
    if (wanted.current === null) return;
    const row = rowElement(wanted.current);
    if (!row) return;
    wanted.current = null;
    row.focus();
  }, [rows, asked]);

  const goTo = useCallback((next: string) => {
    wanted.current = next;
    setKey(next);
    setAsked((count) => count + 1);
  }, []);
  const fold = useCallback(
    (id: string, open?: boolean) =>
      setUnfolded((before) => {
        const next = new Set(before);
        if (open ?? !before.has(id)) next.add(id);
        else next.delete(id);
        return next;
      }),
    [],
  );
  const { chosen, choose } = useChosen(rows);
  const inside = useKeptFocus(current);
  useWhatIsNew(rows, inside, choose, goTo);
  return { rows, unfolded, current, chosen, choose, goTo, arrive: setKey, fold };
}

const rowElement = (key: string) => document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);

/** What is gone from the flow is not chosen any more. */
function useChosen(rows: readonly Row[]) {
  const [wished, choose] = useState(nothing);
  const chosen = useMemo(() => {
    const standing = new Set(rows.map(boardOf));
    const left = [...wished].filter((board) => standing.has(board));
    return left.length === wished.size ? wished : new Set(left);
  }, [wished, rows]);
  return { chosen, choose };
}

/** Where what had the focus in the outline goes away, the current row takes it. Says whether the focus is in there. */
function useKeptFocus(current: Row | undefined) {
  const inside = useRef(false);
  useEffect(() => {
    const frame = document.querySelector<HTMLElement>("[data-outline]");
    if (inside.current && document.activeElement === document.body)
      (current ? rowElement(current.key) : frame?.querySelector("button"))?.focus();
    inside.current = frame?.contains(document.activeElement) ?? false;
  });
  return inside;
}

/** What has just been pasted, grouped or brought back by undo is what the keyboard goes on with. */
function useWhatIsNew(
  rows: readonly Row[],
  inside: { readonly current: boolean },
  choose: (chosen: ReadonlySet<string>) => void,
  goTo: (key: string) => void,
): void {
  const store = useDraftStore();
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const standing = new Set(rows.flatMap((row) => boardOf(row) ?? []));
    const fresh = [...standing].filter((board) => known.current !== null && !known.current.has(board));
    known.current = standing;
    const [first] = fresh;
    // What another editor has drawn comes without a history of ours, and takes nobody away from where he is.
    if (first === undefined || !inside.current || store.getState().history.past.length === 0) return;
    choose(fresh.length > 1 ? new Set(fresh) : nothing);
    goTo(boardKey(first));
  }, [rows, inside, choose, goTo, store]);
}
