import { ActionIcon } from "@mantine/core";
import { Pencil, Trash2, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMaySomewhere } from "../app/session.ts";
import { Hint } from "../elements/Hint.tsx";
import type { Choice, FlowsSample, PreviewStore } from "./preview.ts";
import { say } from "./say.ts";
import { useKeeping } from "./useKeeping.tsx";

interface SampleToolsProps {
  preview: PreviewStore;
  flow: string;
  choice: Choice;
  onChange: (sample: FlowsSample) => void;
}

/** What can be done with the sample that is shown, by those who draw flows; what a browser keeps is its owner's. */
export function SampleTools({ preview, flow, choice, onChange }: SampleToolsProps) {
  const { t } = useTranslation();
  const draws = useMaySomewhere("design");
  const { remove, share } = useKeeping(preview, flow);
  const { title } = choice.sample;
  const tools = [
    draws && choice.home === "browser"
      ? { label: say("kept.share", { title }), icon: Upload, run: () => share(choice.sample), id: "preview-share" }
      : undefined,
    draws && choice.home !== "browser"
      ? { label: say("kept.changeNamed", { title }), icon: Pencil, run: () => onChange(choice.sample), id: "preview-change" }
      : undefined,
    choice.home === "browser" || (draws && choice.home === "kept")
      ? {
          label: t("preview.remove", { title }),
          icon: Trash2,
          run: () => (choice.home === "kept" ? remove.mutate(choice.sample) : preview.removeSample(choice.sample.name)),
          id: "preview-remove",
        }
      : undefined,
  ].filter((tool) => tool !== undefined);
  return tools.map(({ label, icon: Icon, run, id }) => (
    <Hint key={id} label={label}>
      <ActionIcon aria-label={label} onClick={run} data-testid={id}>
        <Icon size={15} />
      </ActionIcon>
    </Hint>
  ));
}
