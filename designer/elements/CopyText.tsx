import { ActionIcon, CopyButton } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./elements.module.css";
import { Hint } from "./Hint.tsx";

/** A value that people carry elsewhere, with a button to copy the whole of it. */
export function CopyText({ value, children }: { value: string; children?: ReactNode }) {
  return (
    <span className={classes.copy}>
      <span className="ol-mono ol-clip">{children ?? value}</span>
      <CopyAction value={value} what={value} />
    </span>
  );
}

/** A button that copies; `what` is named to those who do not see it. */
export function CopyAction({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Hint label={copied ? t("common.copied") : t("common.copy")}>
          <ActionIcon size="sm" onClick={copy} aria-label={t("common.copyNamed", { what })}>
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        </Hint>
      )}
    </CopyButton>
  );
}
