import type { Flow } from "#schemas/flow.ts";
import { fileText } from "./fileText.ts";

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Nodes, edges and slots by their ids: in which order they were drawn is nobody's matter. */
const inOrder = (flow: Flow): Flow => ({
  ...flow,
  slots: [...flow.slots].sort((a, b) => byText(a.name, b.name)),
  nodes: [...flow.nodes].sort((a, b) => byText(a.id, b.id)),
  edges: [...flow.edges].sort((a, b) => byText(a.id, b.id)),
});

/** The text of a flow's file, the same from the command line and from the designer. */
export const flowFileText = (flow: Flow): string => fileText(inOrder(flow));
