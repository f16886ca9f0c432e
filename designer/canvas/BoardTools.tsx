import { ActionIcon } from "@mantine/core";
import { type FitViewOptions, Panel, useReactFlow } from "@xyflow/react";
import { type LucideIcon, Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { type MouseEvent, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Hint } from "../elements/Hint.tsx";
import classes from "./board.module.css";

interface ToolProps {
  icon: LucideIcon;
  label: string;
  keys?: string;
  /** The key as people know it, where `keys` is written otherwise. */
  hint?: string;
  onClick: (event: MouseEvent<HTMLButtonElement>) => void;
  disabled?: boolean;
  /** Of a switch: whether it is on. */
  pressed?: boolean;
  testId?: string;
}

/** One button of the canvas' tools, with its key on hover. */
export function Tool({ icon: Icon, label, keys, hint = keys, onClick, disabled = false, pressed, testId }: ToolProps) {
  return (
    <Hint label={hint ? `${label} · ${hint}` : label}>
      <ActionIcon
        onClick={onClick}
        disabled={disabled}
        aria-label={label}
        aria-keyshortcuts={keys}
        aria-pressed={pressed}
        data-testid={testId}
        size={28}
        color="gray"
      >
        <Icon size={16} strokeWidth={1.75} />
      </ActionIcon>
    </Hint>
  );
}

/** The tools at the corner of the canvas. They stay as they are while something is dragged. */
export const BoardTools = memo(function BoardTools({ fit, children }: { fit: FitViewOptions; children: ReactNode }) {
  const { t } = useTranslation();
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  return (
    <Panel position="top-left">
      <div className={classes.tools} role="toolbar" aria-label={t("canvas.tools")}>
        {children}
        {children && <span className={classes.divider} />}
        <Tool icon={ZoomOut} label={t("canvas.zoomOut")} onClick={() => void zoomOut()} />
        <Tool icon={ZoomIn} label={t("canvas.zoomIn")} onClick={() => void zoomIn()} />
        <Tool icon={Maximize} label={t("canvas.fit")} onClick={() => void fitView(fit)} />
      </div>
    </Panel>
  );
});
