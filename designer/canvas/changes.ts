import { type Change, diffFlows } from "#schemas/diff.ts";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import type { Catalogue } from "./catalogue.ts";
import { nodeNames } from "./names.ts";

/** One line of "what changed" as the publish dialog lists it. */
export interface ChangeLine {
  subject: "node" | "edge" | "slot" | "flow";
  kind: "added" | "removed" | "changed";
  id: string;
  title: string;
  /** The settings that differ, by name. */
  parts: string[];
}

/** What a person would call different between two flows; where the cards stand is not. */
export function changeLines(before: Flow, after: Flow, manifests: Catalogue["manifests"]): ChangeLine[] {
  const { nodes, edges, slots, meta } = diffFlows(before, after);
  const title = nodeNames([...before.nodes, ...after.nodes], manifests);
  const edgeText = ({ from, to }: FlowEdge) => `${title(from.node)}.${from.port} → ${title(to.node)}.${to.port}`;
  const lines: ChangeLine[] = [];
  if (meta.length > 0) lines.push({ subject: "flow", kind: "changed", id: after.id, title: after.name, parts: partsOf(meta) });
  for (const { id } of nodes.added) lines.push({ subject: "node", kind: "added", id, title: title(id), parts: [] });
  for (const { id } of nodes.removed) lines.push({ subject: "node", kind: "removed", id, title: title(id), parts: [] });
  for (const { id, changes } of nodes.changed)
    lines.push({ subject: "node", kind: "changed", id, title: title(id), parts: partsOf(changes) });
  for (const edge of edges.added) lines.push({ subject: "edge", kind: "added", id: edge.id, title: edgeText(edge), parts: [] });
  for (const edge of edges.removed)
    lines.push({ subject: "edge", kind: "removed", id: edge.id, title: edgeText(edge), parts: [] });
  for (const { name } of slots.added) lines.push({ subject: "slot", kind: "added", id: name, title: name, parts: [] });
  for (const { name } of slots.removed) lines.push({ subject: "slot", kind: "removed", id: name, title: name, parts: [] });
  for (const { id, changes } of slots.changed)
    lines.push({ subject: "slot", kind: "changed", id, title: id, parts: partsOf(changes) });
  return lines;
}

/** The names of the settings that differ: `/config/expression` is "expression". */
function partsOf(changes: Change[]): string[] {
  const names = changes.map(({ pointer }) => {
    const [first = "", second] = pointerSteps(pointer);
    return first === "config" && second ? second : first;
  });
  return [...new Set(names)];
}
