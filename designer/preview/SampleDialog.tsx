import { Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CaptureSample } from "./CaptureSample.tsx";
import { type NewSampleProps, PasteSample } from "./PasteSample.tsx";
import { say } from "./say.ts";

const ways = ["paste", "capture"] as const;

/** A new sample: a message that is pasted or read from a file, or one that came in, without personal data. */
export default function SampleDialog(props: NewSampleProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState<(typeof ways)[number]>("paste");
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t("preview.dialogTitle")}
      size={way === "paste" ? 640 : 880}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <SegmentedControl
        fullWidth
        size="xs"
        mb={12}
        aria-label={t("preview.dialogTitle")}
        data={ways.map((value) => ({ value, label: say(`capture.${value}`) }))}
        value={way}
        onChange={(value) => setWay(ways.find((one) => one === value) ?? "paste")}
        data-testid="sample-way"
      />
      {way === "paste" ? <PasteSample {...props} /> : <CaptureSample {...props} />}
    </Modal>
  );
}
