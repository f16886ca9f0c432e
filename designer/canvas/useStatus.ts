import { useQuery } from "@tanstack/react-query";
import { use, useEffect } from "react";
import type { FlowStatus } from "#schemas/api.ts";
import { statusQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { fromStatus, LiveContext } from "./live.ts";

/** Reads the live numbers each second while the page is seen, and keeps them in the live store where they are `shown`. */
export function useStatus(flow: string, shown: boolean): { data: FlowStatus | undefined; error: Error | null } {
  const live = use(LiveContext);
  const { id } = useEnvironment();
  const { data, error } = useQuery(statusQuery(id, flow));
  useEffect(() => {
    if (shown) live.setState((before) => (data ? fromStatus(before, data) : { nodes: {}, edges: {} }), true);
  }, [live, data, shown]);
  return { data, error };
}
