import classes from "./actions.module.css";
import { caps } from "./keys.ts";

/** A key as the caps one presses. */
export const KeyCaps = ({ of: key }: { of: string }) => (
  <span className={classes.caps}>
    {caps(key).map((cap) => (
      <kbd key={cap} className={classes.cap}>
        {cap}
      </kbd>
    ))}
  </span>
);
