import { use, useEffect } from "react";
import { useStore } from "zustand";
import type { FlowEdge } from "#schemas/flow.ts";
import { fromTrace, LiveContext, withPins } from "../canvas/live.ts";
import { type PreviewStore, selectRun, selectShown } from "./preview.ts";

/** While the preview is shown, cards and edges tell of the sample instead of what ran. */
export function useLivePreview(preview: PreviewStore, edges: readonly FlowEdge[]): void {
  const live = use(LiveContext);
  const shown = useStore(preview, selectShown);
  const run = useStore(preview, selectRun);
  const pins = useStore(preview, ({ kept }) => kept.pins);
  useEffect(() => (shown ? preview.want() : undefined), [preview, shown]);
  useEffect(() => {
    if (shown) live.setState(run ? withPins(fromTrace(run, edges, false), pins) : { nodes: {}, edges: {} }, true);
  }, [live, shown, run, edges, pins]);
}
