import { useCallback } from "react";
import { useSearchParams } from "react-router";

const views = ["canvas", "outline"] as const;
export type View = (typeof views)[number];

const key = "orderloom.view";
const known = (value: string | null): View | undefined => views.find((view) => view === value);

/** How the flow is shown: as the address says, else as this browser showed the last one. */
export function useView(): [View, (view: View) => void] {
  const [search, setSearch] = useSearchParams();
  const show = useCallback(
    (view: View) => {
      localStorage.setItem(key, view);
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          next.set("view", view);
          return next;
        },
        { replace: true },
      );
    },
    [setSearch],
  );
  return [known(search.get("view")) ?? known(localStorage.getItem(key)) ?? "canvas", show];
}
