import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Flow } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { edgeKey, nodeKey, type Row, rowsOf } from "./rows.ts";

export interface OutlineState {
  rows: Row[];
  unfolded: ReadonlySet<string>;
  /** The row the arrow keys stand on; undefined in an empty flow. */
  current: Row | undefined;
  /** Goes to a row, whether or not it is there yet: then when it comes. */
  goTo: (key: string) => void;
  /** Takes the row as the current one without moving the focus: it has it already. */
  arrive: (key: string) => void;
  fold: (id: string, open?: boolean) => void;
}

/** Which rows the outline has, which of them is the current one, and how the focus follows. */
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
    const row = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
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
  return { rows, unfolded, current, goTo, arrive: setKey, fold };
}
