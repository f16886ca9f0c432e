import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";

interface OnErrorFieldProps {
  value: FlowNode["onError"];
  onChange: (value: FlowNode["onError"]) => void;
}

/** Whether what fails here for good becomes a dead letter or leaves through the port `error`. */
export function OnErrorField({ value, onChange }: OnErrorFieldProps) {
  const { t } = useTranslation();
  const routed = value === "route";
  return (
    <>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={t("inspector.onError")}
        value={routed ? "route" : "deadLetter"}
        onChange={(next) => onChange(next === "route" ? "route" : undefined)}
        data={[
          { value: "deadLetter", label: t("inspector.onErrorDeadLetter") },
          { value: "route", label: t("inspector.onErrorRoute") },
        ]}
        data-testid="node-on-error"
      />
      <p className="ol-dim ol-small" style={{ margin: "6px 0 0" }}>
        {t(routed ? "inspector.onErrorRouteHint" : "inspector.onErrorDeadLetterHint")}
      </p>
    </>
  );
}
