import { useCallback } from "react";
import { useSearchParams } from "react-router";

interface Selection {
  node: string | null;
  edge: string | null;
}

const selectionIn = (search: URLSearchParams): Selection => ({ node: search.get("node"), edge: search.get("edge") });

/** What has been selected last, whether or not it is drawn so yet. */
export const selectedLast = (): Selection => selectionIn(new URLSearchParams(window.location.search));

/** What is selected stands in the address, so that it can be sent to a colleague and survives a reload. */
export function useSelection() {
  const [search, setSearch] = useSearchParams();
  const select = useCallback(
    (node: string | null, edge: string | null) => {
      // What the page is drawn with comes later than the address: two selections in a row would both begin at the first.
      const next = new URLSearchParams(window.location.search);
      if (next.get("node") === node && next.get("edge") === edge) return;
      for (const [name, value] of [
        ["node", node],
        ["edge", edge],
      ] as const) {
        if (value === null) next.delete(name);
        else next.set(name, value);
      }
      setSearch(next, { replace: true });
    },
    [setSearch],
  );
  return { ...selectionIn(search), select };
}
