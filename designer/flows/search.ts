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
