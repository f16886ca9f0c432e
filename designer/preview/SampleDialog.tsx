import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import { samplesQuery } from "../api/queries.ts";
import { useMaySomewhere } from "../app/session.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { CaptureSample } from "./CaptureSample.tsx";
import { changedSample, madeSample, type NewSample, sampleName, tooLarge } from "./newSample.ts";
import { PasteSample } from "./PasteSample.tsx";
import { choicesOf, type FlowsSample, type PreviewStore } from "./preview.ts";
import { say } from "./say.ts";
import { useKeeping } from "./useKeeping.tsx";

const ways = ["paste", "capture"] as const;

interface SampleDialogProps {
  preview: PreviewStore;
  flow: Flow;
  catalogue: Catalogue;
  /** The sample that is changed; a new one without it. */
  changed?: FlowsSample | undefined;
  onClose: () => void;
}

/**
 * A new sample: a message that is pasted or read from a file, or one that came in, without personal data. Who draws flows
 * keeps it with the flow; the others keep it in their browser.
 */
export default function SampleDialog({ preview, flow, catalogue, changed, onClose }: SampleDialogProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState<(typeof ways)[number]>("paste");
  const draws = useMaySomewhere("design");
  const { keep } = useKeeping(preview, flow.id);
  const most = useQuery({ ...samplesQuery(flow.id), enabled: draws }).data?.maxBytes;
  const sampleOf = (made: NewSample) => (changed ? changedSample(changed, made) : madeSample(freeName(preview, made), made));
  const largeOf = (made: NewSample) => (draws && most !== undefined ? tooLarge(sampleOf(made), most) : undefined);
  const add = (made: NewSample) => {
    const sample = sampleOf(made);
    if (draws) {
      keep.mutate({ sample, revision: changed?.kept?.revision ?? 0 }, { onSuccess: onClose });
      return;
    }
    preview.addSample(sample);
    onClose();
  };
  const parts = { flow, catalogue, draws, pending: keep.isPending, onAdd: add };
  const title = changed ? say("kept.change") : t("preview.dialogTitle");
  return (
    <Dialog onClose={onClose} title={title} size={way === "paste" ? 640 : 880}>
      {!changed && (
        <SegmentedControl
          fullWidth
          size="xs"
          mb={12}
          aria-label={title}
          data={ways.map((value) => ({ value, label: say(`capture.${value}`) }))}
          value={way}
          onChange={(value) => setWay(ways.find((one) => one === value) ?? "paste")}
          data-testid="sample-way"
        />
      )}
      {way === "paste" ? <PasteSample {...parts} changed={changed} largeOf={largeOf} /> : <CaptureSample {...parts} />}
      {keep.error && (
        <div style={{ marginTop: 12 }}>
          <Refusal error={keep.error} />
        </div>
      )}
    </Dialog>
  );
}

const freeName = (preview: PreviewStore, { title }: NewSample): string =>
  sampleName(
    title,
    choicesOf(preview.getState()).map(({ sample }) => sample.name),
  );
