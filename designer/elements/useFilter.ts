import { useCallback } from "react";
import { useNavigate, useSearchParams } from "react-router";

/** A list's filters live in the address, so that a filtered list can be sent to a colleague. */
export function useFilter() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const set = useCallback(
    (name: string, value: string | null) => {
      // The address itself: what was set a moment ago may not be drawn yet.
      const next = new URLSearchParams(window.location.search);
      if (value === null || value === "") next.delete(name);
      else next.set(name, value);
      navigate({ search: `${next}` }, { replace: true });
    },
    [navigate],
  );
  const clear = useCallback(() => navigate({ search: "" }, { replace: true }), [navigate]);
  const get = (name: string): string | undefined => search.get(name) ?? undefined;
  return { get, set, clear };
}
