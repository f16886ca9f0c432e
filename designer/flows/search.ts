import type { FlowSummary } from "#schemas/api.ts";

/** True when every word of the search is found in the flow's name, id, owner or tags. */
export function matchesFlow(
  { id, name, owner, tags }: Pick<FlowSummary, "id" | "name" | "owner" | "tags">,
  search: string,
): boolean {
  const text = [id, name, owner ?? "", ...tags].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What is wanted of the list: words, a tag, an owner; what is undefined leaves all. */
export interface Wanted {
  q: string;
  tag: string | undefined;
  owner: string | undefined;
}

/** True when a flow fits all that is wanted. */
export const fitsFlow = (flow: Pick<FlowSummary, "id" | "name" | "owner" | "tags">, { q, tag, owner }: Wanted): boolean =>
  matchesFlow(flow, q) && (tag === undefined || flow.tags.includes(tag)) && (owner === undefined || flow.owner === owner);

/** Names as people order them: "Flow 9" before "Flow 10". */
export const byName = new Intl.Collator(undefined, { numeric: true }).compare;

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort(byName);

/** Every tag, and every owner, that a flow has. */
export const tagsOf = (flows: readonly Pick<FlowSummary, "tags">[]): string[] => distinct(flows.flatMap(({ tags }) => tags));
export const ownersOf = (flows: readonly Pick<FlowSummary, "owner">[]): string[] =>
  distinct(flows.flatMap(({ owner }) => owner ?? []));

/** The id that a name suggests: "Order to cash, EU" gives "order-to-cash-eu". */
export function idFrom(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return plain.slice(0, 64).replace(/-+$/, "");
}

export const isFlowId = (id: string): boolean => /^[a-z][a-z0-9-]{0,63}$/.test(id);
