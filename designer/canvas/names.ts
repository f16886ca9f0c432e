import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "./catalogue.ts";

/** What people call a node: its own name, else its type's title. */
export const titleOf = ({ name, type }: FlowNode, manifests: Catalogue["manifests"]): string =>
  name ?? manifests.get(type)?.title ?? type;

/**
 * What people call the nodes of a flow, by id; of one that is not there (any more), its id. Nodes that are called the same
 * are told apart by their ids.
 */
export function nodeNames(nodes: readonly FlowNode[], manifests: Catalogue["manifests"]): (id: string) => string {
  const titles = new Map(nodes.map((node) => [node.id, titleOf(node, manifests)]));
  const called = new Map<string, number>();
  for (const title of titles.values()) called.set(title, (called.get(title) ?? 0) + 1);
  return (id) => {
    const title = titles.get(id);
    if (title === undefined) return id;
    return (called.get(title) ?? 0) > 1 ? `${title} (${id})` : title;
  };
}

/** The first line of a note that says something, without the signs of its layout. */
export const firstLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(/^[\s#>*-]+/, "").trim())
    .find((line) => line !== "") ?? "";
