import { diffFlows } from "#schemas/diff.ts";
import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import { type ToldLayout, toldOfLayout } from "./toldLayout.ts";

/** One thing that has changed, as those are told who do not see it. Nodes are told by their ids. */
export type Told =
  | { what: "added" | "removed" | "renamed" | "disabled" | "enabled" | "changed"; node: string }
  | { what: "connected" | "disconnected"; from: string; to: string }
  | { what: "flow" }
  | ToldLayout;

/** What changed from one flow to the next. Where cards stand is not told: it means nothing to those who do not see it. */
export function toldOf(before: Flow, after: Flow): Told[] {
  const { nodes, edges, slots, meta } = diffFlows(before, after);
  const gone = new Set(nodes.removed.map(({ id }) => id));
  const ends = ({ from, to }: FlowEdge) => ({ from: from.node, to: to.node });
  const found: Told[] = [
    ...nodes.removed.map(({ id }): Told => ({ what: "removed", node: id })),
    ...nodes.added.map(({ id }): Told => ({ what: "added", node: id })),
    ...nodes.changed.flatMap(({ id }) => changesOf(find(before, id), find(after, id))),
    // The edges of a node that is gone went with it.
    ...edges.removed
      .filter(({ from, to }) => !gone.has(from.node) && !gone.has(to.node))
      .map((edge): Told => ({ what: "disconnected", ...ends(edge) })),
    ...edges.added.map((edge): Told => ({ what: "connected", ...ends(edge) })),
    ...toldOfLayout(before, after),
  ];
  const own =
    meta.length > 0 || slots.changed.length > 0 || (found.length === 0 && slots.added.length + slots.removed.length > 0);
  return own ? [...found, { what: "flow" }] : found;
}

function changesOf(before: FlowNode | undefined, after: FlowNode | undefined): Told[] {
  if (!before || !after) return [];
  const node = after.id;
  const rest = ({ id, type, slot, config, retry, onError, notes }: FlowNode) =>
    JSON.stringify([id, type, slot, config, retry, onError, notes]);
  return [
    ...(before.name === after.name ? [] : [{ what: "renamed" as const, node }]),
    ...((before.disabled ?? false) === (after.disabled ?? false)
      ? []
      : [{ what: after.disabled ? ("disabled" as const) : ("enabled" as const), node }]),
    ...(rest(before) === rest(after) ? [] : [{ what: "changed" as const, node }]),
  ];
}

const find = (flow: Flow, id: string): FlowNode | undefined => flow.nodes.find((node) => node.id === id);
