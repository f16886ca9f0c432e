import { canonicalJson } from "#schemas/canonicalJson.ts";
import { diffFlows } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { flowDefinition, sha256Hex } from "#schemas/hash.ts";
import { isObject } from "#schemas/isObject.ts";
import { pointerSteps } from "#schemas/pointer.ts";

/** What a draft is compared by: the flow without what it is made with. */
export const flowHash = (flow: Flow): string => sha256Hex(canonicalJson(flowDefinition(flow)));

/** How many of each were added, removed or changed. */
export interface DraftChanges {
  nodes: number;
  edges: number;
  slots: number;
  /** Only where things stand on the canvas, or nothing at all. */
  layoutOnly: boolean;
}

/**
 * What the audit says of a draft: the hash of what it was and is, how much changed, and of its name, owner and the like the values
 * themselves, for these are what people answer for.
 */
export function changesOfDraft(from: Flow, to: Flow): { changes: DraftChanges; before: object; after: object } {
  const { nodes, edges, slots, meta, layoutOnly, identical } = diffFlows(from, to);
  const count = (part: { added: unknown[]; removed: unknown[]; changed?: unknown[] }) =>
    part.added.length + part.removed.length + (part.changed?.length ?? 0);
  const names = [...new Set(meta.map(({ pointer }) => pointerSteps(pointer)[0] ?? ""))];
  const told = (flow: Flow) => ({ hash: flowHash(flow), ...pick(flow, names) });
  const changes = { nodes: count(nodes), edges: count(edges), slots: count(slots), layoutOnly: layoutOnly || identical };
  return { changes, before: told(from), after: told(to) };
}

const pick = (flow: unknown, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, (isObject(flow) ? flow[name] : undefined) ?? null]));
