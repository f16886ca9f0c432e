import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";

/** What people call a node: its own name, else its type's title. */
export const titleOf = ({ name, type }: FlowNode, manifests: Catalogue["manifests"]): string =>
  name ?? manifests.get(type)?.title ?? type;

/** The first line of a note that says something, without the signs of its layout. */
export const firstLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replace(/^[\s#>*-]+/, "").trim())
    .find((line) => line !== "") ?? "";
