import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonicalJson.ts";
import type { Flow } from "./flow.ts";

/** SHA-256 of the text in UTF-8, as 64 lower-case hexadecimal digits. Synchronous, the same in browser and server. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sortedBy = <T>(items: readonly T[], key: (item: T) => string): T[] => [...items].sort((a, b) => byText(key(a), key(b)));

/**
 * What of a flow makes a version: without layout and `$schema`, and with slots, nodes and edges in the order of
 * their ids, because neither moving a card nor the order in the file changes what the flow does.
 */
export function flowDefinition(flow: Flow): Omit<Flow, "layout" | "$schema"> {
  const { layout: _layout, $schema: _schema, ...definition } = flow;
  return {
    ...definition,
    slots: sortedBy(flow.slots, (slot) => slot.name),
    nodes: sortedBy(flow.nodes, (node) => node.id),
    edges: sortedBy(flow.edges, (edge) => edge.id),
  };
}

/** The hash that names a version: SHA-256 over the canonical JSON of the flow's definition and its lock. */
export const hashFlow = (flow: Flow, lock: unknown): string => sha256Hex(canonicalJson({ flow: flowDefinition(flow), lock }));
