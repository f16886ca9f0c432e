import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./elements.module.css";

const step = 24;

interface Bounds {
  least: number;
  most: number;
}

/** The width of a side panel in pixels, kept in this browser under `name`. */
export function usePanelWidth(name: string, initial: number, { least, most }: Bounds): [number, (width: number) => void] {
  const key = `orderloom.width.${name}`;
  const clamp = (width: number) => Math.min(most, Math.max(least, Math.round(width)));
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(key)) || initial));
  const change = (next: number) => {
    const clamped = clamp(next);
    localStorage.setItem(key, String(clamped));
    setWidth(clamped);
  };
  return [width, change];
}

interface SeparatorProps extends Bounds {
  width: number;
  onWidth: (width: number) => void;
}

/** The line between the canvas and the panel at its right: drag it, or move it with the arrow keys. */
export function Separator({ width, onWidth, least, most }: SeparatorProps) {
  const { t } = useTranslation();
  const drag = (event: PointerEvent<HTMLHRElement>) => {
    const line = event.currentTarget;
    const start = event.clientX;
    line.setPointerCapture(event.pointerId);
    const follow = (move: globalThis.PointerEvent) => onWidth(width + start - move.clientX);
    line.addEventListener("pointermove", follow);
    line.addEventListener("lostpointercapture", () => line.removeEventListener("pointermove", follow), { once: true });
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") onWidth(width + step);
    else if (event.key === "ArrowRight") onWidth(width - step);
    else return;
    event.preventDefault();
  };
  return (
    <hr
      className={classes.separator}
      aria-orientation="vertical"
      aria-label={t("common.resize")}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={move}
    />
  );
}
