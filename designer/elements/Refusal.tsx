import { ApiFailure } from "../api/client.ts";
import classes from "./elements.module.css";

/** What the server has refused, in its words. */
export function Refusal({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <p role="alert" className={classes.refusal}>
      {error.message} {error instanceof ApiFailure ? error.hint : null}
    </p>
  );
}
