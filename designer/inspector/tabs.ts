import { useCallback } from "react";
import { useSearchParams } from "react-router";
import { isUnder } from "./fields.ts";

export const tabNames = ["config", "input", "output", "limits", "docs", "problems"] as const;
export type TabName = (typeof tabNames)[number];

/** The tab on which a place of a node is set; pointers begin at the node: `/retry/attempts`. */
export const tabOf = (pointer: string): TabName =>
  isUnder(pointer, "/retry") || isUnder(pointer, "/onError") ? "limits" : "config";

/** The tab stands in the address beside the node: it stays when another node is selected, and can be sent to a colleague. */
export function useTab(): [TabName, (tab: string | null) => void] {
  const [search, setSearch] = useSearchParams();
  const tab = tabNames.find((name) => name === search.get("tab")) ?? "config";
  const show = useCallback(
    (next: string | null) =>
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (next === null || next === "config") after.delete("tab");
          else after.set("tab", next);
          return after;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return [tab, show];
}

const takesFocus = "input:not([type=hidden]), textarea, select, button, [contenteditable=true], [tabindex='0']";

/**
 * Brings the field at a place, or the nearest around it, into view and gives it the focus. Fields say where they stand by
 * `data-place`. False where there is none.
 */
export function focusPlace(root: ParentNode, pointer: string): boolean {
  const fitting = [...root.querySelectorAll<HTMLElement>("[data-place]")].filter((one) =>
    isUnder(pointer, one.dataset.place ?? ""),
  );
  // What stands deeper names a longer place.
  const nearest = fitting.sort((a, b) => (b.dataset.place?.length ?? 0) - (a.dataset.place?.length ?? 0))[0];
  nearest?.scrollIntoView({ block: "nearest" });
  const field = nearest?.matches(takesFocus) ? nearest : nearest?.querySelector<HTMLElement>(takesFocus);
  field?.focus({ preventScroll: true });
  return nearest !== undefined;
}
