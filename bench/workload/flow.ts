import { readFile } from "node:fs/promises";
import { loadCatalog } from "#nodes/catalog.ts";
import { operationManifests } from "#nodes/connector/manifest.ts";
import type { Catalog } from "#nodes/lock.ts";
import { fromRoot } from "#runtime/root.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";

export const benchFlow = "bench-orders";
export const benchEnvironment = "prod";
export const webhookPath = `/hooks/${benchEnvironment}/${benchFlow}/orders`;

const read = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");

/** The flow of the reference workload with its two expressions, and a catalog that has what it uses. */
export async function benchWorkload(): Promise<{ flow: Flow; catalog: Catalog }> {
  const [flowText, map, check, connectorText] = await Promise.all([
    read("orders.flow.json"),
    read("order.jsonata"),
    read("check.jsonata"),
    read("bench-target.connector.json"),
  ]);
  const flow = JSON.parse(flowText) as Flow;
  const expressions: Record<string, string> = { map, check };
  for (const node of flow.nodes) if (expressions[node.id] !== undefined) node.config = { expression: expressions[node.id] };
  const { catalog } = await loadCatalog(fromRoot("."));
  const connector = JSON.parse(connectorText) as Connector;
  catalog.connectors[connector.id] = connector;
  for (const manifest of operationManifests(connector)) catalog.manifests[manifest.type] = manifest;
  return { flow, catalog };
}
