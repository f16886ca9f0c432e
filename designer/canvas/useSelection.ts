import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** What is selected stands in the address, so that it can be sent to a colleague and survives a reload. */
export function useSelection() {
  const [search, setSearch] = useSearchParams();
  const select = useCallback(
    (node: string | null, edge: string | null) => {
      if (search.get("node") === node && search.get("edge") === edge) return;
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of [
            ["node", node],
            ["edge", edge],
          ] as const) {
            if (value === null) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [search, setSearch],
  );
  return { node: search.get("node"), edge: search.get("edge"), select };
}
