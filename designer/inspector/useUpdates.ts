import { useQueries, useQuery } from "@tanstack/react-query";
import type { Updated } from "#nodes/migrate/updates.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { madeWith, migrationsDue } from "#schemas/nodeVersion.ts";
import { connectorQuery } from "../api/queries.ts";
import type { Catalogue } from "../canvas/catalogue.ts";

/** Whether a node was made with settings that its type has no more. */
export const isOlder = (node: FlowNode, { manifests }: Catalogue): boolean => {
  const manifest = manifests.get(node.type);
  return manifest !== undefined && migrationsDue(manifest, madeWith(node)).length > 0;
};

/** What nodes become when they are brought up to date; with what computes it, read when it is asked for. */
export function useUpdates(nodes: readonly FlowNode[], catalogue: Catalogue, deprecated: boolean) {
  const ids = [...new Set(nodes.flatMap(({ type }) => catalogue.manifests.get(type)?.connector ?? []))].sort();
  const installed = useQueries({ queries: ids.map((id) => connectorQuery(id)) });
  const connectors = installed.flatMap(({ data }) => (data ? [data.connector] : []));
  const updates = useQuery({
    queryKey: ["node-updates", nodes, connectors.map(({ id, version }) => `${id} ${version}`), deprecated],
    enabled: nodes.length > 0 && connectors.length === ids.length,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<Updated[]> => {
      const { updatesOf } = await import("#nodes/migrate/updates.ts");
      const byId = Object.fromEntries(connectors.map((connector) => [connector.id, connector]));
      return updatesOf(
        { nodes: [...nodes] },
        { manifests: Object.fromEntries(catalogue.manifests), connectors: byId },
        { deprecated },
      );
    },
  });
  return { data: updates.data, error: installed.find(({ error }) => error)?.error ?? updates.error };
}
