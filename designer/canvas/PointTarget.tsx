import type { ComponentProps } from "react";
import type { Point } from "./editing.ts";

/** A point of the window, for what opens there. It takes a button to say of itself that something is open. */
export const PointTarget = ({ at, label, ...target }: { at: Point; label: string } & ComponentProps<"button">) => (
  <button
    {...target}
    type="button"
    tabIndex={-1}
    aria-label={label}
    style={{ position: "fixed", left: at.clientX, top: at.clientY, width: 1, height: 1, padding: 0, border: 0, opacity: 0 }}
  />
);
