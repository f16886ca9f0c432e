import { NumberInput, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type CanarySettings, canaryBounds, usualCanary } from "#schemas/canary.ts";
import classes from "./canary.module.css";
import "./texts.ts";

const names = ["share", "minimumMessages", "tolerance", "windowMinutes"] as const;

interface CanaryFieldsProps {
  canary: CanarySettings | null;
  onChange: (canary: CanarySettings | null) => void;
  /** Then no messages would come to it. */
  paused: boolean;
}

/** Whether the version begins with a share of new messages, and when it is stopped by itself. */
export function CanaryFields({ canary, onChange, paused }: CanaryFieldsProps) {
  const { t } = useTranslation();
  return (
    <div>
      <Switch
        label={t("canary.begin")}
        description={t(paused ? "canary.pausedHint" : "canary.beginHint")}
        disabled={paused}
        checked={canary !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? usualCanary : null)}
        data-testid="canary-begin"
      />
      {canary && (
        <div className={classes.fields}>
          {names.map((name) => {
            const { minimum, maximum } = canaryBounds[name];
            return (
              <NumberInput
                key={name}
                label={t(`canary.field.${name}`)}
                min={minimum}
                max={maximum}
                allowDecimal={false}
                clampBehavior="blur"
                value={canary[name]}
                onChange={(value) => typeof value === "number" && onChange({ ...canary, [name]: value })}
                data-testid={`canary-${name}`}
              />
            );
          })}
        </div>
      )}
    </div>
  );
}
