import type { FlowNode } from "#schemas/flow.ts";
import { madeWith } from "#schemas/nodeVersion.ts";
import { builtInMigrations, type Migrations } from "./builtIn.ts";

const migrationsOf = (type: string): Migrations =>
  Object.hasOwn(builtInMigrations, type) ? (builtInMigrations[type] ?? {}) : {};

/** A node of a type that is not a connector's, with the settings that its code knows today; the very same where it has them. */
export function currentNode(node: FlowNode): FlowNode {
  const migrations = migrationsOf(node.type);
  const due = Object.keys(migrations)
    .map(Number)
    .filter((major) => major > madeWith(node))
    .sort((a, b) => a - b);
  if (due.length === 0) return node;
  const config = due.reduce((before, major) => migrations[major]?.(before) ?? before, node.config ?? {});
  return { ...node, version: due.at(-1) ?? 1, config: { ...config } };
}

/**
 * A flow as today's code runs it. A version of it keeps its connectors in its lock and so runs them as they were; the code of
 * the other node types is the installation's, and an older node comes to its settings here.
 */
export function currentFlow<Drawn extends { nodes: FlowNode[] }>(flow: Drawn): Drawn {
  const nodes = flow.nodes.map(currentNode);
  return nodes.every((node, index) => node === flow.nodes[index]) ? flow : { ...flow, nodes };
}
