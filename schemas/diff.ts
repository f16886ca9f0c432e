import { canonicalJson } from "./canonicalJson.ts";
import type { Flow, FlowEdge, FlowNode, FlowSlot } from "./flow.ts";
import { isObject } from "./isObject.ts";
import { escapePointer } from "./pointer.ts";

/** One changed place. `before` is absent where something was added, `after` where something was taken away. */
export interface Change {
  /** JSON pointer inside the node, slot or flow that changed. */
  pointer: string;
  before?: unknown;
  after?: unknown;
}

export interface Changed {
  /** Node id or slot name. */
  id: string;
  changes: Change[];
}

export interface FlowDiff {
  nodes: { added: FlowNode[]; removed: FlowNode[]; changed: Changed[] };
  /** An edge that keeps its id but joins other ports counts as removed and added. */
  edges: { added: FlowEdge[]; removed: FlowEdge[] };
  slots: { added: FlowSlot[]; removed: FlowSlot[]; changed: Changed[] };
  /** Changes of name, description, owner, tags and so on. */
  meta: Change[];
  /** Nothing differs that a version is made of; only the layout (or `$schema`) does. */
  layoutOnly: boolean;
  /** Nothing differs at all, the order of nodes, edges and slots aside. */
  identical: boolean;
}

/** What changed from flow `a` to flow `b`. Nodes and edges are matched by id, slots by name; order does not count. */
export function diffFlows(a: Flow, b: Flow): FlowDiff {
  const nodes = diffByKey(a.nodes, b.nodes, (node) => node.id);
  const slots = diffByKey(a.slots, b.slots, (slot) => slot.name);
  const edgeKey = (edge: FlowEdge) => canonicalJson(edge);
  const { added, removed } = diffByKey(a.edges, b.edges, edgeKey);
  const meta = changesBetween(metaOf(a), metaOf(b));
  const parts = [nodes.added, nodes.removed, nodes.changed, slots.added, slots.removed, slots.changed, added, removed, meta];
  const sameDefinition = parts.every((part) => part.length === 0);
  const sameLayout = changesBetween([a.layout, a.$schema], [b.layout, b.$schema]).length === 0;
  return {
    nodes,
    edges: { added, removed },
    slots,
    meta,
    layoutOnly: sameDefinition && !sameLayout,
    identical: sameDefinition && sameLayout,
  };
}

const metaOf = ({ $schema: _s, layout: _l, nodes: _n, edges: _e, slots: _sl, ...meta }: Flow) => meta;

function diffByKey<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string) {
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const now = new Map(after.map((item) => [keyOf(item), item]));
  const changed: Changed[] = [];
  for (const [id, item] of now) {
    const changes = old.has(id) ? changesBetween(old.get(id), item) : [];
    if (changes.length > 0) changed.push({ id, changes });
  }
  return {
    added: [...now].filter(([key]) => !old.has(key)).map(([, item]) => item),
    removed: [...old].filter(([key]) => !now.has(key)).map(([, item]) => item),
    changed,
  };
}

/** The places at which two JSON values differ, as deep as both have the same shape. */
export function changesBetween(before: unknown, after: unknown, pointer = ""): Change[] {
  if (Object.is(before, after)) return [];
  if (before === undefined) return [{ pointer, after }];
  if (after === undefined) return [{ pointer, before }];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) => changesBetween(before[i], after[i], `${pointer}/${i}`)).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => changesBetween(own(before, name), own(after, name), `${pointer}/${escapePointer(name)}`));
  }
  return before === after ? [] : [{ pointer, before, after }];
}

const own = (value: Record<string, unknown>, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
