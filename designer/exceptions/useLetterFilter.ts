import { useEnvironment } from "../app/address.ts";
import { useFilter } from "../elements/useFilter.ts";

/** By what the rail narrows; each stands in the address under this name. */
export const facetNames = ["class", "connector", "flow", "assignee", "tag"] as const;
export type FacetName = (typeof facetNames)[number];

/** Stands in the address for "of no system" and "of nobody". */
export const none = "-";

/** What the list shows, as it stands in the address and as the API takes it. */
export function useLetterFilter() {
  const { id: environment } = useEnvironment();
  const filter = useFilter();
  const wanted = (name: FacetName) => (filter.get(name) === none ? "" : filter.get(name));
  const values = {
    environment,
    state: filter.get("state") ?? "open",
    class: wanted("class"),
    connector: wanted("connector"),
    flow: wanted("flow"),
    assignee: wanted("assignee"),
    tag: wanted("tag"),
    node: filter.get("node"),
    version: filter.get("version"),
    q: filter.get("q")?.trim() || undefined,
  };
  const narrowed = facetNames.some((name) => filter.get(name) !== undefined) || (values.node ?? values.version) !== undefined;
  return { ...filter, values, narrowed };
}

export type LetterFilter = ReturnType<typeof useLetterFilter>;
