import { useQuery } from "@tanstack/react-query";
import { use, useEffect } from "react";
import type { FlowStatus } from "#schemas/api.ts";
import { statusQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { fromStatus, LiveContext } from "./live.ts";

/** Reads the live numbers each second while the page is seen, and keeps them in the live store. */
export function useStatus(flow: string): { data: FlowStatus | undefined; error: Error | null } {
  const live = use(LiveContext);
  const { id } = useEnvironment();
  const { data, error } = useQuery(statusQuery(id, flow));
  useEffect(() => {
    live.setState((before) => (data ? fromStatus(before, data) : { nodes: {}, edges: {} }), true);
  }, [live, data]);
  return { data, error };
}
