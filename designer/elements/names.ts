import { useQueries, useQuery } from "@tanstack/react-query";
import { flowQuery, flowsQuery, nodeTypesQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";

/** What people call flows and nodes; the id where they are not known (any more). */
export interface Names {
  flow: (id: string) => string;
  node: (flow: string, id: string) => string;
}

const seldom = 60_000;

/** The names of all flows, and of the nodes of those listed, as their drafts have them today. */
export function useNames(flowIds: readonly string[]): Names {
  const { id: environment } = useEnvironment();
  const flows = useQuery({ ...flowsQuery(environment), staleTime: seldom });
  const types = useQuery(nodeTypesQuery);
  const distinct = [...new Set(flowIds)];
  const details = useQueries({ queries: distinct.map((id) => ({ ...flowQuery(id), staleTime: seldom })) });
  const nodeName = (flow: string, id: string) => {
    const node = details[distinct.indexOf(flow)]?.data?.flow.nodes.find((one) => one.id === id);
    return node?.name ?? types.data?.items.find(({ type }) => type === node?.type)?.title ?? node?.type ?? id;
  };
  return { flow: (id) => flows.data?.items.find((one) => one.id === id)?.name ?? id, node: nodeName };
}
