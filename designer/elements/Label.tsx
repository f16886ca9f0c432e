import type { ReactNode } from "react";
import classes from "./elements.module.css";

/** A small outlined word: a tag, a version, an outcome class. */
export function Label({ children, tone }: { children: ReactNode; tone?: "failed" | "waiting" | undefined }) {
  return (
    <span className={classes.label} data-tone={tone}>
      {children}
    </span>
  );
}
