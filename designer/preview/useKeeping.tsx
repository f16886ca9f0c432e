import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FlowSample } from "#schemas/sample.ts";
import { keepSample, removeSample } from "../api/commands.ts";
import { sampleQuery, samplesQuery } from "../api/queries.ts";
import { failed, tell } from "../elements/tell.ts";
import type { PreviewSample } from "./evaluation.ts";
import type { FlowsSample, PreviewStore } from "./preview.ts";
import { say } from "./say.ts";

interface Kept {
  sample: FlowSample;
  /** 0 for a new one. */
  revision: number;
}

/** Keeps samples with the flow, and takes them away; everybody who has the flow open sees it. */
export function useKeeping(preview: PreviewStore, flow: string) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: samplesQuery(flow).queryKey });
  const keep = useMutation({
    mutationFn: ({ sample, revision }: Kept) => keepSample(flow, sample, revision),
    onSuccess: async ({ revision }, { sample }) => {
      queries.setQueryData(sampleQuery(flow, sample.name, revision).queryKey, sample);
      await refresh();
      preview.choose(sample.name);
    },
    onError: refresh,
  });
  const remove = useMutation({
    mutationFn: ({ name }: FlowsSample) => removeSample(flow, name),
    onSuccess: async (_answer, { kept: _, ...sample }) => {
      await refresh();
      tell({
        about: `removed ${sample.name}`,
        message: (
          <>
            {say("kept.removed", { title: sample.title })}{" "}
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => keep.mutate({ sample, revision: 0 }, { onError: failed })}
              data-testid="sample-back"
            >
              {say("kept.back")}
            </Button>
          </>
        ),
      });
    },
    onError: failed,
  });
  /** A sample of this browser, for everybody. */
  const share = (sample: PreviewSample) =>
    keep.mutate(
      { sample: { headers: {}, expect: { outcome: "SUCCEEDED" }, ...sample }, revision: 0 },
      { onSuccess: () => preview.removeSample(sample.name), onError: failed },
    );
  return { keep, remove, share };
}
