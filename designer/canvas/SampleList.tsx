import { Menu } from "@mantine/core";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { SampleSummary } from "#schemas/api.ts";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import { ButtonMenu } from "../elements/ButtonMenu.tsx";
import type { MenuPlace } from "../elements/LateMenu.tsx";

/** How a sample is expected to end, in words: a run's state, or the class of its dead letter. */
function endText(expected: string, t: TFunction): string {
  const end = outcomeClasses.find((name) => name === expected);
  return end ? t(`outcome.${end}`) : expected === "SUCCEEDED" ? t("state.SUCCEEDED") : expected;
}

interface SampleListProps {
  place: MenuPlace;
  samples: readonly SampleSummary[];
  /** Why the samples could not be read. */
  fault: string | undefined;
  onSend: (sample: SampleSummary) => void;
}

/** The flow's samples, to send one. */
export default function SampleList({ place, samples, fault, onSend }: SampleListProps) {
  const { t } = useTranslation();
  return (
    <ButtonMenu place={place} position="bottom-end" width={300}>
      <Menu.Label>{samples.length > 0 ? t("canvas.sampleTitle") : (fault ?? t("canvas.sampleNone"))}</Menu.Label>
      {samples.map((sample) => (
        <Menu.Item key={sample.name} onClick={() => onSend(sample)} data-testid={`sample-${sample.name}`}>
          {sample.title}
          <div className="ol-dim ol-small">{t("canvas.sampleExpect", { expected: endText(sample.expected, t) })}</div>
        </Menu.Item>
      ))}
    </ButtonMenu>
  );
}
