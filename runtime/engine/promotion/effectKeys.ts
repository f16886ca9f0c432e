import { lockedEffect, mappingOf } from "#nodes/connector/operation.ts";
import { stepRequests } from "#nodes/connector/steps.ts";
import type { Lock } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { EffectOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";

interface Drawn {
  flow: Pick<Flow, "nodes" | "edges">;
  lock: Lock;
}

/** What decides an effect's key, besides the environment and the connection's account; null for what writes nothing. */
export function keyParts(lock: Lock, node: FlowNode): unknown {
  const effect = lockedEffect(lock, node);
  if (!effect || effect.operation.kind === "lookup") return null;
  const { manifest, operation } = effect;
  return { type: node.type, documentKey: operation.documentKey, event: operation.event ?? manifest.operation };
}

export const sameKey = (lock: Lock, node: FlowNode, otherLock: Lock, other: FlowNode): boolean =>
  JSON.stringify(keyParts(lock, node)) === JSON.stringify(keyParts(otherLock, other));

/** By the id of an effect that is gone: the new node that does the same operation in its place, the most alike where there are several. */
export function redrawnEffects(before: Drawn, after: Drawn): Map<string, FlowNode> {
  const ids = (nodes: readonly FlowNode[]) => new Set(nodes.map(({ id }) => id));
  const [old, now] = [ids(before.flow.nodes), ids(after.flow.nodes)];
  const added = after.flow.nodes.filter((node) => !old.has(node.id) && keyParts(after.lock, node) !== null);
  const gone = before.flow.nodes.filter((node) => !now.has(node.id) && keyParts(before.lock, node) !== null);
  return new Map(
    gone.flatMap((node) => {
      const alike = added.filter(({ type }) => type === node.type);
      const likeness = (each: FlowNode): number =>
        Number(sameKey(before.lock, node, after.lock, each)) + Number(each.slot === node.slot);
      const [best] = alike.sort((a, b) => likeness(b) - likeness(a));
      return best ? [[node.id, best] as const] : [];
    }),
  );
}

/** An effect of the version that runs, by its id there and in the version to come. */
export interface KeyedEffect {
  old: string;
  now: string;
}

/** Effects that both versions have, though drawn anew, and on a way to which something has changed: their keys may be other ones. */
export function changedWays(before: Drawn, after: Drawn): KeyedEffect[] {
  const redrawn = redrawnEffects(before, after);
  const named = (id: string): string => redrawn.get(id)?.id ?? id;
  const there = new Set(after.flow.nodes.map(({ id }) => id));
  return before.flow.nodes.flatMap((node) => {
    const [old, now] = [node.id, named(node.id)];
    if (node.disabled || keyParts(before.lock, node) === null || !there.has(now)) return [];
    return wayTo(before, old, named) === wayTo(after, now, (id) => id) ? [] : [{ old, now }];
  });
}

/** All that an item may meet on its way to a node, the node among it, as one text. */
function wayTo({ flow, lock }: Drawn, end: string, named: (id: string) => string): string {
  const on = new Set([end]);
  for (const at of on) for (const { from, to } of flow.edges) if (to.node === at) on.add(from.node);
  const nodes = flow.nodes.filter(({ id }) => on.has(id)).map((node) => `${named(node.id)} ${making(lock, node)}`);
  const edges = flow.edges.filter(({ to }) => on.has(to.node));
  const led = edges.map(({ from, to }) => `${named(from.node)}.${from.port} ${named(to.node)}.${to.port}`);
  return [...nodes, ...led].sort().join("\n");
}

/** What a node makes of items, as one text: without what it is called, and how it is tried again. */
function making(lock: Lock, node: FlowNode): string {
  const { id: _id, name: _name, notes: _notes, retry: _retry, ...drawn } = node;
  const effect = lockedEffect(lock, node);
  if (!effect) return canonicalJson([drawn, lock.manifests[node.type]?.version ?? null]);
  const { connector, operation } = effect;
  const { title: _title, summary: _summary, keywords: _words, lifecycle: _lifecycle, samples: _samples, ...asked } = operation;
  return canonicalJson([drawn, asked, connector.errors, bodyFilesOf(operation).map(mappingOf(lock, connector))]);
}

/** The mappings that the bodies of an operation's requests are made by. */
function bodyFilesOf(operation: EffectOperation): string[] {
  const first = operation.transport === "sql" ? [] : [operation.request];
  return [...first, ...stepRequests(operation)].flatMap(({ bodyFile }) => bodyFile ?? []);
}
