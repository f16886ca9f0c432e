import { useMemo } from "react";
import type { FlowNode } from "#schemas/flow.ts";
import type { ExpressionInput } from "../expression/input.ts";
import { chosenOf, type PreviewState, usePreview, usePreviewStore } from "./preview.ts";

const portOf = (inputs: Readonly<Record<string, unknown[]>>): readonly unknown[] => inputs.in ?? Object.values(inputs)[0] ?? [];

const selectGround = (state: PreviewState) => state.ground;
const selectRuns = (state: PreviewState) => state.runs;
const selectKept = (state: PreviewState) => state.kept;
const selectChosen = (state: PreviewState) => state.chosen;
const selectFault = (state: PreviewState) => state.fault ?? state.groundFault;

/** What the samples bring to a node, for those who write its expressions. Null where there is no preview. */
export function useExpressionGround(node: FlowNode): ExpressionInput | null {
  const preview = usePreviewStore();
  const ground = usePreview(selectGround);
  const runs = usePreview(selectRuns);
  const kept = usePreview(selectKept);
  const named = usePreview(selectChosen);
  const fault = usePreview(selectFault);
  const samples = useMemo(() => Object.values(runs).flatMap((run) => portOf(run.nodes[node.id]?.inputs ?? {})), [runs, node.id]);
  return useMemo(() => {
    if (!preview) return null;
    const chosen = chosenOf({ ground, kept, chosen: named })?.sample;
    const run = chosen && runs[chosen.name];
    const here = portOf(run?.nodes[node.id]?.inputs ?? {});
    const source = preview.sourceOf(chosen?.source);
    return {
      samples,
      item: here.length > 0 ? { value: here[0], of: here.length } : undefined,
      sample: chosen?.title,
      waiting: !fault && (!ground || (chosen !== undefined && !run)),
      source,
      evaluator: preview.evaluator,
    };
  }, [preview, ground, kept, named, runs, samples, fault, node.id]);
}
