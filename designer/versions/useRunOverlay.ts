import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { use, useEffect } from "react";
import type { VersionDetail } from "#schemas/api.ts";
import type { Run } from "#schemas/run.ts";
import { runQuery, runsQuery, traceQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { fromTrace, LiveContext } from "../canvas/live.ts";
import { useFilter } from "../elements/useFilter.ts";
import { selectShown, usePreview } from "../preview/preview.ts";

interface RunOverlay {
  /** Of the flow's latest runs here, those of this version. */
  latest: Run[];
  /** The run named in the address, if it is one of this version. */
  shown: Run | undefined;
  show: (run: string | null) => void;
}

/** Lets the cards and edges of a version tell how the run named in the address fared; the preview goes before it. */
export function useRunOverlay({ flow, number }: VersionDetail): RunOverlay {
  const { id: environment } = useEnvironment();
  const live = use(LiveContext);
  const filter = useFilter();
  const previewed = usePreview(selectShown);
  const named = filter.get("run");
  const recent = useInfiniteQuery({ ...runsQuery({ environment, flow: flow.id }), refetchInterval: false });
  const asked = useQuery({ ...runQuery(named ?? ""), enabled: named !== undefined });
  const of = (run: Run | undefined): run is Run => run?.flow === flow.id && run.version === number;
  const detail = asked.data;
  const shown = of(detail?.run) ? detail.run : undefined;
  const trace = useQuery({ ...traceQuery(named ?? "", shown?.endedAt !== null), enabled: shown !== undefined });
  const held = shown?.held ?? false;
  const told = shown && trace.data;
  useEffect(() => {
    if (!previewed) live.setState(told ? fromTrace(told, flow.edges, held) : { nodes: {}, edges: {} }, true);
  }, [live, previewed, told, flow, held]);
  return {
    latest: (recent.data?.pages ?? []).flatMap(({ items }) => items).filter(of),
    shown,
    show: (run) => filter.set("run", run),
  };
}
