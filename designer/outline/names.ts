import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";

/** What people call a node: its own name, else its type's title. */
export const titleOf = ({ name, type }: FlowNode, manifests: Catalogue["manifests"]): string =>
  name ?? manifests.get(type)?.title ?? type;
