import { useQuery } from "@tanstack/react-query";
import { use, useEffect } from "react";
import type { FlowStatus } from "#schemas/api.ts";
import { statusQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { fromStatus, LiveContext } from "./live.ts";

interface Wish {
  /** Whether the numbers are read at all: each second while the page is seen. */
  asked: boolean;
  /** Whether cards and edges tell of them. */
  shown: boolean;
}

/** The live numbers of a flow, kept in the live store where they are shown. */
export function useStatus(flow: string, { asked, shown }: Wish): { data: FlowStatus | undefined; error: Error | null } {
  const live = use(LiveContext);
  const { id } = useEnvironment();
  const { data, error } = useQuery({ ...statusQuery(id, flow), enabled: asked });
  useEffect(() => {
    if (asked && shown) live.setState((before) => (data ? fromStatus(before, data) : { nodes: {}, edges: {} }), true);
  }, [live, data, asked, shown]);
  return { data, error };
}
