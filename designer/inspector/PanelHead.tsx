import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./inspector.module.css";

interface PanelHeadProps {
  /** Stands before the words. */
  icon?: ReactNode;
  /** What the panel is of: a heading, and a line below it. */
  children: ReactNode;
  onClose: () => void;
}

/** Over what a panel beside the canvas tells: of what, and the way out. */
export function PanelHead({ icon, children, onClose }: PanelHeadProps) {
  const { t } = useTranslation();
  return (
    <header className={classes.head}>
      {icon}
      <div className={classes.headWords}>{children}</div>
      <ActionIcon aria-label={t("inspector.close")} onClick={onClose}>
        <X size={16} />
      </ActionIcon>
    </header>
  );
}
