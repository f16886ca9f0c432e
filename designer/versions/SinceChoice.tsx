import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import "./texts.ts";

interface SinceChoiceProps {
  numbers: readonly number[];
  from: number;
  onFrom: (number: string | null) => void;
}

/** The version that another one is compared with. */
export default function SinceChoice({ numbers, from, onFrom }: SinceChoiceProps) {
  const { t } = useTranslation();
  return (
    <Select
      aria-label={t("versions.comparedWith")}
      w={150}
      data={numbers.map((number) => ({ value: String(number), label: t("versions.since", { number }) }))}
      value={String(from)}
      onChange={onFrom}
      allowDeselect={false}
      data-testid="version-from"
    />
  );
}
