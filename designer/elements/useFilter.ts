import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** A list's filters live in the address, so that a filtered list can be sent to a colleague. */
export function useFilter() {
  const [search, setSearch] = useSearchParams();
  const set = useCallback(
    (name: string, value: string | null) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  const clear = useCallback(() => setSearch({}, { replace: true }), [setSearch]);
  const get = (name: string): string | undefined => search.get(name) ?? undefined;
  return { get, set, clear };
}
