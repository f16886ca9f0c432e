import type { Flow, FlowEdge, FlowNode } from "#schemas/flow.ts";
import { graphOf } from "#schemas/graph.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import type { Operation } from "../canvas/operations.ts";
import { places } from "../canvas/places.ts";
import { portsOf } from "./rows.ts";

/** Why a node cannot change places with the one before or behind it. */
export type Unmovable =
  /** Nothing, or not exactly one node, stands on that side. */
  | "end"
  | "fork"
  /** One of the two begins runs, or lets nothing out. */
  | "start"
  | "sink"
  /** One of the two has several inputs. */
  | "inputs";

export type Move = { ok: true; operation: Operation; with: string } | { ok: false; why: Unmovable };

/**
 * Lets a node change places with the one before it (-1) or behind it (1): what led to the first leads to the second,
 * and so on. Only where the two follow each other and nothing else joins or leaves between them.
 */
export function moveOf(flow: Flow, id: string, by: -1 | 1, manifests: Catalogue["manifests"]): Move {
  const { incoming, outgoing } = graphOf(flow);
  const beside = (by < 0 ? incoming : outgoing).get(id) ?? [];
  const [between] = beside;
  if (!between) return { ok: false, why: "end" };
  if (beside.length > 1) return { ok: false, why: "fork" };
  const [first, second] = [between.from.node, between.to.node];
  if ((outgoing.get(first)?.length ?? 0) > 1 || (incoming.get(second)?.length ?? 0) > 1) return { ok: false, why: "fork" };
  const why = unfit(flow, [first, second], manifests);
  if (why) return { ok: false, why };
  const leaving = outgoing.get(second) ?? [];
  if (new Set(leaving.map(({ from }) => from.port)).size > 1) return { ok: false, why: "fork" };
  const exit = leaving[0]?.from.port ?? portsOf(nodeOf(flow, second), manifests)[0]?.name;
  if (exit === undefined) return { ok: false, why: "sink" };
  const entry = (incoming.get(first) ?? [])[0]?.to.port ?? inputOf(flow, first, manifests);
  const edges: FlowEdge[] = [
    ...(incoming.get(first) ?? []).map((edge) => ({ ...edge, to: between.to })),
    { id: between.id, from: { node: second, port: exit }, to: { node: first, port: entry } },
    ...leaving.map((edge) => ({ ...edge, from: between.from })),
  ];
  const at = places(flow);
  const [left, right] = [at[first], at[second]];
  const swapped = left && right ? { [first]: right, [second]: left } : {};
  return { ok: true, operation: { kind: "rewire", edges, at: swapped }, with: by < 0 ? first : second };
}

function unfit(flow: Flow, ids: readonly string[], manifests: Catalogue["manifests"]): Unmovable | null {
  const found = ids.map((id) => manifests.get(nodeOf(flow, id).type));
  if (found.some((manifest) => !manifest || manifest.inputs.length === 0)) return "start";
  return found.some((manifest) => manifest && manifest.inputs.length > 1) ? "inputs" : null;
}

const inputOf = (flow: Flow, id: string, manifests: Catalogue["manifests"]): string =>
  manifests.get(nodeOf(flow, id).type)?.inputs[0]?.name ?? "in";

function nodeOf(flow: Flow, id: string): FlowNode {
  const node = flow.nodes.find((one) => one.id === id);
  if (!node) throw new Error(`The flow has no node ${id}.`);
  return node;
}
