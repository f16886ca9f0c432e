import { createContext, type ReactNode, use } from "react";
import classes from "./elements.module.css";

const ReadOnlyContext = createContext(false);

/** For fields that the browser's own `disabled` does not reach. */
export const useReadOnly = (): boolean => use(ReadOnlyContext);

/** Fields that are to be read: what can be typed into or pressed inside is off, and stays as legible as it was. */
export function ReadOnly({ on, children }: { on: boolean; children: ReactNode }) {
  if (!on) return children;
  return (
    <ReadOnlyContext value={true}>
      <fieldset disabled className={classes.readOnly}>
        {children}
      </fieldset>
    </ReadOnlyContext>
  );
}
