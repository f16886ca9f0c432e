import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import type { NewSample } from "./newSample.ts";
import { say } from "./say.ts";

const outcomes: readonly NewSample["outcome"][] = ["SUCCEEDED", ...outcomeClasses];

interface OutcomeSelectProps {
  value: NewSample["outcome"];
  onChange: (outcome: NewSample["outcome"]) => void;
}

/** How a sample must end: what a promotion looks at. */
export function OutcomeSelect({ value, onChange }: OutcomeSelectProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={say("kept.outcome")}
      data={outcomes.map((one) => ({
        value: one,
        label: one === "SUCCEEDED" ? t("state.SUCCEEDED") : say("kept.fails", { class: t(`outcome.${one}`) }),
      }))}
      value={value}
      onChange={(chosen) => onChange(outcomes.find((one) => one === chosen) ?? "SUCCEEDED")}
      allowDeselect={false}
      data-testid="sample-outcome"
    />
  );
}
