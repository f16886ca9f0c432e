import classes from "./actions.module.css";
import { caps } from "./keys.ts";

/** A key as the caps one presses. */
export const KeyCaps = ({ of: key }: { of: string }) => <Caps of={caps(key)} />;

export const Caps = ({ of: all }: { of: readonly string[] }) => (
  <span className={classes.caps}>
    {all.map((cap) => (
      <kbd key={cap} className={classes.cap}>
        {cap}
      </kbd>
    ))}
  </span>
);
