import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { connectorsQuery, nodeTypesQuery } from "../api/queries.ts";

/** What a flow can be made of. */
export interface Catalogue {
  manifests: ReadonlyMap<string, NodeManifest>;
  connectors: ReadonlyMap<string, ConnectorSummary>;
}

/** The installed node types and connectors by name; `data` is undefined until both are read. */
export function useCatalogue(): { data: Catalogue | undefined; error: Error | null; refetch: () => void } {
  const types = useQuery(nodeTypesQuery);
  const connectors = useQuery(connectorsQuery);
  const data = useMemo(() => {
    if (!types.data || !connectors.data) return undefined;
    return {
      manifests: new Map(types.data.items.map((manifest) => [manifest.type, manifest])),
      connectors: new Map(connectors.data.items.map((connector) => [connector.id, connector])),
    };
  }, [types.data, connectors.data]);
  const refetch = () => {
    void types.refetch();
    void connectors.refetch();
  };
  return { data, error: types.error ?? connectors.error, refetch };
}
